"""The active faults on the wire of one connection, in virtual time and in live sessions.

A message passes them one after another, in the order in which they were injected: each may drop it, hold it, or change
it. What the last one passes is delivered.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from .parameters import matcher
from .seams import ActiveFault, Direction, MessageInfo, Overtaking, WireFault, WireFilter

Damage = Literal["corrupt", "truncate"]


@dataclass(slots=True, eq=False)
class InFlight:
    """A message that was sent and is not yet delivered, and what the faults passed so far have done to it."""

    info: MessageInfo
    message: Any
    copies: int = 1
    delay_us: int = 0
    overtaken: Overtaking | None = None
    passed: int = 0
    """How many of those that are to overtake it have."""
    damage: Damage | None = None


class WireFaults:
    """The active faults, and the messages that they hold.

    ``now`` gives the time in microseconds, ``later`` calls a function after a time in microseconds, ``damage`` gives
    what arrives in place of a message, and ``deliver`` gets each message that arrives, with its delay in microseconds;
    all messages behind it must wait as long.
    """

    def __init__(
        self,
        now: Callable[[], int],
        later: Callable[[int, Callable[[], None]], None],
        damage: Callable[[Direction, Any, Damage], Any],
        deliver: Callable[[Direction, Any, int], None],
    ) -> None:
        self.held_bytes: dict[Direction, int] = {"up": 0, "down": 0}
        """Bytes that faults hold until they end, by direction."""
        self._now = now
        self._later = later
        self._damage = damage
        self._deliver = deliver
        self._faults: dict[ActiveFault, tuple[int, WireFilter]] = {}
        """Each with its number among all that were ever injected, from 1."""
        self._injected = 0
        self._held: dict[ActiveFault, deque[InFlight]] = {}
        self._overtaken: dict[Direction, list[InFlight]] = {"up": [], "down": []}

    def __bool__(self) -> bool:
        return bool(self._faults)

    @property
    def answers_close(self) -> bool:
        """Whether the client's Close is answered."""
        return all(isinstance(each.fault, WireFault) and each.fault.answers_close for each in self._faults)

    def inject(self, active: ActiveFault) -> None:
        """Start a :class:`WireFault`."""
        assert isinstance(active.fault, WireFault)
        self._injected += 1
        self._faults[active] = self._injected, active.fault.begin(active.rng)
        self._held[active] = deque()

    def release(self, active: ActiveFault) -> None:
        """End a fault, if it is active; the messages it holds go on to the faults injected after it."""
        if active not in self._faults:
            return
        number, _ = self._faults.pop(active)
        for flying in self._held.pop(active):
            self._let_go(flying, number)
        if not self._faults:
            for waiting in self._overtaken.values():
                for flying in list(waiting):
                    self._give_up(flying)

    def send(self, info: MessageInfo, message: Any) -> None:
        """Pass a message through the faults, and deliver what they let through."""
        self._pass_on(InFlight(info, message), 0)

    def _pass_on(self, flying: InFlight, after: int) -> None:
        """Through the faults with a number above ``after``."""
        for active, (number, wire_filter) in list(self._faults.items()):
            if number <= after:
                continue
            delivery = wire_filter(flying.info, self._now())
            if not delivery.copies:
                return
            flying.copies *= delivery.copies
            if flying.overtaken is None and delivery.overtaken:
                flying.overtaken = delivery.overtaking
            flying.damage = flying.damage or delivery.damage
            if delivery.held:
                self._hold(flying, active, delivery.delay_us)
                return
            flying.delay_us += delivery.delay_us
        if flying.overtaken is not None:
            self._overtaken[flying.info.direction].append(flying)
            self._later(flying.overtaken.within_us, lambda: self._give_up(flying))
        else:
            self._arrive(flying)
            self._overtake(flying.info)

    def _hold(self, flying: InFlight, active: ActiveFault, at_most_us: int) -> None:
        self._held[active].append(flying)
        self.held_bytes[flying.info.direction] += flying.info.size_bytes
        if at_most_us:
            self._later(at_most_us, lambda: self._overdue(flying, active))

    def _overdue(self, flying: InFlight, active: ActiveFault) -> None:
        if active in self._faults and flying in self._held[active]:
            self._held[active].remove(flying)
            self._let_go(flying, self._faults[active][0])

    def _let_go(self, flying: InFlight, number: int) -> None:
        self.held_bytes[flying.info.direction] -= flying.info.size_bytes
        self._pass_on(flying, number)

    def _overtake(self, passing: MessageInfo) -> None:
        """A message arrived: deliver those that enough others have overtaken now, in their order."""
        waiting = self._overtaken[passing.direction]
        for each in list(waiting):
            overtaking = each.overtaken
            assert overtaking is not None
            if overtaking.events == "*" or (passing.kind is not None and matcher(overtaking.events)(passing.kind)):
                each.passed += 1
                if each.passed >= overtaking.times:
                    waiting.remove(each)
                    self._arrive(each)

    def _give_up(self, flying: InFlight) -> None:
        """Deliver a message that was not overtaken in time."""
        if flying in self._overtaken[flying.info.direction]:
            self._overtaken[flying.info.direction].remove(flying)
            self._arrive(flying)

    def _arrive(self, flying: InFlight) -> None:
        direction, message = flying.info.direction, flying.message
        if flying.damage is not None:
            message = self._damage(direction, message, flying.damage)
        for _ in range(flying.copies):
            self._deliver(direction, message, flying.delay_us)


def damaged_text(text: bytes, damage: Damage) -> bytes:
    """The text of an event as it arrives damaged. It stays UTF-8, or it would be no text message.

    ``truncate`` leaves the first half; ``corrupt`` puts a ``~``, which no base64 has, at two thirds.
    """
    characters = text.decode()
    if damage == "truncate":
        return characters[: len(characters) // 2].encode()
    place = 2 * len(characters) // 3
    return (characters[:place] + "~" + characters[place + 1 :]).encode()

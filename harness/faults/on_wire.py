"""The faults that are on the wire of one connection, on every stage.

A message goes by them one after another, in the order in which they struck: each may lose it, keep it for a while, or
change it. What the last one lets pass arrives.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from harness.faults.seams import Carriage, Direction, Passage, Struck, WireFault
from harness.units import SECOND

OVERTAKEN_US = SECOND
"""A message that is to be overtaken arrives after this, if no other has passed."""

Damage = Literal["corrupt", "truncate"]


@dataclass(slots=True, eq=False)
class _Journey:
    """A message on its way, and what has become of it so far."""

    passage: Passage
    message: Any
    copies: int = 1
    delay_us: int = 0
    overtaken: bool = False
    damage: Damage | None = None


class WireFaults:
    """The faults in force, and what they keep.

    ``now`` gives the time in microseconds, ``later`` does something after a time; ``damage`` gives what arrives in
    place of a message; ``let_pass`` is given what arrives, with its delay: all behind it must wait as well.
    """

    def __init__(
        self,
        now: Callable[[], int],
        later: Callable[[int, Callable[[], None]], None],
        damage: Callable[[Direction, Any, Damage], Any],
        let_pass: Callable[[Direction, Any, int], None],
    ) -> None:
        self.held_bytes: dict[Direction, int] = {"up": 0, "down": 0}
        """What faults keep until they end, by direction."""
        self._now = now
        self._later = later
        self._damage = damage
        self._let_pass = let_pass
        self._faults: dict[Struck, tuple[int, Carriage]] = {}
        """With the place of each among all that ever struck."""
        self._places = 0
        self._held: dict[Struck, deque[_Journey]] = {}
        self._overtaken: dict[Direction, list[_Journey]] = {"up": [], "down": []}

    def __bool__(self) -> bool:
        return bool(self._faults)

    @property
    def answers_close(self) -> bool:
        """Whether a Close of the client is answered."""
        return all(isinstance(each.fault, WireFault) and each.fault.answers_close for each in self._faults)

    def strike(self, struck: Struck) -> None:
        """A :class:`WireFault` begins."""
        assert isinstance(struck.fault, WireFault)
        self._places += 1
        self._faults[struck] = self._places, struck.fault.begin(struck.rng)
        self._held[struck] = deque()

    def release(self, struck: Struck) -> None:
        """A fault ends, if it is on the wire; what it keeps goes on its way, by those that struck after it."""
        if struck not in self._faults:
            return
        place, _ = self._faults.pop(struck)
        for journey in self._held.pop(struck):
            self._let_go(journey, place)
        if not self._faults:
            for direction in self._overtaken:
                self._overtake(direction)

    def carry(self, passage: Passage, message: Any) -> None:
        """A message is sent."""
        self._go_on(_Journey(passage, message), 0)

    def _go_on(self, journey: _Journey, place: int) -> None:
        """By the faults that struck after the one with this place."""
        for struck, (its_place, carriage) in list(self._faults.items()):
            if its_place <= place:
                continue
            fate = carriage(journey.passage, self._now())
            if not fate.copies:
                return
            journey.copies *= fate.copies
            journey.overtaken = journey.overtaken or fate.overtaken
            journey.damage = journey.damage or fate.damage
            if fate.held:
                self._hold(journey, struck, fate.delay_us)
                return
            journey.delay_us += fate.delay_us
        if journey.overtaken:
            self._overtaken[journey.passage.direction].append(journey)
            self._later(OVERTAKEN_US, lambda: self._overtake(journey.passage.direction, journey))
        else:
            self._arrive(journey)
            self._overtake(journey.passage.direction)

    def _hold(self, journey: _Journey, struck: Struck, at_most_us: int) -> None:
        self._held[struck].append(journey)
        self.held_bytes[journey.passage.direction] += journey.passage.size_bytes
        if at_most_us:
            self._later(at_most_us, lambda: self._overdue(journey, struck))

    def _overdue(self, journey: _Journey, struck: Struck) -> None:
        if struck in self._faults and journey in self._held[struck]:
            self._held[struck].remove(journey)
            self._let_go(journey, self._faults[struck][0])

    def _let_go(self, journey: _Journey, place: int) -> None:
        self.held_bytes[journey.passage.direction] -= journey.passage.size_bytes
        self._go_on(journey, place)

    def _overtake(self, direction: Direction, journey: _Journey | None = None) -> None:
        """Those that were to be overtaken arrive, if ``journey`` is still among them."""
        if journey is None or journey in self._overtaken[direction]:
            late, self._overtaken[direction] = self._overtaken[direction], []
            for each in late:
                self._arrive(each)

    def _arrive(self, journey: _Journey) -> None:
        direction, message = journey.passage.direction, journey.message
        if journey.damage is not None:
            message = self._damage(direction, message, journey.damage)
        for _ in range(journey.copies):
            self._let_pass(direction, message, journey.delay_us)

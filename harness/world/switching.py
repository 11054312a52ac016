"""The user switches to another app and comes back: what that does to capture, playback, timers and the connection."""

from typing import Any

from harness.clients.interface import AppState
from harness.faults import Fault, Struck
from harness.faults.parameters import given
from harness.faults.reset import Reset
from harness.faults.stall import Stall
from harness.faults.suspended import Suspended
from harness.journal import Journal
from harness.scenario.model import App
from harness.scenario.profiles import PROFILES, Delivered, Profile, deliveries
from harness.world.microphone import Microphone
from harness.world.network import Network
from harness.world.scheduler import Scheduler
from harness.world.seeds import generator
from harness.world.speaker import Speaker
from harness.world.tested import TestedClient

_ANY = Profile("Any app", capture=())
"""Of a step without a profile."""


class Switching:
    """Plays ``app:`` steps. What begins on the return does not begin after the heal."""

    def __init__(
        self,
        scheduler: Scheduler,
        journal: Journal,
        microphone: Microphone,
        speaker: Speaker,
        network: Network,
        tested: TestedClient,
        *,
        seed: int,
    ) -> None:
        self._scheduler = scheduler
        self._journal = journal
        self._microphone = microphone
        self._speaker = speaker
        self._network = network
        self._tested = tested
        self._seed = seed
        self._healed = False

    def leave(self, action: App, identity: str) -> None:
        """The app goes to the background, and comes back by itself. ``identity`` seeds the draws."""
        now, away_us = self._scheduler.now, action.lasts_us
        profile = _ANY if action.profile is None else PROFILES[action.profile]
        playback = action.playback or (profile.playback.value if profile.playback else "keeps")
        named = {} if action.profile is None else {"profile": action.profile}
        self._journal.write(
            now, "fault", "app", length_us=away_us, capture=action.capture or "keeps", playback=playback, **named
        )
        if action.capture == "suspended":
            self._fail(Delivered(0, Suspended(), away_us), identity)
        elif action.capture is None:
            for index, delivered in enumerate(deliveries(profile, away_us)):
                self._note_and_fail(delivered, f"{identity}/{index}")
        if playback == "suspended":
            self._speaker.suspend()
        self._tested.tell(AppState(foreground=False))
        if profile.timers is not None:
            self._tested.throttle(profile.timers.value)
            if profile.timers.value.granule_us is None:
                self._strike(Stall(), away_us, identity)
        dies = profile.socket_dies is not None and profile.socket_dies.value
        self._scheduler.at(now + away_us, lambda _: self._come_back(identity, dies))

    def heal(self) -> None:
        """Timers run as they should, and nothing more begins."""
        self._healed = True
        self._tested.throttle(None)

    def _come_back(self, identity: str, dies: bool) -> None:
        self._tested.throttle(None)
        self._tested.tell(AppState(foreground=True))
        if dies and not self._healed:
            self._strike(Reset(), None, identity)

    def _note_and_fail(self, delivered: Delivered, identity: str) -> None:
        """A fault that the profile tells of: the journal has it by its own name, at its own time."""

        def strike(_: object) -> None:
            if not self._healed:
                self._note(delivered.fault, delivered.lasts_us)
                self._fail(delivered, identity)

        if delivered.at_us:
            self._scheduler.at(self._scheduler.now + delivered.at_us, strike)
        else:
            strike(None)

    def _fail(self, delivered: Delivered, identity: str) -> None:
        now, lasts_us = self._scheduler.now, delivered.lasts_us
        struck = Struck(delivered.fault, generator(self._seed, f"fault/{identity}"))
        self._microphone.fail(struck, None if lasts_us is None else now + lasts_us)

    def _strike(self, fault: Fault, lasts_us: int | None, identity: str) -> None:
        self._note(fault, lasts_us)
        self._network.strike(Struck(fault, generator(self._seed, f"fault/{identity}/{fault.name}")), lasts_us)

    def _note(self, fault: Fault, lasts_us: int | None) -> None:
        self._journal.write(self._scheduler.now, "fault", fault.name, length_us=lasts_us, **parameters_of(fault))


def parameters_of(fault: Fault) -> dict[str, Any]:
    """What the journal says of a fault's parameters."""
    changed = given(fault)
    return {"parameters": changed} if changed else {}

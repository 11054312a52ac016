"""An app switch and the return: its effects on capture, playback, timers and the connection."""

from msgspec import UNSET

from ..clients.interface import AppState
from ..faults import ActiveFault, Fault
from ..faults.ice_lost import IceLost
from ..faults.parameters import given
from ..faults.reset import Reset
from ..faults.stall import Stall
from ..faults.suspended import Suspended
from ..journal import FaultInjected, Journal
from ..scenario.model import App
from ..scenario.profiles import PROFILES, CaptureFault, Profile, capture_faults
from .microphone import Microphone
from .network import Network
from .scheduler import Scheduler
from .seeds import generator
from .speaker import Speaker
from .tested_part import TestedPart

_ANY = Profile("Any app", capture=())
"""The profile of a step that names none."""


class Switching:
    """Plays ``app:`` steps. After the heal, a return starts no new faults."""

    def __init__(
        self,
        scheduler: Scheduler,
        journal: Journal,
        microphone: Microphone,
        speaker: Speaker,
        network: Network,
        tested: TestedPart,
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
        """The app goes to the background, and returns after the step's length. ``identity`` seeds the random values."""
        now, away_us = self._scheduler.now, action.lasts_us
        profile = _ANY if action.profile is None else PROFILES[action.profile]
        playback = action.playback or (profile.playback.value if profile.playback else "keeps")
        self._journal.add(
            FaultInjected(
                t=now,
                kind="app",
                length_us=away_us,
                capture=action.capture or "keeps",
                playback=playback,
                profile=UNSET if action.profile is None else action.profile,
            )
        )
        really = self._tested.switch(action)
        if "capture" in really:
            pass
        elif action.capture == "suspended":
            self._fail(CaptureFault(0, Suspended(), away_us), identity)
        elif action.capture is None:
            for index, failure in enumerate(capture_faults(profile, away_us)):
                self._note_and_fail(failure, f"{identity}/{index}")
        if playback == "suspended" and "playback" not in really:
            self._speaker.suspend()
        self._tested.tell(AppState(foreground=False))
        if profile.timers is not None and "timers" not in really:
            self._tested.throttle(profile.timers.value)
            if profile.timers.value.granule_us is None:
                self._inject(IceLost() if self._network.is_by_call else Stall(), away_us, identity)
        dies = profile.socket_dies is not None and profile.socket_dies.value and "connection" not in really
        self._scheduler.at(now + away_us, lambda _: self._come_back(identity, dies))

    def heal(self) -> None:
        """Timers are on time again, and no more faults start."""
        self._healed = True
        self._tested.throttle(None)

    def _come_back(self, identity: str, dies: bool) -> None:
        self._tested.throttle(None)
        self._tested.tell(AppState(foreground=True))
        if dies and not self._healed and not self._network.is_by_call:  # a call outlives a page that is frozen
            self._inject(Reset(), None, identity)

    def _note_and_fail(self, failure: CaptureFault, identity: str) -> None:
        """Start a fault of the profile at its time, and write it to the journal under its own name."""

        def begin(_: object) -> None:
            if not self._healed:
                self._note(failure.fault, failure.lasts_us)
                self._fail(failure, identity)

        if failure.at_us:
            self._scheduler.at(self._scheduler.now + failure.at_us, begin)
        else:
            begin(None)

    def _fail(self, failure: CaptureFault, identity: str) -> None:
        now, lasts_us = self._scheduler.now, failure.lasts_us
        active = ActiveFault(failure.fault, generator(self._seed, f"fault/{identity}"))
        self._microphone.fail(active, None if lasts_us is None else now + lasts_us)

    def _inject(self, fault: Fault, lasts_us: int | None, identity: str) -> None:
        self._note(fault, lasts_us)
        self._network.inject(ActiveFault(fault, generator(self._seed, f"fault/{identity}/{fault.name}")), lasts_us)

    def _note(self, fault: Fault, lasts_us: int | None) -> None:
        self._journal.add(fault_injected(fault, self._scheduler.now, lasts_us))


def fault_injected(fault: Fault, now: int, lasts_us: int | None) -> FaultInjected:
    """The journal entry for a fault that starts now."""
    return FaultInjected(t=now, kind=fault.name, length_us=lasts_us, parameters=given(fault) or UNSET)

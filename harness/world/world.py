"""The world of one run: the parts around the part under test, and the calls between them.

A run has two phases. In the first one the steps of the scenario are played. Then the world heals: faults with an end
have ended, and new connections are healthy. A connection with a permanent fault, a dead capture path and a suspended
output stay broken until the client renews them. From then on a persistent user holds a conversation
(:mod:`harness.world.user`). The run is over when that is, or when nothing was answered in the time to recover.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..audio.formats import SAMPLE_RATE_HZ, Samples
from ..clients.interface import Signal
from ..errors import SettingError
from ..faults import ActiveFault, SourceFault
from ..journal import (
    AudioNodeCollected,
    FaultWithoutConnection,
    Journal,
    RoomNoise,
    RunEnded,
    StepMissing,
    StepsBegin,
    WorldHealed,
)
from ..protocol.events import Event, TranscriptionCompleted, event_type
from ..scenario.model import Action, App, Emit, Inject, Noise, PageStep, Say, Scenario
from ..server.detection import TURN_DETECTION
from ..server.session import SessionSetup
from ..units import SECOND
from . import sounds
from .audible import audible, probe_audible
from .bounds import answer_within_us
from .call_speaker import CallSpeaker
from .hands import Hands
from .microphone import Microphone
from .network import Network
from .scheduler import Scheduler
from .seeds import generator, seed_of
from .speaker import Speaker
from .switching import Switching, fault_injected
from .tested_part import TestedPart
from .timeline import Occurrence, Timeline
from .user import PersistentUser, speaks
from .voices import voice_of

DEFAULT_PROBE = Say("speech_en_f_arctic_a0009")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The parts of a world that a part under test works with."""

    scheduler: Scheduler
    journal: Journal
    microphone: Microphone
    speaker: Speaker
    network: Network
    chunk_us: int
    """The length of the chunks that the microphone delivers, in microseconds."""


class World:
    """All parts of one run, and the calls between them. ``make_tested`` makes the part under test.

    ``epoch_s`` is the Unix time at the start, for what the server says of its sessions; 0: they begin at no date.
    ``plays_calls``: the world plays the audio of calls, as a browser does; an app that makes real calls does it itself.
    """

    def __init__(
        self,
        scenario: Scenario,
        make_tested: Callable[[Surroundings], TestedPart],
        detector: str,
        seed: int,
        journal: Journal,
        *,
        chunk_us: int,
        scheduler: Scheduler | None = None,
        epoch_s: int = 0,
        plays_calls: bool = True,
    ) -> None:
        self.scenario = scenario
        self.seed = seed
        self.detector = detector
        self.journal = journal
        self.scheduler = scheduler or Scheduler()
        self.timeline = Timeline(scenario, self.scheduler, journal, self._act, self._holds)
        self.network = Network(
            self.scheduler,
            journal,
            session_setup(scenario, detector),
            lambda event: self.timeline.event(event_type(event)),
            self._arrived,
            seed=seed,
            latency_us=scenario.latency_us,
            jitter_us=scenario.jitter_us,
            epoch_s=epoch_s,
        )
        parts = self.scheduler, journal, self.network.sent, self._tell, self._heard, self._answer_began
        calls = plays_calls and scenario.transport == "webrtc"
        self.speaker = CallSpeaker(*parts) if calls else Speaker(*parts)
        if isinstance(self.speaker, CallSpeaker):
            self.network.call_speaker = self.speaker
        self.speaker.keeps_audio = any(_hears_speaker(step.action) for step in scenario.timeline)
        self.microphone = Microphone(scenario.room_dbfs, seed, chunk_us=chunk_us, playing=self.speaker.audio)
        self.microphone.on_collected = self._source_collected
        self.tested = make_tested(
            Surroundings(self.scheduler, journal, self.microphone, self.speaker, self.network, chunk_us)
        )
        self.switching = Switching(
            self.scheduler, journal, self.microphone, self.speaker, self.network, self.tested, seed=seed
        )
        _check_page(scenario, self.tested)
        self.hands = Hands(self.scheduler, self._tell)
        self.user: PersistentUser | None = None
        self._answers_begun: set[str] = set()
        self._injected: dict[ActiveFault, tuple[str, int | None, int]] = {}
        """For each fault: the step that injected it, its line, and when (microseconds)."""

    def _source_collected(self) -> None:
        self.journal.add(AudioNodeCollected(t=self.scheduler.now, node="MediaStreamAudioSource"))

    def prepare(self) -> None:
        """Make all sounds of the run now: on the wall clock there is no time for that while it runs."""
        for occurrence in self.timeline.occurrences:
            action = occurrence.step.action
            if isinstance(action, Say):
                sounds.speech(action, self.scenario.base, self.seed)
                audible(action, *self._hearing())
            elif isinstance(action, Noise):
                self._noise(action, occurrence.identity)
        say = self._last_said()
        sounds.probe(say, self.scenario.base, self.seed)
        probe_audible(say, *self._hearing())

    def begin(self, *, with_steps: bool = True) -> None:
        """Begin the run: everything that follows is in the scheduler, which is stopped at the end.

        Without the steps, call :meth:`begin_steps` later: their times count from then.
        """
        if with_steps:
            self.timeline.begin()
        self.tested.begin()
        self.scheduler.at(0, self._check_heal)

    def begin_steps(self, *, steady: bool) -> None:
        """The steps begin; ``steady``: the part under test sends audio without a gap."""
        self.journal.add(StepsBegin(t=self.scheduler.now, steady=steady))
        self.timeline.begin()

    def end(self) -> None:
        """The scheduler was stopped: write the end of the journal."""
        self.tested.end()
        self.journal.add(RunEnded(t=self.scheduler.now))

    def _tell(self, message: Signal) -> None:
        self.tested.tell(message)

    def _arrived(self, event: Event) -> None:
        if isinstance(event, TranscriptionCompleted) and self.scenario.server.session == "transcription":
            self._heard()

    # --- phases ---

    def _check_heal(self, _: object) -> None:
        now = self.scheduler.now
        due = self.timeline.heal_at()
        if due is None and now >= self.timeline.give_up_at():
            due = now
        if due is not None and now >= due:
            self._heal()
        else:
            self.scheduler.at(now + SECOND // 4 if due is None else due, self._check_heal)

    def _heal(self) -> None:
        now = self.scheduler.now
        self.timeline.close()
        for occurrence in self.timeline.missing:
            self.journal.add(StepMissing(t=now, step=occurrence.name, line=occurrence.step.line))
        self.journal.add(WorldHealed(t=now))
        self.microphone.heal()
        self.switching.heal()
        for active in self.network.heal():
            name, line, struck_us = self._injected[active]
            self.journal.add(FaultWithoutConnection(t=now, step=name, line=line, struck_us=struck_us))
        say = self._last_said()
        self.user = PersistentUser(
            self.scheduler,
            self.journal,
            sounds.probe(say, self.scenario.base, self.seed),
            self._say,
            lambda: self.speaker.playing,
            lambda: self._end_at(self.timeline.deadline()),
            within_us=answer_within_us(self.scenario),
            audible=probe_audible(say, *self._hearing()),
        )
        self.user.begin()
        self.scheduler.at(now + self.scenario.recover_within_us, self._check_recovery)

    def _check_recovery(self, _: object) -> None:
        """The time to recover is over."""
        if self.user is None or not self.user.answered:
            self.scheduler.stop()

    def _say(self, now: int, samples: Samples) -> None:
        """The user speaks in the room, and holds the button meanwhile."""
        self.microphone.sound(now, samples)
        self.hands.speaks(now, len(samples) * SECOND // SAMPLE_RATE_HZ)

    def _noise(self, action: Noise, identity: str) -> Samples:
        return sounds.noise(action, self.scenario.base, seed_of(self.seed, f"noise/{identity}"))

    def _hearing(self) -> tuple[Path | None, int, str, float, float]:
        """What audibility depends on: where the file is, the seed, the detector, its threshold, the room."""
        threshold = {**TURN_DETECTION, **self.scenario.server.turn_detection}["threshold"]
        return self.scenario.base, self.seed, self.detector, threshold, self.scenario.room_dbfs

    def _heard(self) -> None:
        """The user heard an answer."""
        if self.user is not None:
            self.user.heard()

    def _end_at(self, time: int) -> None:
        """End the run at ``time`` (microseconds), or now if that is past."""
        if time <= self.scheduler.now:
            self.scheduler.stop()
        else:
            self.scheduler.at(time, lambda _: self.scheduler.stop())

    def _last_said(self) -> Say:
        """Of what the persistent user says a part: the last utterance of the scenario, at the same level."""
        said = [step.action for step in self.scenario.timeline if isinstance(step.action, Say)]
        return said[-1] if said else DEFAULT_PROBE

    # --- the timeline ---

    def _act(self, occurrence: Occurrence) -> int:
        """Play a step's action; returns its length in microseconds."""
        now, action = self.scheduler.now, occurrence.step.action
        if isinstance(action, Say):
            samples = sounds.speech(action, self.scenario.base, self.seed)
            length_us = speaks(self.journal, now, samples, audible=audible(action, *self._hearing())).length_us
            self._say(now, samples)
            return length_us
        if isinstance(action, Noise):
            samples = self._noise(action, occurrence.identity)
            self.microphone.sound(now, samples, action.lasts_us if sounds.repeats(action) else None)
            self.journal.add(RoomNoise(t=now, kind=action.kind, length_us=action.lasts_us))
            return action.lasts_us
        if isinstance(action, App):
            self.switching.leave(action, occurrence.identity)
            return action.lasts_us
        if isinstance(action, PageStep):
            self.tested.act(action)
            return action.lasts_us or 0
        if isinstance(action, Emit):
            self.network.emit(json.loads(action.event))
            return 0
        return self._inject(occurrence, action)

    def _inject(self, occurrence: Occurrence, action: Inject) -> int:
        now, fault = self.scheduler.now, action.fault
        self.journal.add(fault_injected(fault, now, action.lasts_us))
        active = ActiveFault(fault, generator(self.seed, f"fault/{occurrence.identity}"))
        if isinstance(fault, SourceFault):
            self.microphone.fail(active, None if action.lasts_us is None else now + action.lasts_us)
        else:
            self._injected[active] = occurrence.name, occurrence.step.line, now
            self.network.inject(active, action.lasts_us)
        return action.lasts_us or 0

    def _holds(self, assumption: str) -> bool:
        """Whether an ``assume:`` is true now."""
        connection = self.network.connection
        hears = connection is not None and connection.session.hearing.turn.speaking
        return {
            "assistant is speaking": self.speaker.playing,
            "assistant is silent": not self.speaker.playing,
            "server hears speech": hears,
            "server hears silence": connection is not None and not hears,
            "a response is active": connection is not None and connection.session.response is not None,
            "no response is active": connection is not None and connection.session.response is None,
            "connected": connection is not None,
            "disconnected": connection is None,
        }[assumption]

    def _answer_began(self, response_id: str, began: int) -> None:
        found = (each for each in self.network.open.values() if response_id in each.responses)
        connection = next(found, None)
        if connection is None or response_id in self._answers_begun:
            return
        self._answers_begun.add(response_id)
        self.timeline.answer_began(len(self._answers_begun), began + connection.responses[response_id])


def _hears_speaker(action: Action) -> bool:
    return isinstance(action, Inject) and isinstance(action.fault, SourceFault) and action.fault.hears_speaker


def _check_page(scenario: Scenario, tested: TestedPart) -> None:
    """Raise :exc:`SettingError` if the scenario acts on a page, and the part under test is none."""
    for step in scenario.timeline:
        if isinstance(step.action, PageStep) and not tested.is_page:
            where = "" if step.line is None else f" in line {step.line}"
            raise SettingError(
                f"the scenario {scenario.name!r} acts on a page{where} (`page: {step.action.does}`), and what is "
                "played is none; play it with --page URL, or leave the step out"
            )


def session_setup(scenario: Scenario, detector: str) -> SessionSetup:
    """The setup of a session, from a scenario's ``server:`` and the name of a detector."""
    server = scenario.server
    return SessionSetup(
        voice=voice_of(server, scenario.base),
        detector=detector,
        turn_detection=dict(server.turn_detection),
        policy=server.policy,
        model=server.model,
        kind=server.session,
        lasts_us=server.lasts_us,
    )

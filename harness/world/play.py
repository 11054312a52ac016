"""Plays a scenario against a client, in virtual time, and gives the journal.

A run has two phases. In the first the scenario's steps happen. Then everything heals that heals by itself: new
connections are healthy, faults with an end have ended; a connection once struck, a dead capture path and a suspended
output stay as they are until the client renews them. From then on a persistent user speaks, until an answer to
something said after the heal is heard or the time is up.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness import __version__
from harness.clients.interface import Client, Signal
from harness.clients.registry import ClientFactory, chunk_ms_of
from harness.faults import SourceFault, Struck
from harness.journal import Journal
from harness.protocol.events import Event
from harness.scenario.model import Action, App, Emit, Noise, Say, Scenario, Strike
from harness.server.detection import TURN_DETECTION
from harness.server.session import SessionSetup
from harness.units import MS, SECOND
from harness.world import sounds
from harness.world.answers import answers_heard
from harness.world.audible import audible
from harness.world.microphone import Microphone
from harness.world.network import Network
from harness.world.scheduler import Scheduler
from harness.world.seeds import generator, seed_of
from harness.world.speaker import Speaker
from harness.world.switching import Switching, parameters_of
from harness.world.tested import TestedClient
from harness.world.timeline import Occurrence, Timeline
from harness.world.user import PersistentUser, speaks
from harness.world.voices import voice_of

DEFAULT_PROBE = Say("speech_en_f_arctic_a0009")


@dataclass(frozen=True, slots=True)
class Run:
    """What came of playing a scenario."""

    scenario: Scenario
    client: str
    detector: str
    seed: int
    journal: Journal
    virtual_us: int


def play(
    scenario: Scenario,
    client: str,
    factory: ClientFactory,
    *,
    seed: int = 0,
    detector: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Run:
    """Play ``scenario`` against a new client.

    Ranges are taken at their middle. ``client`` is its name for the journal; ``settings`` change it beyond what the
    scenario changes. Raises :exc:`harness.errors.ClientError` if the client raises or misbehaves.
    """
    scenario = scenario.settled()
    changes = {**scenario.client, **(settings or {})}
    chosen = detector or scenario.server.detector
    header = {
        "version": __version__,
        "stage": "virtual",
        "scenario": scenario.name,
        "client": client,
        "settings": dict(sorted(changes.items())),
        "detector": chosen,
        "seed": seed,
        "recover_within_us": scenario.recover_within_us,
    }
    world = _World(scenario, factory(changes), chosen, seed, Journal(header))
    world.run()
    return Run(scenario, client, chosen, seed, world.journal, world.scheduler.now)


class _World:
    """Everything of one run; its methods are what the parts ask of each other."""

    def __init__(self, scenario: Scenario, client: Client, detector: str, seed: int, journal: Journal) -> None:
        self.scenario = scenario
        self.seed = seed
        self.detector = detector
        self.journal = journal
        self.scheduler = Scheduler()
        chunk_us = chunk_ms_of(client) * MS
        self.speaker = Speaker(self.scheduler, journal, self._tell, self._heard, self._answer_began)
        self.speaker.keeps_audio = any(_hears_speaker(step.action) for step in scenario.timeline)
        self.microphone = Microphone(scenario.room_dbfs, seed, chunk_us=chunk_us, playing=self.speaker.audio)
        self.timeline = Timeline(scenario, self.scheduler, journal, self._act, self._holds)
        self.network = Network(
            self.scheduler,
            journal,
            session_setup(scenario, detector),
            self._tell,
            self.timeline.event,
            seed=seed,
            latency_us=scenario.latency_us,
            jitter_us=scenario.jitter_us,
        )
        self.tested = TestedClient(
            client, self.scheduler, journal, self.microphone, self.speaker, self.network, chunk_us=chunk_us
        )
        self.switching = Switching(
            self.scheduler, journal, self.microphone, self.speaker, self.network, self.tested, seed=seed
        )
        self.user: PersistentUser | None = None
        self._answers_begun: set[str] = set()
        self._struck: dict[Struck, tuple[str, int | None, int]] = {}
        """The step that struck a fault, its line, and when."""

    def run(self) -> None:
        """From the first dial to the end."""
        self.timeline.begin()
        self.network.dial()
        self.tested.begin()
        self.scheduler.at(0, self._check_heal)
        self.scheduler.run()
        self.tested.end()
        self.journal.write(self.scheduler.now, "world", "end")

    def _tell(self, message: Event | Signal) -> None:
        self.tested.tell(message)

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
            self.journal.write(now, "world", "step_missing", step=occurrence.name, line=occurrence.step.line)
        self.journal.write(now, "world", "heal")
        self.microphone.heal()
        self.switching.heal()
        for struck in self.network.heal():
            name, line, struck_us = self._struck[struck]
            self.journal.write(now, "world", "no_connection", step=name, line=line, struck_us=struck_us)
        say = self._last_said()
        self.user = PersistentUser(
            self.scheduler,
            self.journal,
            sounds.speech(say, self.scenario.base, self.seed),
            self.microphone.sound,
            lambda: self.speaker.playing,
            audible=self._audible(say),
        )
        self.user.begin()
        self.scheduler.at(now + self.scenario.recover_within_us, lambda _: self.scheduler.stop())

    def _audible(self, say: Say) -> bool:
        threshold = {**TURN_DETECTION, **self.scenario.server.turn_detection}["threshold"]
        return audible(say, self.scenario.base, self.seed, self.detector, threshold, self.scenario.room_dbfs)

    def _heard(self, response_id: str) -> None:
        """The user heard an answer; it satisfies if it answers speech that began after the heal."""
        first = self.user.first_at if self.user else None
        if self.user is not None and first is not None and next(answers_heard(self.journal, first), None) is not None:
            self.user.end()
            self._end_at(max(self.scheduler.now, self.timeline.deadline()))

    def _end_at(self, time: int) -> None:
        """The run is over then: at once, or when the last expectation is due."""
        if time <= self.scheduler.now:
            self.scheduler.stop()
        else:
            self.scheduler.at(time, lambda _: self.scheduler.stop())

    def _last_said(self) -> Say:
        """What the persistent user says: what the scenario's user said last, as loud as that."""
        said = [step.action for step in self.scenario.timeline if isinstance(step.action, Say)]
        return said[-1] if said else DEFAULT_PROBE

    # --- the timeline ---

    def _act(self, occurrence: Occurrence) -> int:
        """Play a step's action; gives its length."""
        now, action = self.scheduler.now, occurrence.step.action
        if isinstance(action, Say):
            samples = sounds.speech(action, self.scenario.base, self.seed)
            self.microphone.sound(now, samples)
            return speaks(self.journal, now, samples, audible=self._audible(action))
        if isinstance(action, Noise):
            seed = seed_of(self.seed, f"noise/{occurrence.identity}")
            self.microphone.sound(now, sounds.noise(action, self.scenario.base, seed))
            self.journal.write(now, "room", action.kind, length_us=action.lasts_us)
            return action.lasts_us
        if isinstance(action, App):
            self.switching.leave(action, occurrence.identity)
            return action.lasts_us
        if isinstance(action, Emit):
            self.network.emit(json.loads(action.event))
            return 0
        return self._strike(occurrence, action)

    def _strike(self, occurrence: Occurrence, action: Strike) -> int:
        now, fault = self.scheduler.now, action.fault
        self.journal.write(now, "fault", fault.name, length_us=action.lasts_us, **parameters_of(fault))
        struck = Struck(fault, generator(self.seed, f"fault/{occurrence.identity}"))
        if isinstance(fault, SourceFault):
            self.microphone.fail(struck, None if action.lasts_us is None else now + action.lasts_us)
        else:
            self._struck[struck] = occurrence.name, occurrence.step.line, now
            self.network.strike(struck, action.lasts_us)
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
        connection = self.network.connection
        if connection is None or response_id not in connection.responses or response_id in self._answers_begun:
            return
        self._answers_begun.add(response_id)
        self.timeline.answer_began(len(self._answers_begun), began + connection.responses[response_id])


def _hears_speaker(action: Action) -> bool:
    return isinstance(action, Strike) and isinstance(action.fault, SourceFault) and action.fault.hears_speaker


def session_setup(scenario: Scenario, detector: str) -> SessionSetup:
    """What a session needs of a scenario's ``server:``."""
    server = scenario.server
    return SessionSetup(
        voice=voice_of(server, scenario.base),
        detector=detector,
        turn_detection=dict(server.turn_detection),
        policy=server.policy,
        model=server.model,
        lasts_us=server.lasts_us,
    )

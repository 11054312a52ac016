"""Plays a scenario against a client, in virtual time, and gives the journal.

A run has two phases. In the first the scenario's steps happen. Then everything heals that heals by itself: new
connections are healthy, faults with an end have ended; a connection once struck, a dead capture path and a suspended
output stay as they are until the client renews them. From then on a persistent user speaks, until an answer to
something said after the heal is heard or the time is up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness import __version__
from harness.audio.levels import rms_lsb
from harness.clients.interface import AppState, Closed, DialFailed, Opened
from harness.clients.registry import ClientFactory, chunk_ms_of
from harness.faults import MICROPHONE, NETWORK, SERVER, WireFault
from harness.faults.suspended import Suspended
from harness.journal import Journal
from harness.protocol.events import Event, ResponseOutputAudioDelta, event_type
from harness.protocol.summary import summary
from harness.scenario.model import App, Network, Noise, Say, Scenario, Server
from harness.scenario.model import Microphone as MicrophoneStep
from harness.server.session import Session, SessionSetup
from harness.server.voice import Voice, utterance
from harness.units import MS, SECOND
from harness.world import sounds
from harness.world.connection import Connection
from harness.world.microphone import Microphone
from harness.world.scheduler import Scheduler
from harness.world.seeds import generator, seed_of
from harness.world.speaker import Speaker
from harness.world.tested import TestedClient
from harness.world.timeline import Occurrence, Timeline
from harness.world.user import PersistentUser

DIAL_TIMEOUT_US = 5 * SECOND
"""A dial that nobody answers fails after this."""
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

    ``client`` is its name for the journal; ``settings`` change it beyond what the scenario changes. Raises
    :exc:`harness.errors.ClientError` if the client raises or misbehaves.
    """
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

    def __init__(self, scenario: Scenario, client: Any, detector: str, seed: int, journal: Journal) -> None:
        self.scenario = scenario
        self.seed = seed
        self.journal = journal
        self.scheduler = Scheduler()
        self.microphone = Microphone(scenario.room_dbfs, generator(seed, "room"))
        self.connection: Connection | None = None
        self.setup = session_setup(scenario, detector)
        self.speaker = Speaker(self.scheduler, journal, self._tell, self._heard, self._answer_began)
        self.timeline = Timeline(scenario, self.scheduler, journal, self._act, self._holds)
        self.tested = TestedClient(client, self, chunk_us=chunk_ms_of(client) * MS)
        self.user: PersistentUser | None = None
        self._probe = self._first_speech()
        self._dials = 0
        self._refusing_until = -1
        self._answers_begun: set[str] = set()
        self._healed_at: int | None = None

    def run(self) -> None:
        """From the first dial to the end."""
        self.timeline.begin()
        self.dial()
        self.tested.begin()
        self.scheduler.at(0, self._check_heal)
        self.scheduler.run()
        self.tested.end()
        self.journal.write(self.scheduler.now, "world", "end")

    def _tell(self, message: Any) -> None:
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
        self._healed_at = now
        for occurrence in self.timeline.missing:
            self.journal.write(now, "world", "step_missing", step=occurrence.name, line=occurrence.step.line)
        self.journal.write(now, "world", "heal")
        self.microphone.heal(now)
        self._refusing_until = now
        samples = sounds.speech(self._probe, self.scenario.base, self.seed)
        length_us = len(samples) * SECOND // 24_000
        self.user = PersistentUser(
            self.scheduler, self.journal, samples, length_us, self.microphone.sound, lambda: self.speaker.playing
        )
        self.user.begin()
        self.scheduler.at(now + self.scenario.recover_within_us, self._time_up)

    def _time_up(self, _: object) -> None:
        self.scheduler.stop()

    def _heard(self, response_id: str) -> None:
        """The user heard an answer; it satisfies if it answers speech that began after the heal."""
        first = self.user.first_at if self.user else None
        if first is None or self.connection is None:
            return
        item_id = self.connection.answers.get(response_id)
        if item_id is not None and self.connection.heard_at.get(item_id, -1) >= first:
            self.scheduler.stop()

    def _first_speech(self) -> Say:
        """What the persistent user says: what the scenario's user said last, as loud as that."""
        said = [step.action for step in self.scenario.timeline if isinstance(step.action, Say)]
        return said[-1] if said else DEFAULT_PROBE

    # --- the timeline ---

    def _act(self, occurrence: Occurrence) -> int:
        """Play a step's action; gives its length."""
        now, action = self.scheduler.now, occurrence.step.action
        if isinstance(action, Say):
            samples = sounds.speech(action, self.scenario.base, self.seed)
            length = len(samples) * SECOND // 24_000
            self.microphone.sound(now, samples)
            rms = round(rms_lsb(samples), 1)
            self.journal.write(now, "user", "speaks", length_us=length, rms=rms, probe=False)
            return length
        if isinstance(action, Noise):
            name = f"noise/{occurrence.index}/{occurrence.turn}"
            self.microphone.sound(now, sounds.noise(action, self.scenario.base, seed_of(self.seed, name)))
            self.journal.write(now, "room", action.kind, length_us=action.lasts_us)
            return action.lasts_us
        return self._fail(occurrence, action)

    def _fail(self, occurrence: Occurrence, action: MicrophoneStep | App | Network | Server) -> int:
        now = self.scheduler.now
        if isinstance(action, App):
            self._switch_app(action)
            return action.lasts_us
        self.journal.write(now, "fault", action.fault, length_us=action.lasts_us)
        if isinstance(action, MicrophoneStep):
            rng = generator(self.seed, f"fault/{occurrence.index}/{occurrence.turn}")
            fault = MICROPHONE[action.fault](rng, peak_lsb=action.peak_lsb)
            self.microphone.fail(fault, None if action.lasts_us is None else now + action.lasts_us)
        elif self.connection is None or not self.connection.open:
            self.journal.write(now, "world", "no_connection", step=occurrence.name)
        elif isinstance(action, Network):
            self._strike_network(NETWORK[action.fault](), action.lasts_us)
        else:
            self._strike(SERVER[action.fault](), action.lasts_us)
        return action.lasts_us or 0

    def _switch_app(self, action: App) -> None:
        now = self.scheduler.now
        self.journal.write(
            now, "fault", "app", length_us=action.lasts_us, capture=action.capture, playback=action.playback
        )
        if action.capture == "suspended":
            rng = generator(self.seed, "app")
            self.microphone.fail(Suspended(rng), now + action.lasts_us)
        if action.playback == "suspended":
            self.speaker.suspend()
        self.tested.tell(AppState(foreground=False))
        self.scheduler.at(now + action.lasts_us, lambda _: self.tested.tell(AppState(foreground=True)))

    def _strike(self, fault: Any, lasts_us: int | None) -> None:
        connection = self.connection
        assert connection is not None
        connection.strike(fault)
        if lasts_us is not None:
            self.scheduler.at(self.scheduler.now + lasts_us, lambda _: connection.release(fault))

    def _strike_network(self, fault: WireFault, lasts_us: int) -> None:
        connection = self.connection
        assert connection is not None
        if fault.refuses:
            self._refusing_until = max(self._refusing_until, self.scheduler.now + lasts_us)
        if fault.kills:
            self._lose(connection, Closed(1006, "connection reset"))
        elif fault.permanent:
            connection.strike(fault)
        else:
            self._strike(fault, lasts_us)

    def _holds(self, assumption: str) -> bool:
        """Whether an ``assume:`` is true now."""
        connected = self.connection is not None and self.connection.open
        hears = connected and self.connection is not None and self.connection.session.hearing.turn.speaking
        return {
            "assistant is speaking": self.speaker.playing,
            "assistant is silent": not self.speaker.playing,
            "server hears speech": hears,
            "server hears silence": connected and not hears,
            "connected": connected,
        }[assumption]

    def _answer_began(self, response_id: str, began: int) -> None:
        connection = self.connection
        if connection is None or response_id not in connection.responses or response_id in self._answers_begun:
            return
        self._answers_begun.add(response_id)
        self.timeline.answer_began(len(self._answers_begun), began + connection.responses[response_id])

    # --- the connection ---

    def dial(self) -> None:
        """The client leaves its connection and dials anew."""
        now = self.scheduler.now
        if self.connection is not None and self.connection.open:
            self._closed(self.connection, 1000)
        self.connection = None
        self._dials += 1
        self.journal.write(now, "connection", "dial", connection=self._dials)
        if now < self._refusing_until:
            self.scheduler.at(now + DIAL_TIMEOUT_US, self._dial_failed, self._dials)
        else:
            self.scheduler.at(now + 3 * self.scenario.latency_us, self._opened, self._dials)

    def leave(self, code: int) -> None:
        """The client closes its connection."""
        if self.connection is not None and self.connection.open:
            self._lose(self.connection, Closed(code))

    def _opened(self, number: int) -> None:
        if number != self._dials:
            return
        self.journal.write(self.scheduler.now, "connection", "open", connection=number)
        self.connection = Connection(
            number,
            Session(self.setup, f"{self.seed}/{number}"),
            self.scheduler,
            self.journal,
            self._deliver,
            seed=self.seed,
            latency_us=self.scenario.latency_us,
            jitter_us=self.scenario.jitter_us,
        )
        self.tested.tell(Opened())
        self.connection.begin()

    def _dial_failed(self, number: int) -> None:
        if number == self._dials:
            self.journal.write(self.scheduler.now, "connection", "dial_failed", connection=number)
            self.tested.tell(DialFailed("timed out"))

    def _lose(self, connection: Connection, closed: Closed) -> None:
        self._closed(connection, closed.code)
        self.tested.tell(closed)

    def _closed(self, connection: Connection, code: int) -> None:
        connection.close()
        self.journal.write(self.scheduler.now, "connection", "closed", connection=connection.number, code=code)

    def _deliver(self, connection: Connection, message: Any) -> None:
        """Something arrived at the client."""
        if isinstance(message, Closed):
            if connection.open:
                self._lose(connection, message)
            return
        if isinstance(message, Event) and not isinstance(message, ResponseOutputAudioDelta):
            kind = event_type(message)
            self.journal.write(self.scheduler.now, "client", kind, connection=connection.number, **summary(message))
            self.timeline.event(kind)
        self.tested.tell(message)


def session_setup(scenario: Scenario, detector: str) -> SessionSetup:
    """What a session needs of a scenario's ``server:``."""
    server, reply = scenario.server, scenario.server.reply
    spoken = utterance(reply.clip, reply.lasts_us, scenario.base)
    return SessionSetup(
        voice=Voice(spoken, latency_us=reply.latency_us, pace=reply.pace),
        detector=detector,
        turn_detection=dict(server.turn_detection),
        policy=server.policy,
    )

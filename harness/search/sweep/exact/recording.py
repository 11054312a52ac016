"""A run that is watched while it is played: what the gate was asked, what arrived, and what each frame decided."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ....audio.chunk import Chunk
from ....audio.formats import PCM24K, Samples
from ....clients.gate import Gate
from ....clients.interface import Command, Connect, Disconnect
from ....clients.recovery.supervisor import RecoverySupervisor
from ....clients.reference import REFERENCE_CLIENTS
from ....clients.registry import NamedClient
from ....clients.settings import ClientSettings
from ....clients.voice_client import VoiceClient
from ....faults import SessionFault
from ....protocol.events import InputAudioBufferAppend
from ....scenario.model import Inject, Scenario
from ....server.hearing import Hearing
from ....server.session import Session
from ....vad.turn import SpeechStarted, SpeechStopped, TurnDetector, TurnSettings, TurnSnapshot
from ....world.play import PreparedRun, Run, staged

MODELLED = ("reported", "development", "resilient")
"""The clients whose audio goes through the gate of :mod:`harness.clients.gate`, and depends on nothing else."""

Said = SpeechStarted | SpeechStopped | None


class NotPlain(Exception):
    """The audio of this run did not arrive as it was captured, so its entries cannot be made anew."""


class WrongModel(Exception):
    """What is computed of the recorded cell is not what was recorded, so nothing else can be computed of it."""


@dataclass(frozen=True, slots=True)
class GateChange:
    """The client changed its gate: ``open``, ``raise_over`` or ``settle``, before a chunk."""

    before: int
    method: str
    arguments: tuple[float, ...]
    raised: bool
    is_open: bool
    """How the gate was after it."""


@dataclass(frozen=True, slots=True)
class BargeInCheck:
    """The client asked whether a ``speech_started`` is a barge-in."""

    before: int
    """The chunk that came next."""
    now: int
    answer: bool


class WatchedTurn(TurnDetector):
    """A turn automaton that keeps what it was asked and what it said, frame by frame."""

    def __init__(self, settings: TurnSettings) -> None:
        self.probabilities: list[float] = []
        self.before: list[TurnSnapshot] = []
        self.said: list[Said] = []
        self.resets: list[int] = []
        """The frames before which it was reset."""
        self.configured: list[tuple[int, TurnSettings]] = []
        """From which frame on which settings were in force."""
        self.is_wedged = False
        super().__init__(settings)

    def step(self, probability: float) -> Said:
        """As that of any automaton."""
        self.probabilities.append(probability)
        self.before.append(self.snapshot())
        said = super().step(probability)
        self.said.append(said)
        return said

    def reset(self) -> None:
        """As that of any automaton."""
        self.resets.append(self.frame)
        super().reset()

    def wedge(self) -> None:
        """As that of any automaton."""
        self.is_wedged = True
        super().wedge()

    def configure(self, settings: TurnSettings) -> None:
        """As that of any automaton."""
        self.configured.append((self.frame, settings))
        super().configure(settings)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A chunk, as it is or as zeros, arrived at a session."""

    number: int
    """Arrivals are counted over all sessions."""
    chunk: int
    now: int
    entries: int
    """How many entries the journal had after its arrival was noted."""


@dataclass(frozen=True, slots=True)
class SpeechAsked:
    """A session asked how much of a turn is speech."""

    begin_ms: int
    end_ms: int
    frames: int
    """How many frames had been judged."""


@dataclass(slots=True)
class HeardSession:
    """What one session heard."""

    connection: int
    hearing: Hearing
    turn: WatchedTurn
    shadow: WatchedTurn
    arrivals: list[Arrival] = field(default_factory=list)
    asked: list[SpeechAsked] = field(default_factory=list)

    @property
    def frames(self) -> int:
        """How many frames were judged."""
        return len(self.turn.said)


class Recording:
    """One cell, played and recorded. Chunks count from 0 in the order in which the client heard them."""

    def __init__(
        self, scenario: Scenario, client: str, settings: Mapping[str, Any], *, detector: str, seed: int
    ) -> None:
        self.energies: list[int] = []
        self.sizes: list[int] = []
        self.times: list[int] = []
        self.peaks: list[int] = []
        self.pcm: list[bytes] = []
        self.captured_us: list[int] = []
        self.speaking: list[bool] = []
        """Whether the client believed that the assistant spoke."""
        self.passed: list[bool] = []
        self.connected: list[bool] = []
        """Whether the client thought that it could send."""
        self.sent_on: list[int] = []
        """The connection that the chunk was sent on; 0: it was not sent."""
        self.seen: list[bool] = []
        """Whether the client's recovery made use of whether the chunk passed."""
        self.gate_changes: list[GateChange] = []
        self.barge_ins: list[BargeInCheck] = []
        self.streams: list[HeardSession] = []
        self.doubts: set[str] = set()
        """Why this run vouches only for cells that send the same bytes."""
        self.is_whole = True
        """Whether all chunks were seen; else this run vouches for no other cell."""
        self._chunk_of: dict[int, int] = {}
        self._sent: list[bytes] = []
        self._arrivals = 0
        self._arriving = b""
        self._captured_us = -1
        self.settings = ClientSettings()
        if any(_may_look_at_anything(step.action) for step in scenario.timeline):
            self.doubts.add("a fault of your own works on the session")
        chosen = NamedClient(client, lambda changes: self._watched(client, changes))
        self._staged: PreparedRun = staged(scenario, chosen, seed=seed, detector=detector, settings=settings)
        world = self._staged.world
        self._journal, self._scheduler = world.journal, world.scheduler
        world.network.session_made = self._session_made
        _watch(world.network.captured, "add", self._watched_capture)
        self.run: Run = self._staged.run()
        self._chunk_of.clear()
        self._check()

    def _watched_capture(self, add: Callable[..., None]) -> Callable[..., None]:
        def captured(chunk: Chunk, captured_us: int) -> None:
            self._captured_us = captured_us
            add(chunk, captured_us)

        return captured

    # --- the client ---

    def _watched(self, name: str, changes: dict[str, Any]) -> VoiceClient:
        made, defaults = REFERENCE_CLIENTS[name]
        client = made(defaults.changed(**changes))
        self.settings = client.settings
        self._watch_gate(client.gate)
        _watch(client, "hear", partial(self._watched_hear, client))
        _watch(client.interruption, "is_one", self._watched_is_one)
        _watch(client.unanswered, "take", self._watched_take)
        if client.supervisor is not None:
            _watch(client.supervisor, "chunk", partial(self._watched_chunk, client.supervisor))
        return client

    def _watched_hear(self, client: VoiceClient, hear: Callable[..., list[Command]]) -> Callable[..., list[Command]]:
        def watched(chunk: Chunk, now: int) -> list[Command]:
            self._captured_us = self._captured_us if chunk.peak else now
            self.captured_us.append(self._captured_us)
            self.pcm.append(chunk.pcm)
            self.peaks.append(chunk.peak)
            self.connected.append(client.connected)
            self.seen.append(False)
            return self._heard(hear(chunk, now))

        return watched

    def _watched_is_one(self, is_one: Callable[[int], bool]) -> Callable[[int], bool]:
        def watched(now: int) -> bool:
            answer = is_one(now)
            self.barge_ins.append(BargeInCheck(len(self.energies), now, answer))
            return answer

        return watched

    def _watched_take(self, take: Callable[[], bytes]) -> Callable[[], bytes]:
        def watched() -> bytes:
            self.doubts.add("speech was sent again")
            return take()

        return watched

    def _watched_chunk(self, supervisor: RecoverySupervisor, chunk: Callable[..., bool]) -> Callable[..., bool]:
        def watched(*arguments: Any) -> bool:
            voiced = chunk(*arguments)
            self.seen[-1] = voiced or supervisor.capture.loud
            return voiced

        return watched

    def _watch_gate(self, gate: Gate) -> None:
        def watched_passes(passes: Callable[..., bool]) -> Callable[..., bool]:
            def watched(energy: int, samples: int, speaking: bool, now: int) -> bool:
                passed = passes(energy, samples, speaking, now)
                self.energies.append(energy)
                self.sizes.append(samples)
                self.times.append(now)
                self.speaking.append(speaking)
                self.passed.append(passed)
                return passed

            return watched

        def watched_change(name: str, change: Callable[..., None]) -> Callable[..., None]:
            def watched(*arguments: float) -> None:
                acts = name != "settle" or gate.raised
                change(*arguments)
                if acts:
                    noted = GateChange(len(self.energies), name, arguments, gate.raised, gate.is_open)
                    self.gate_changes.append(noted)

            return watched

        _watch(gate, "passes", watched_passes)
        for name in ("open", "raise_over", "settle"):
            _watch(gate, name, partial(watched_change, name))

    def _heard(self, commands: list[Command]) -> list[Command]:
        """What the client sends of the chunk it heard last: as an object of its own, by which its arrival is known."""
        connection = self._staged.world.network.connection
        last = commands[-1] if commands else None
        number = len(self.pcm) - 1
        if not isinstance(last, InputAudioBufferAppend) or connection is None:
            self.sent_on.append(0)
            return commands
        self.sent_on.append(connection.number)
        if any(isinstance(each, Connect | Disconnect) for each in commands):
            self.doubts.add("a connection was left while a chunk was sent")
        audio = last.audio
        if not self.passed[-1]:
            audio = bytes(len(audio))
            commands = [*commands[:-1], InputAudioBufferAppend(audio=audio)]
        if id(audio) in self._chunk_of:
            self.doubts.add("two chunks are one object")
        self._chunk_of[id(audio)] = number
        self._sent.append(audio)
        return commands

    # --- the server ---

    def _session_made(self, number: int, session: Session) -> None:
        hearing = session.hearing
        settings = hearing.turn.settings
        stream = HeardSession(number, hearing, WatchedTurn(settings), WatchedTurn(settings))
        self.streams.append(stream)
        hearing.turn, hearing.shadow = stream.turn, stream.shadow

        def watched_receive(receive: Callable[..., Any]) -> Callable[..., Any]:
            def watched(event: Any, now: int) -> Any:
                if isinstance(event, InputAudioBufferAppend):
                    self._arriving = event.audio
                    self._arrived(stream, event.audio)
                return receive(event, now)

            return watched

        def watched_hear(hear: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
            def watched(payload: bytes) -> Any:
                if payload is not self._arriving:
                    self.doubts.add("audio was heard that did not arrive")
                return hear(payload)

            return watched

        def watched_speech_ms(speech_ms: Callable[..., int]) -> Callable[..., int]:
            def watched(audio_ms: int, audio_end_ms: int | None = None) -> int:
                end_ms = hearing.turn.position_ms if audio_end_ms is None else audio_end_ms
                stream.asked.append(SpeechAsked(end_ms - audio_ms, end_ms, stream.frames))
                return speech_ms(audio_ms, audio_end_ms)

            return watched

        def watched_refuse(refuse: Callable[..., Any]) -> Callable[..., Any]:
            def watched(*arguments: Any) -> Any:
                self.doubts.add("a message was refused")
                return refuse(*arguments)

            return watched

        _watch(session, "receive", watched_receive)
        _watch(hearing, "hear", watched_hear)
        _watch(hearing, "speech_ms", watched_speech_ms)
        _watch(session, "refuse", watched_refuse)
        for name in ("restart_clock", "declare"):
            _watch(hearing, name, partial(self._doubted, stream, name))

    def _doubted(self, stream: HeardSession, name: str, method: Callable[..., None]) -> Callable[..., None]:
        def called(*arguments: Any) -> None:
            if name != "declare" or arguments[0] != stream.hearing.format:
                self.doubts.add(f"{name} of the ear was called")
            method(*arguments)

        return called

    def _arrived(self, stream: HeardSession, payload: bytes) -> None:
        hearing = stream.hearing
        chunk = self._chunk_of.get(id(payload))
        if chunk is None:
            self.doubts.add("audio arrived that is no chunk")
            return
        if hearing.distort is not None or hearing.replaced_by is not None:
            self.doubts.add("the ear was distorted")
        if hearing.listener is not None:
            self.doubts.add("the user's words were needed")
        if not hearing.listening:
            self.doubts.add("turn detection was off")
        self._arrivals += 1
        entries = len(self._journal.entries)
        stream.arrivals.append(Arrival(self._arrivals, chunk, self._scheduler.now, entries))

    def _check(self) -> None:
        """Whether everything was seen."""
        lengths = {len(each) for each in (self.energies, self.pcm, self.sent_on, self.captured_us)}
        if len(lengths) != 1:
            self.is_whole = False
            self.doubts.add("a chunk went past the gate")
        for stream in self.streams:
            if stream.turn.is_wedged:
                self.doubts.add("the ear was wedged")
            if stream.hearing.format is not PCM24K:
                self.doubts.add("the session has another format")
        if self.settings.gate_mode == "skip":
            self.doubts.add("the gate leaves chunks out")

    def samples(self, chunk: int) -> Samples:
        """The samples of a chunk."""
        return PCM24K.decode(self.pcm[chunk])


def _may_look_at_anything(action: object) -> bool:
    """Whether it is a fault of a user's own that gets the whole session."""
    if not isinstance(action, Inject) or not isinstance(action.fault, SessionFault):
        return False
    return type(action.fault).__module__.rpartition(".")[0] != SessionFault.__module__.rpartition(".")[0]


def _watch(owner: object, name: str, watched: Callable[[Any], Any]) -> None:
    """Put another method in the place of an object's own, which it is made of."""
    setattr(owner, name, watched(getattr(owner, name)))

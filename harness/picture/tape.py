"""What a run sounded like: what was captured, sent and heard, and what the server's ear thought of each frame.

The journal holds levels only, and stays as it is. A :class:`RunTape` is given the world of a run before it is played
(:func:`harness.world.play.staged`), and puts watching methods in the place of some of its parts' own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from ..audio.chunk import Chunk
from ..audio.formats import SAMPLE_RATE_HZ, Samples
from ..audio.resampling import Resampler
from ..errors import StillthereError
from ..journal import VIRTUAL
from ..protocol.events import InputAudioBufferAppend
from ..server.session import Session
from ..units import MS, SECOND
from ..vad.detector import FRAME_MS
from ..vad.turn import SpeechStarted, SpeechStopped, TurnDetector, TurnSettings
from ..world.connection import Connection
from ..world.play import Run, staged
from ..world.world import World

_MOST_AHEAD_US = SECOND
"""Audio that is sent in a burst is laid end to end; if that runs further ahead of the time, it begins anew."""
_MOST_APART_US = 200 * MS
"""Frames that are judged further from their turn begin a new piece of the curve."""


class Track:
    """One lane of sound on the time of the run: int16 at 24 kHz."""

    def __init__(self) -> None:
        self._pieces: list[tuple[int, Samples]] = []
        self._end = 0

    def add(self, now: int, samples: Samples) -> None:
        """Add samples that end at ``now`` (microseconds), or follow the last ones if those end later."""
        begin = now * SAMPLE_RATE_HZ // SECOND - samples.size
        if self._end - begin <= _MOST_AHEAD_US * SAMPLE_RATE_HZ // SECOND:
            begin = max(begin, self._end)
        begin = max(0, begin)
        self._pieces.append((begin, samples))
        self._end = begin + samples.size

    def samples(self, length_us: int) -> Samples:
        """The whole track, as long as the run, with silence where there was nothing."""
        whole: Samples = np.zeros(length_us * SAMPLE_RATE_HZ // SECOND, np.int16)
        for begin, piece in self._pieces:
            end = min(begin + piece.size, whole.size)
            if begin < end:
                whole[begin:end] = piece[: end - begin]
        return whole


@dataclass(frozen=True, slots=True)
class CurvePiece:
    """The probabilities of frames that follow each other without a gap, from a time on (microseconds)."""

    start_us: int
    values: list[float] = field(default_factory=list)
    """What the turn automaton got."""
    honest: list[float] = field(default_factory=list)
    """What the detector said: the shadow's."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The threshold that is in force from a time on (microseconds)."""

    t: int
    value: float


class RunTape:
    """What a world sounds like while it is played. Make it before the world begins, and read it when that has ended."""

    def __init__(self, world: World) -> None:
        self.captured, self.sent, self.heard = Track(), Track(), Track()
        """What the microphone delivered, what the client sent, and what the user heard of the assistant."""
        self.curve: list[CurvePiece] = []
        self.thresholds: list[Threshold] = []
        self._world = world
        self._heard_until = 0
        self._resamplers: dict[tuple[int, int], Resampler] = {}
        """By connection and rate of what is sent."""
        world.speaker.keeps_audio = True
        _watch(world.microphone, "capture", self._watched_capture)
        world.network.session_made = self._session_made
        world.network.connection_made = self._connection_made

    @property
    def length_us(self) -> int:
        """The length of the run so far."""
        return self._world.scheduler.now

    # --- the devices ---

    def _watched_capture(self, capture: Callable[[int], Sequence[Chunk]]) -> Callable[[int], Sequence[Chunk]]:
        def watched(now: int) -> Sequence[Chunk]:
            if now > self._heard_until:
                if self._world.speaker.playing or self._world.network.is_by_call:
                    self.heard.add(now, self._world.speaker.audio(self._heard_until, now))
                self._heard_until = now
            delivered = capture(now)
            later = sum(chunk.size for chunk in delivered)
            for chunk in delivered:
                later -= chunk.size
                self.captured.add(now - later * SECOND // SAMPLE_RATE_HZ, chunk.readable)
            return delivered

        return watched

    # --- the connection ---

    def _connection_made(self, connection: Connection) -> None:
        _watch(connection, "append", partial(self._watched_append, connection))
        if connection.transport == "websocket":
            _watch(connection, "send", partial(self._watched_send, connection))

    def _watched_append(self, connection: Connection, append: Callable[[bytes], bool]) -> Callable[[bytes], bool]:
        def watched(audio: bytes) -> bool:
            taken = append(audio)
            if taken:
                self._sends(connection, audio)
            return taken

        return watched

    def _watched_send(self, connection: Connection, send: Callable[[Any], None]) -> Callable[[Any], None]:
        def watched(message: Any) -> None:
            if isinstance(message, InputAudioBufferAppend):
                self._sends(connection, message.audio)
            send(message)

        return watched

    def _sends(self, connection: Connection, audio: bytes) -> None:
        audio_format = connection.session.hearing.format
        samples = audio_format.decode(audio[: len(audio) - len(audio) % audio_format.bytes_per_sample])
        if audio_format.rate_hz != SAMPLE_RATE_HZ:
            stream = connection.number, audio_format.rate_hz
            if stream not in self._resamplers:
                self._resamplers[stream] = Resampler(audio_format.rate_hz, SAMPLE_RATE_HZ)
            samples = self._resamplers[stream].push_int16(samples)
        self.sent.add(self.length_us, samples)

    # --- the server's ear ---

    def _session_made(self, number: int, session: Session) -> None:
        hearing = session.hearing
        frames = _Frames(self)
        hearing.turn = _WatchedTurn(hearing.turn.settings, frames.given, self._configured)
        hearing.shadow = _WatchedTurn(hearing.shadow.settings, frames.honest, lambda settings: None)

    def _configured(self, settings: TurnSettings) -> None:
        if not self.thresholds or self.thresholds[-1].value != settings.threshold:
            self.thresholds.append(Threshold(self.length_us, settings.threshold))


def taped(run: Run) -> RunTape | None:
    """The tape of a run of a client's class that is over: it is played once more. None if it does not play alike."""
    header = run.journal.header
    if header.get("stage") != VIRTUAL:
        return None
    try:
        again = staged(run.scenario, run.client, seed=run.seed, detector=run.detector, settings=header.get("settings"))
        tape = RunTape(again.world)
        same = again.run().journal.sha256() == run.journal.sha256()
    except StillthereError:  # a client that is no longer there, or does not do twice what it did
        return None
    return tape if same else None


class _Frames:
    """The frames of one session: their probabilities go to the curve of the run."""

    def __init__(self, tape: RunTape) -> None:
        self._tape = tape
        self._piece: CurvePiece | None = None

    def given(self, probability: float) -> None:
        now, piece = self._tape.length_us, self._piece
        due = 0 if piece is None else piece.start_us + (len(piece.values) + 1) * FRAME_MS * MS
        if piece is None or abs(now - due) > _MOST_APART_US:
            piece = self._piece = CurvePiece(max(0, now - FRAME_MS * MS))
            self._tape.curve.append(piece)
        piece.values.append(probability)

    def honest(self, probability: float) -> None:
        if self._piece is not None:
            self._piece.honest.append(probability)


class _WatchedTurn(TurnDetector):
    """A turn automaton that says what it is asked."""

    def __init__(
        self, settings: TurnSettings, asked: Callable[[float], None], configured: Callable[[TurnSettings], None]
    ) -> None:
        self._asked, self._configured = asked, configured
        super().__init__(settings)

    def step(self, probability: float) -> SpeechStarted | SpeechStopped | None:
        """As that of any automaton."""
        self._asked(probability)
        return super().step(probability)

    def configure(self, settings: TurnSettings) -> None:
        """As that of any automaton."""
        super().configure(settings)
        self._configured(settings)


def _watch(owner: object, name: str, watched: Callable[[Any], Any]) -> None:
    """Put another method in the place of an object's own, which it is made of."""
    setattr(owner, name, watched(getattr(owner, name)))

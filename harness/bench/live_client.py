"""An honest client in real time: it sends what a microphone hears, listens, and dials again when its connection closes.

It notes what it receives, so that it can say whether it heard an answer: the truth for the diagnosis of the server's
journal.
"""

import asyncio
import base64
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from ..audio.clips import load_clip
from ..audio.formats import PCM24K, SAMPLE_RATE_HZ, Samples
from ..audio.levels import rms_lsb
from ..units import MS, SECOND

SPEAKS_S = (1.0, 8.0, 15.0)
"""When the user speaks."""
CLIP = "speech_en_f_arctic_a0009"
_CHUNK_US = 40 * MS
_DIALS_AGAIN_AFTER_S = 0.3
_DIAL_WITHIN_S = 3.0
_PATIENCE_S = 3.0
_EARLY_MS = 700
"""A turn begins at most so much before the user is known to speak: prefix padding, and the chunk that is under way."""
_AUDIBLE_LSB = 64.0
_HEARD_MS = 200
_WHOLE_SHARE = 0.9


def spoken(lasts_s: float) -> Samples:
    """What the microphone hears: the clip at each of :data:`SPEAKS_S`, and zeros."""
    samples = np.zeros(round(lasts_s * SAMPLE_RATE_HZ), np.int16)
    clip = load_clip(CLIP).samples
    for begin_s in SPEAKS_S:
        begin = round(begin_s * SAMPLE_RATE_HZ)
        samples[begin : begin + clip.size] = clip
    return samples


def speech_s() -> float:
    """How long the user speaks each time, in seconds."""
    return load_clip(CLIP).samples.size / SAMPLE_RATE_HZ


@dataclass(slots=True)
class _Reply:
    """A response, as the client receives it."""

    to: int | None
    """The utterance that it answers, counted from 0; None if that is not known."""
    at_s: float
    received_ms: float = 0.0
    audible_ms: float = 0.0
    ended: bool = False


@dataclass(slots=True)
class _Connection:
    """What the client knows of one connection."""

    websocket: ClientConnection
    sent_ms: float = 0.0
    spoke_at_ms: dict[int, float] = field(default_factory=dict)
    """How much audio was sent on it when the user began each utterance."""
    utterance_of: dict[str, int] = field(default_factory=dict)
    """Utterances by the items of the turns they are in."""
    unanswered: list[int] = field(default_factory=list)
    """Utterances whose turns were committed and have no response yet."""


class LiveClient:
    """Call :meth:`run`; ``on_event`` is called with the type of each event that is received."""

    def __init__(self, url: str, lasts_s: float, on_event: Callable[[str], None]) -> None:
        self._url, self._lasts_s, self._on_event = url, lasts_s, on_event
        self._audio = spoken(lasts_s)
        self._began_s = 0.0
        self._connection: _Connection | None = None
        self._replies: dict[str, _Reply] = {}

    @property
    def now_s(self) -> float:
        """Seconds since the start."""
        return asyncio.get_running_loop().time() - self._began_s

    async def run(self, at_end: Callable[[], None]) -> None:
        """Connect, speak and listen until the microphone's audio is sent; ``at_end`` is called before it disconnects.

        If the server takes the audio slowly, it ends some seconds later in any case.
        """
        self._began_s = asyncio.get_running_loop().time()
        listening = asyncio.create_task(self._listen())
        speaking = asyncio.create_task(self._speak())
        try:
            await asyncio.wait([speaking], timeout=self._lasts_s + _PATIENCE_S)
            at_end()
        finally:
            for task in (listening, speaking):
                task.cancel()
            await asyncio.gather(listening, speaking, return_exceptions=True)

    async def hang_up(self) -> None:
        """Close the connection; the client dials again at once."""
        if self._connection is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._connection.websocket.close(), 1.0)

    def heard_answer(self, reply_ms: float) -> bool:
        """Whether an audible answer to the last utterance was received, not cut; a whole one has ``reply_ms``."""
        last = len(SPEAKS_S) - 1
        over_s = SPEAKS_S[last] + speech_s()
        for reply in self._replies.values():
            to_last = reply.to == last or (reply.to is None and reply.at_s >= over_s)
            whole = reply.ended or reply.received_ms >= _WHOLE_SHARE * reply_ms
            if to_last and whole and reply.audible_ms >= _HEARD_MS:
                return True
        return False

    async def _listen(self) -> None:
        while True:
            try:
                async with connect(
                    self._url,
                    additional_headers={"Authorization": "Bearer sk-live-matrix"},
                    open_timeout=_DIAL_WITHIN_S,
                    close_timeout=1.0,
                    max_size=None,
                    compression=None,
                ) as websocket:
                    self._connection = connection = _Connection(websocket)
                    async for message in websocket:
                        self._received(connection, message)
            except (OSError, TimeoutError, ConnectionClosed, InvalidHandshake):
                pass
            self._connection = None
            await asyncio.sleep(_DIALS_AGAIN_AFTER_S)

    async def _speak(self) -> None:
        step = _CHUNK_US * SAMPLE_RATE_HZ // SECOND
        for number, start in enumerate(range(0, self._audio.size, step)):
            await asyncio.sleep((number + 1) * _CHUNK_US / SECOND - self.now_s)
            connection = self._connection
            if connection is None:
                continue
            self._note_speech(connection, number * _CHUNK_US / SECOND)
            audio = base64.b64encode(self._audio[start : start + step].tobytes()).decode()
            connection.sent_ms += _CHUNK_US / MS
            with contextlib.suppress(ConnectionClosed):
                await connection.websocket.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))

    def _note_speech(self, connection: _Connection, at_s: float) -> None:
        for number, begin_s in enumerate(SPEAKS_S):
            if begin_s <= at_s < begin_s + speech_s():
                connection.spoke_at_ms.setdefault(number, connection.sent_ms)

    # --- what it receives ---

    def _received(self, connection: _Connection, message: str | bytes) -> None:
        try:
            event = json.loads(message)
            self._note(connection, event)
            self._on_event(event["type"])
        except (ValueError, KeyError, TypeError, AttributeError):
            pass  # damaged on its way: an honest client ignores it

    def _note(self, connection: _Connection, event: dict[str, Any]) -> None:
        kind = event["type"]
        if kind == "input_audio_buffer.speech_started":
            started_ms = event["audio_start_ms"] + _EARLY_MS
            begun = [number for number, sent_ms in connection.spoke_at_ms.items() if sent_ms <= started_ms]
            if begun:
                connection.utterance_of[event["item_id"]] = begun[-1]
        elif kind == "input_audio_buffer.committed":
            number = connection.utterance_of.get(event["item_id"])
            if number is not None and number not in connection.unanswered:
                connection.unanswered.append(number)
        elif kind == "response.created":
            to = connection.unanswered[-1] if connection.unanswered else None
            connection.unanswered.clear()
            self._replies.setdefault(event["response"]["id"], _Reply(to, self.now_s))
        elif kind == "response.output_audio.delta":
            self._hear(event["response_id"], base64.b64decode(event["delta"], validate=True))
        elif kind in ("response.done", "response.output_audio.done"):
            reply = event["response_id"] if "response_id" in event else event["response"]["id"]
            self._replies.setdefault(reply, _Reply(None, self.now_s)).ended = True

    def _hear(self, response_id: str, audio: bytes) -> None:
        reply = self._replies.setdefault(response_id, _Reply(None, self.now_s))
        length_ms = PCM24K.duration_us(len(audio)) / MS
        reply.received_ms += length_ms
        if rms_lsb(PCM24K.decode(audio[: len(audio) // 2 * 2])) > _AUDIBLE_LSB:
            reply.audible_ms += length_ms

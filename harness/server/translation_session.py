"""A session that interprets what the user says: ``/v1/realtime/translations``. It has no turns and no conversation.

What is appended is taken in frames of 200 ms, and each frame of input gives one of output (real-time output is
reported; documented is the frame). Phrases are found by the same ear as turns. A phrase is translated once it has
ended: the script says what is said then, as it says answers. So nothing comes out while nothing goes in.
"""

import re
from collections import deque
from typing import Any

from ..audio.formats import PCM24K, AudioFormat
from ..errors import ProtocolError
from ..journal import ShadowSpeechStarted, ShadowSpeechStopped
from ..protocol.checks import string
from ..protocol.codec import MAX_APPEND_BYTES, decode_translation_event, oversize_append
from ..protocol.events import ClientEvent, InputAudioBufferAppend, SessionUpdate, SessionUpdated
from ..protocol.translation_events import (
    SessionClose,
    SessionClosed,
    TranslationAppend,
    TranslationAudioDelta,
    TranslationClientEvent,
    TranslationInputDelta,
    TranslationOutputDelta,
)
from ..units import MS
from ..vad.turn import SpeechStarted
from . import detection
from .asked import Asked
from .config import SessionConfig, VoicelessConfig, translation_update
from .outputs import Output
from .session import Session, SessionSetup
from .utterance import DELTA_US, Utterance, deltas

_FRAME_MS = 200
"""Length of a frame (documented)."""
_FRAME_BYTES = PCM24K.bytes_per_sample * PCM24K.rate_hz * _FRAME_MS // 1000
_DELTAS = _FRAME_MS * MS // DELTA_US
_PHRASE_SILENCE_MS = 500
"""Silence that ends a phrase (assumed)."""
_LANGUAGE = "en"
"""The language of a new session (assumed: no default is published)."""


class TranslationConfig(VoicelessConfig):
    """The configuration of a translation session."""

    def __init__(self, session_id: str, model: str, expires_at: int) -> None:
        self._detections = detection.defaults_of(_PHRASE_SILENCE_MS)
        self._merge = translation_update(string)
        self.echo = {
            "id": session_id,
            "type": "translation",
            "model": model,
            "expires_at": expires_at,
            "audio": {"input": {"transcription": None, "noise_reduction": None}, "output": {"language": _LANGUAGE}},
        }

    @property
    def input_format(self) -> AudioFormat:
        """The only one (documented)."""
        return PCM24K

    @property
    def turn_detection(self) -> dict[str, Any] | None:
        """There is none."""
        return None

    def update(self, changes: dict[str, Any], ignored: str = "none") -> bool:
        """Merge a partial session, without its type; all of it is in force. Raises :exc:`ProtocolError`."""
        self.echo = self._merge(changes, "session", self.echo)
        return False


class TranslationSession(Session):
    """The server's side of a connection that was dialled for translation."""

    append_type = "session.input_audio_buffer.append"

    def __init__(self, setup: SessionSetup, name: str) -> None:
        super().__init__(setup, name)
        self.hearing.listening = True
        self._handlers = {
            SessionUpdate: self._update,
            InputAudioBufferAppend: self._append,
            TranslationAppend: self._append,
            SessionClose: self._close,
        }
        self._finished = False
        self._frames = 0
        self._rest = b""
        self._phrases = 0
        self._written = ""
        """What was sent of the words of the open phrase."""
        self._audio: deque[bytes] = deque()
        self._words: deque[str] = deque()

    def _configured(self, setup: SessionSetup, session_id: str) -> SessionConfig:
        return TranslationConfig(session_id, setup.model, setup.expires_at)

    def decode(self, text: str | bytes) -> ClientEvent | TranslationClientEvent:
        """A client event of this kind of session. Raises :exc:`ProtocolError`."""
        return decode_translation_event(text)

    # --- what the client sends ---

    def _update(self, event: SessionUpdate, now: int) -> list[Output]:
        self.config.update(event.session)
        self._listen()
        return [SessionUpdated(event_id=self.mint_event_id(), session=self.config.echo)]

    def _append(self, event: TranslationAppend | InputAudioBufferAppend, now: int) -> list[Output]:
        if len(event.audio) > MAX_APPEND_BYTES:
            raise oversize_append(len(event.audio))
        if self._finished:
            raise ProtocolError("invalid_value", "The session is closed: no audio can be appended.", param="type")
        audio, outputs = self._rest + event.audio, list[Output]()
        whole = len(audio) - len(audio) % _FRAME_BYTES
        for start in range(0, whole, _FRAME_BYTES):
            outputs.extend(self._frame(audio[start : start + _FRAME_BYTES]))
        self._rest = audio[whole:]
        return outputs

    def _close(self, event: SessionClose, now: int) -> list[Output]:
        """All that is left is said at once, then ``session.closed`` (documented); the client closes the connection."""
        if self._finished:
            return []
        outputs = self._frame(self._rest.ljust(_FRAME_BYTES, b"\0")) if self._rest else []
        self._finished, self._rest = True, b""
        if self.hearing.turn.speaking:
            outputs.extend(self._phrase_ended(0))
        while self._audio or self._words:
            outputs.extend(self._said())
        return [*outputs, SessionClosed(event_id=self.mint_event_id())]

    # --- frames ---

    @property
    def _elapsed_ms(self) -> int:
        return self._frames * _FRAME_MS

    def _frame(self, audio: bytes) -> list[Output]:
        """200 ms go in, 200 ms come out."""
        self._frames += 1
        outputs: list[Output] = []
        for decided, shadow in self.hearing.hear(audio):
            if shadow is not None:
                outputs.append(
                    ShadowSpeechStarted(audio_start_ms=shadow.audio_start_ms)
                    if isinstance(shadow, SpeechStarted)
                    else ShadowSpeechStopped(audio_end_ms=shadow.audio_end_ms)
                )
            if decided is not None and not isinstance(decided, SpeechStarted):
                outputs.extend(self._phrase_ended(self.hearing.bytes_after(decided.audio_end_ms)))
        if self.hearing.turn.speaking:
            outputs.extend(self._written_down(self._heard() or "", whole=False))
        return [*outputs, *self._said()]

    def _phrase_ended(self, left_bytes: int) -> list[Output]:
        """Its words are written down to the end, and what the script answers is what is said."""
        words = self._heard() or ""
        outputs = self._written_down(words, whole=True)
        self.hearing.empty(left_bytes)
        self._phrases += 1
        self._written = ""
        utterance = self._shared.voice.answer(Asked(self._phrases, words)).says
        if utterance is not None:
            self._queue(utterance)
        return outputs

    def _queue(self, utterance: Utterance) -> None:
        """The words of a translation go beside its audio, evenly."""
        text = utterance.transcript.strip()
        audio, words = deltas(utterance, PCM24K), re.findall(r"\s*\S+", f" {text}" if self._phrases > 1 else text)
        self._words.extend([""] * (len(self._audio) - len(self._words)))
        self._audio.extend(audio)
        for index in range(len(audio)):
            first, last = (len(words) * at // len(audio) for at in (index, index + 1))
            self._words.append("".join(words[first:last]))

    def _heard(self) -> str | None:
        """The words of the phrase so far: scripted, or recognised."""
        script = self._shared.voice.transcripts
        if self._phrases < len(script):
            scripted = script[self._phrases]
            return scripted if isinstance(scripted, str) else ""
        return self.hearing.recognise()

    def _written_down(self, words: str, *, whole: bool) -> list[Output]:
        """More of the source's words, if the client asked for them; of scripted ones, one for each frame."""
        if not self.config.transcribes or not words.startswith(self._written):
            return []
        more = words[len(self._written) :]
        if not whole and self._phrases < len(self._shared.voice.transcripts):
            more = "".join(re.findall(r"\s*\S+", more)[:1])
        if not more:
            return []
        self._written += more
        text = f" {more}" if self._phrases and self._written == more else more
        return [TranslationInputDelta(event_id=self.mint_event_id(), delta=text, elapsed_ms=self._elapsed_ms)]

    def _said(self) -> list[Output]:
        """The next frame of what is said, or of silence; a policy decides whether silence is sent."""
        if not self._audio and self.policy.translated_silence == "omitted":
            return []
        audio = [self._audio.popleft() for _ in range(min(_DELTAS, len(self._audio)))]
        words = "".join(self._words.popleft() for _ in range(min(_DELTAS, len(self._words))))
        elapsed_ms, outputs = self._elapsed_ms, list[Output]()
        if words:
            outputs.append(TranslationOutputDelta(event_id=self.mint_event_id(), delta=words, elapsed_ms=elapsed_ms))
        piece = b"".join(audio)
        if self.policy.translated_silence == "sent" and not self._finished:
            piece = piece.ljust(_FRAME_BYTES, b"\0")
        outputs.append(TranslationAudioDelta(event_id=self.mint_event_id(), delta=piece, elapsed_ms=elapsed_ms))
        return outputs

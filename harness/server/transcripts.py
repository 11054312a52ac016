"""The user's words: what each spoken turn says, and the transcription events of a session that asked for them.

Words come from the script, in order; then from the recordings that are recognised in the turn. Transcription runs
beside the response (documented): deltas follow the commit, ``completed`` is sent while the answer is already being sent
(captured). A model that streams begins its deltas while the user speaks, the first with a space before it; one that
does not may send a single delta, late (captured). The times are assumed, but for those that say otherwise.
"""

import math
import re
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from ..protocol.events import TranscriptionCompleted, TranscriptionDelta, TranscriptionFailed
from ..protocol.objects import Content
from ..units import MS, SECOND
from .outputs import Output
from .response_output import obfuscation
from .shared import Shared
from .tokens import USER_MS_PER_TOKEN, of_words
from .transcription_models import by_duration, is_whole, listens_us, streams
from .voice import FAILURES, ScriptedFailure

_FIRST_DELTA_US = 250 * MS
"""From the commit to the first delta."""
_DELTA_EVERY_US = 20 * MS
"""Between deltas; ``completed`` follows the last by as much."""
_STREAMED_US = 600 * MS
"""From the commit to ``completed``, at least, of a model that streams (captured: 565 ms, and 856 ms)."""
_WHOLE_US = 2 * SECOND
"""From the commit to the one delta of a model that sends no other (captured: seconds, as late as the next turn)."""
_SPOKEN_DELTA_US = 300 * MS
"""Between deltas that are sent while the user speaks."""
_LOGPROBS = "item.input_audio_transcription.logprobs"
"""What a client puts into ``include`` to get them (documented)."""
_LOGPROB = -0.01
"""That of every word (assumed)."""

_FAILED = "Input transcription failed for item '{item_id}'."
"""Of a transcription that the server failed (captured, on Azure)."""

_Due = tuple[int, Callable[[], list[Output]]]


class Transcripts:
    """Finds the words of each turn, and sends their events in time."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._turns = 0
        self._due: deque[_Due] = deque()
        self._open: str | None = None
        """The item whose words are sent while the user speaks."""
        self._look_at = 0
        """When the open item's words are looked for next."""
        self._sent = ""
        """What was sent of them."""

    @property
    def wanted(self) -> bool:
        """Whether the user's words are needed."""
        return self._shared.config.transcribes or self._shared.voice.listens

    @property
    def streams(self) -> bool:
        """Whether words are sent while the user speaks: by the model, unless a policy decides."""
        transcription = self._shared.config.transcription
        if transcription is None or self._shared.policy.transcription == "after_commit":
            return False
        return self._shared.policy.transcription == "during_speech" or streams(transcription.get("model"))

    @property
    def next_wake(self) -> int | None:
        """When :meth:`wake` must be called next."""
        return self._due[0][0] if self._due else None

    def wake(self, now: int) -> list[Output]:
        """All transcription events that are due."""
        outputs: list[Output] = []
        while self._due and self._due[0][0] <= now:
            outputs.extend(self._due.popleft()[1]())
        return outputs

    def speech_started(self, item_id: str, now: int) -> None:
        """A turn opens. If its words are sent while the user speaks, scripted ones are from now on."""
        self._open, self._sent = None, ""
        if not self.streams:
            return
        listens = listens_us((self._shared.config.transcription or {}).get("delay"))
        scripted = self._scripted()
        self._open, self._look_at = item_id, now + listens
        if isinstance(scripted, str):
            for index, piece in enumerate(_pieces(scripted)):
                self._add(now + listens + index * _SPOKEN_DELTA_US, partial(self._early_delta, item_id, piece))

    def spoken(self, now: int, recognise: Callable[[], str | None]) -> list[Output]:
        """More was appended to the open turn: the words that are recognised in it so far, if none are scripted."""
        if self._open is None or now < self._look_at or self._scripted() is not None:
            return []
        self._look_at = now + _SPOKEN_DELTA_US
        words, item_id = recognise() or "", self._open
        if not words.startswith(self._sent):
            return []
        return [output for piece in _pieces(words[len(self._sent) :]) for output in self._early_delta(item_id, piece)]

    def turn_closed(self) -> None:
        """The open turn becomes no item: no more of its words are sent."""
        self._open = None

    def committed(self, item_id: str, recognised: str | None, audio_ms: int, now: int) -> None:
        """A spoken turn is an item now; its words are known from here on."""
        said = self._scripted()
        self._turns += 1
        words = recognised or "" if said is None else said
        self._shared.spoken[item_id] = words if isinstance(words, str) else ""
        sent, self._open = self._sent if self._open == item_id else "", None
        if not self._transcribes:
            return
        at = now + _FIRST_DELTA_US
        if isinstance(words, ScriptedFailure):
            self._add(at, partial(self._failed, item_id, words))
            return
        # What was sent cannot be taken back: if it was heard wrongly, only `completed` has the right words.
        rest = words[len(sent) :] if words.startswith(sent) else ""
        if is_whole(self._model) and not sent:
            at = now + _WHOLE_US
            if rest:
                self._add(at, partial(self._delta, item_id, rest))
        else:
            for index, piece in enumerate(_pieces(rest)):
                self._add(at, partial(self._delta, item_id, piece, leads=not sent and index == 0))
                at += _DELTA_EVERY_US
        self._complete(item_id, words, audio_ms, at, now)

    def silent(self, item_id: str, now: int) -> None:
        """The empty turn of an idle timeout is an item now: it has no words, and is told so (captured)."""
        self._shared.spoken[item_id] = ""
        if self._transcribes:
            self._complete(item_id, "", 0, now + _FIRST_DELTA_US, now)

    def _complete(self, item_id: str, words: str, audio_ms: int, at: int, now: int) -> None:
        """All words of an item are known, as soon as that, or later if the model is slower."""
        if streams(self._model):
            at = max(at, now + _STREAMED_US)
        self._add(at, partial(self._completed, item_id, words, audio_ms))

    @property
    def _transcribes(self) -> bool:
        return self._shared.config.transcribes

    def _scripted(self) -> str | ScriptedFailure | None:
        script = self._shared.voice.transcripts
        return script[self._turns] if self._turns < len(script) else None

    def _add(self, at: int, make: Callable[[], list[Output]]) -> None:
        """In order of time; of equal times, in order of being added."""
        if self._due and at < self._due[-1][0]:
            self._due = deque(sorted([*self._due, (at, make)], key=lambda due: due[0]))
        else:
            self._due.append((at, make))

    def _early_delta(self, item_id: str, piece: str) -> list[Output]:
        if self._open != item_id:
            return []
        leads = not self._sent
        self._sent += piece
        return self._delta(item_id, piece, leads=leads)

    def _delta(self, item_id: str, piece: str, *, leads: bool = False) -> list[Output]:
        """More of an item's words. A model that streams puts a space before those that lead (captured)."""
        if leads and streams(self._model) and not piece[:1].isspace():
            piece = f" {piece}"
        delta = TranscriptionDelta(
            event_id=self._shared.event_id(),
            item_id=item_id,
            delta=piece,
            logprobs=self._logprobs(piece),
            obfuscation=obfuscation(piece),
        )
        return [delta]

    def _completed(self, item_id: str, words: str, audio_ms: int) -> list[Output]:
        conversation = self._shared.conversation
        if item_id in conversation:
            content = [Content(type="input_audio", transcript=words)]
            conversation.replace(msgspec.structs.replace(conversation.get(item_id), content=content))
        completed = TranscriptionCompleted(
            event_id=self._shared.event_id(),
            item_id=item_id,
            transcript=words,
            logprobs=self._logprobs(words),
            usage=_usage(self._model, words, audio_ms),
        )
        return [completed]

    @property
    def _model(self) -> str | None:
        return (self._shared.config.transcription or {}).get("model")

    def _logprobs(self, words: str) -> list[dict[str, Any]] | UnsetType:
        """One for each word, if the client asked for them and the model is not billed by duration (assumed)."""
        if _LOGPROBS not in (self._shared.config.echo.get("include") or ()) or by_duration(self._model):
            return UNSET
        return [
            {"token": piece, "logprob": _LOGPROB, "bytes": list(piece.encode("utf-8", "replace"))}
            for piece in _pieces(words)
        ]

    def _failed(self, item_id: str, failure: ScriptedFailure) -> list[Output]:
        error = {**asdict(failure), "param": None}
        if failure == FAILURES["server_error"]:
            error["message"] = _FAILED.format(item_id=item_id)
        return [TranscriptionFailed(event_id=self._shared.event_id(), item_id=item_id, error=error)]


def _usage(model: str | None, words: str, audio_ms: int) -> dict[str, Any]:
    """Of models that are billed by duration, whole seconds, also for silence (reported); of others, tokens."""
    if by_duration(model):
        return {"type": "duration", "seconds": math.ceil(audio_ms / 1000)}
    heard, written = audio_ms // USER_MS_PER_TOKEN, of_words(words)
    return {
        "type": "tokens",
        "total_tokens": heard + written,
        "input_tokens": heard,
        "input_token_details": {"text_tokens": 0, "audio_tokens": heard},
        "output_tokens": written,
    }


def _pieces(words: str) -> list[str]:
    """Words as deltas, each with the space before it; together they are the words to the letter."""
    return re.findall(r"\s*\S+(?:\s+$)?", words)

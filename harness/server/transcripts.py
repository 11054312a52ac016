"""The user's words: what each spoken turn says, and the transcription events of a session that asked for them.

Words come from the script, in order; then from the recordings that are recognised in the turn. Transcription runs
beside the response (documented): deltas follow the commit, ``completed`` is sent while the answer is already being sent
(captured). The times are assumed.
"""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from functools import partial

import msgspec

from ..protocol.events import TranscriptionCompleted, TranscriptionDelta, TranscriptionFailed
from ..protocol.objects import Content
from ..units import MS
from .outputs import Output
from .response_output import obfuscation
from .shared import Shared
from .tokens import USER_MS_PER_TOKEN, of_words
from .voice import ScriptedFailure

_FIRST_DELTA_US = 250 * MS
"""From the commit to the first delta."""
_DELTA_EVERY_US = 20 * MS
"""Between deltas; ``completed`` follows the last by as much."""
_SPOKEN_DELTA_US = 300 * MS
"""Between deltas that are sent while the user speaks."""

_Due = tuple[int, Callable[[], list[Output]]]


class Transcripts:
    """Finds the words of each turn, and sends their events in time."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._turns = 0
        self._due: deque[_Due] = deque()
        self._open: str | None = None
        """The item whose words are sent while the user speaks."""
        self._sent = 0

    @property
    def wanted(self) -> bool:
        """Whether the user's words are needed."""
        return self._shared.config.transcribes or self._shared.voice.listens

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
        """A turn opens; under the policy ``during_speech`` its scripted words are sent from now on."""
        self._open, self._sent = None, 0
        scripted = self._scripted()
        if self._shared.policy.transcription == "during_speech" and self._transcribes and isinstance(scripted, str):
            self._open = item_id
            for index, piece in enumerate(_pieces(scripted)):
                self._add(now + (index + 1) * _SPOKEN_DELTA_US, partial(self._early_delta, item_id, piece))

    def turn_closed(self) -> None:
        """The open turn becomes no item: no more of its words are sent."""
        self._open = None

    def committed(self, item_id: str, recognised: str | None, audio_ms: int, now: int) -> None:
        """A spoken turn is an item now; its words are known from here on."""
        said = self._scripted()
        self._turns += 1
        words = recognised or "" if said is None else said
        self._shared.words = words if isinstance(words, str) else ""
        sent, self._open = self._sent if self._open == item_id else 0, None
        if not self._transcribes:
            return
        at = now + _FIRST_DELTA_US
        if isinstance(words, ScriptedFailure):
            self._add(at, partial(self._failed, item_id, words))
            return
        for piece in _pieces(words)[sent:]:
            self._add(at, partial(self._delta, item_id, piece))
            at += _DELTA_EVERY_US
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
        self._sent += 1
        return self._delta(item_id, piece)

    def _delta(self, item_id: str, piece: str) -> list[Output]:
        event_id = self._shared.event_id()
        return [TranscriptionDelta(event_id=event_id, item_id=item_id, delta=piece, obfuscation=obfuscation(piece))]

    def _completed(self, item_id: str, words: str, audio_ms: int) -> list[Output]:
        conversation = self._shared.conversation
        if item_id in conversation:
            content = [Content(type="input_audio", transcript=words)]
            conversation.replace(msgspec.structs.replace(conversation.get(item_id), content=content))
        heard, written = audio_ms // USER_MS_PER_TOKEN, of_words(words)
        usage = {
            "type": "tokens",
            "total_tokens": heard + written,
            "input_tokens": heard,
            "input_token_details": {"text_tokens": 0, "audio_tokens": heard},
            "output_tokens": written,
        }
        return [
            TranscriptionCompleted(event_id=self._shared.event_id(), item_id=item_id, transcript=words, usage=usage)
        ]

    def _failed(self, item_id: str, failure: ScriptedFailure) -> list[Output]:
        error = {**asdict(failure), "param": None}
        return [TranscriptionFailed(event_id=self._shared.event_id(), item_id=item_id, error=error)]


def _pieces(words: str) -> list[str]:
    """Words as deltas, each with the space before it; together they are the words to the letter."""
    return re.findall(r"\s*\S+(?:\s+$)?", words)

"""The turns and the responses of a logged session, put together from its events.

Types of the API's beta count as those of today. Where a log leaves ids out, events belong to what was begun last.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..audio.formats import AudioFormat
from ..units import MS, SECOND
from ..verdict.evidence import LOUD_LSB
from .logged import LoggedEvent, LoggedSession
from .session_settings import SeenSettings, settings_of
from .uplink import AppendedAudio
from .vocabulary import SERVER_TYPES

_TODAY = {
    "response.audio.delta": "response.output_audio.delta",
    "response.audio.done": "response.output_audio.done",
    "response.audio_transcript.delta": "response.output_audio_transcript.delta",
    "response.audio_transcript.done": "response.output_audio_transcript.done",
    "response.text.delta": "response.output_text.delta",
    "response.text.done": "response.output_text.done",
    "conversation.item.created": "conversation.item.added",
}
_WINDOW_MS = 20
_SHORTEST_WORD_MS = 20
"""A whole answer in words with less sound than this was not logged whole."""
_LATEST_MS = 7 * 24 * 3600 * 1000
"""No place in a session's audio is later than this."""


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """An event and where it stands."""

    index: int
    t: int
    place: str
    type: str
    event: Mapping[str, Any]

    def words(self, *, times: bool) -> str:
        """Its place in words: ``message 12, 3.450 s``."""
        return f"{self.place}, {self.t / SECOND:.3f} s" if times else self.place


@dataclass(slots=True)
class SeenTurn:
    """A turn of the user, as far as the log shows it."""

    item_id: str | None
    started: SeenEvent | None = None
    stopped: SeenEvent | None = None
    committed: SeenEvent | None = None
    cleared: SeenEvent | None = None
    """The buffer was cleared while it was open."""
    words: str = ""
    """The service's transcript of it."""

    @property
    def first(self) -> SeenEvent:
        """The first event about it."""
        found = self.started or self.stopped or self.committed
        assert found is not None
        return found

    @property
    def last(self) -> SeenEvent:
        """The last event about it."""
        found = self.committed or self.cleared or self.stopped or self.started
        assert found is not None
        return found

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.stopped is not None or self.committed is not None or self.cleared is not None

    @property
    def start_ms(self) -> int | None:
        """Its ``audio_start_ms``."""
        return _whole(self.started.event.get("audio_start_ms")) if self.started is not None else None

    @property
    def end_ms(self) -> int | None:
        """Its ``audio_end_ms``."""
        return _whole(self.stopped.event.get("audio_end_ms")) if self.stopped is not None else None


@dataclass(slots=True)
class SeenResponse:
    """A response, as far as the log shows it."""

    id: str | None
    first: SeenEvent
    last: SeenEvent
    created: SeenEvent | None = None
    done: SeenEvent | None = None
    spoken: SeenEvent | None = None
    """The event of its audio's end."""
    deltas: int = 0
    audio_ms: float | None = None
    """Length of the audio that arrived; None: the log has no length of it."""
    audible_ms: float | None = None
    """How much of it can be heard; None: the log does not have the audio."""
    first_audio: SeenEvent | None = None
    calls: list[str] = field(default_factory=list)
    """The functions that it calls: their ``call_id``, or empty texts."""
    service_calls: bool = False
    """Whether it calls a tool that the service itself runs (MCP)."""
    wants_approval: bool = False
    """Whether it asks the client to approve such a call."""
    has_text: bool = False
    is_written: bool = False
    """Whether its answer is text, and not the transcript of audio."""
    words: str = ""
    out_began: SeenEvent | None = None
    """A call's ``output_audio_buffer.started``."""
    out_ended: SeenEvent | None = None

    @property
    def status(self) -> str | None:
        """How it ended; None: it has not."""
        if self.done is None:
            return None
        response = self.done.event.get("response")
        return str(response.get("status") or "completed") if isinstance(response, Mapping) else "completed"

    @property
    def status_is_known(self) -> bool:
        """Whether the log says how it ended, or that it has not: text logs have only the event's name."""
        return self.done is None or isinstance(self.done.event.get("response"), Mapping)

    @property
    def details(self) -> str:
        """Why it ended like that, in the service's words."""
        response = self.done.event.get("response") if self.done is not None else None
        details = response.get("status_details") if isinstance(response, Mapping) else None
        if not isinstance(details, Mapping):
            return ""
        error = details.get("error")
        code = error.get("code") or error.get("type") if isinstance(error, Mapping) else None
        return str(code or details.get("reason") or "")


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < _LATEST_MS else None


class SeenSession:
    """One session of a log: its times, settings, turns, responses and appended audio."""

    def __init__(self, session: LoggedSession, earlier: Sequence[LoggedSession] = ()) -> None:
        self.session = session
        self._earlier = tuple(earlier)
        self.settings: SeenSettings = settings_of(session.events)
        self.times, self.has_times = _times(session, self.settings.input)
        self.uplink = AppendedAudio(session.events, self.times, self.settings.input)
        marks = zip(session.events, self.times, strict=True)
        self.marks = [
            SeenEvent(index, t, each.place, _TODAY.get(each.type, each.type), each.event)
            for index, (each, t) in enumerate(marks)
        ]
        self.turns: list[SeenTurn] = []
        self.responses: list[SeenResponse] = []
        self._turns_by_item: dict[str, SeenTurn] = {}
        self._by_id: dict[str, SeenResponse] = {}
        self._aside: set[str] = set()
        for mark, each in zip(self.marks, session.events, strict=True):
            if not each.by_client:
                self._take(mark, each)

    # --- time ---

    @cached_property
    def end(self) -> int:
        """Until when the log shows the session, in microseconds."""
        closed = self.session.close.t if self.session.close is not None else None
        called = max((each.t for each in self.session.telephone if each.t is not None), default=None)
        shown = [t for t in (closed, called, self.session.ended_us) if t is not None and self.has_times]
        return max([*shown, *self.times[-1:]], default=0)

    def since(self, mark: SeenEvent | int) -> int:
        """The time from there to the end of the log, in microseconds."""
        return self.end - (mark if isinstance(mark, int) else mark.t)

    def at(self, t: int) -> str:
        """A time in words; empty if the log has none."""
        return f"{t / SECOND:.3f} s" if self.has_times else ""

    def words(self, mark: SeenEvent) -> str:
        """An event's place in words."""
        return mark.words(times=self.has_times)

    # --- questions ---

    def of_server(self, after: int = -1) -> Iterator[SeenEvent]:
        """The server's events after an index."""
        for mark in self.marks[after + 1 :]:
            if not self.session.events[mark.index].by_client:
                yield mark

    def of_client(self, kind: str, after: int = -1) -> Iterator[SeenEvent]:
        """The client's events of a type after an index."""
        for mark in self.marks[after + 1 :]:
            if mark.type == kind and self.session.events[mark.index].by_client:
                yield mark

    def answers(self, turn: SeenTurn) -> list[SeenResponse]:
        """The responses that were begun after a turn and before the next one was taken."""
        after = (turn.stopped or turn.first).index
        if turn.started is None:  # committed by the client; its event may come after that of the response
            commits = [mark.index for mark in self.of_client("input_audio_buffer.commit") if mark.index < after]
            after = commits[-1] if commits else after
        later = (each.last.index for each in self.turns if each.is_over and each.last.index > turn.last.index)
        until = next(later, len(self.marks))
        return [each for each in self.responses if after < each.first.index < until]

    @cached_property
    def shows_deltas(self) -> bool:
        """Whether the log has events with the assistant's audio, so that a response without any has no audio."""
        return any(each.deltas for each in self.responses)

    def usual_level(self, before_ms: float) -> float:
        """How loud speech was at most before this place of the audio, in the earlier sessions too; 0.0: none was."""
        uplinks = [SeenSession(each).uplink for each in self._earlier]
        spoken = [one.loudest(span) for one in uplinks if one.has_audio for span in one.speeches]
        spoken += [self.uplink.loudest(span) for span in self.uplink.speeches if span.end_ms < before_ms]
        return max(spoken, default=0.0)

    # --- events ---

    def _take(self, mark: SeenEvent, logged: LoggedEvent) -> None:
        kind = mark.type
        if kind.startswith("input_audio_buffer."):
            self._take_input(mark, kind.rpartition(".")[2])
        elif kind.startswith("conversation.item.input_audio_transcription."):
            turn = self._turns_by_item.get(str(mark.event.get("item_id")))
            if turn is not None and isinstance(mark.event.get("transcript"), str):
                turn.words = str(mark.event["transcript"])
        elif kind.startswith("response."):
            self._take_response(mark, logged, kind)
        elif kind.startswith("output_audio_buffer."):
            self._take_output(mark, kind.rpartition(".")[2])

    def _take_input(self, mark: SeenEvent, what: str) -> None:
        item = mark.event.get("item_id")
        item_id = item if isinstance(item, str) else None
        if what == "speech_started":
            self._turn(item_id, new=True).started = mark
        elif what in ("speech_stopped", "committed"):
            setattr(self._turn(item_id), "stopped" if what == "speech_stopped" else "committed", mark)
        elif what == "cleared" and self.turns and not self.turns[-1].is_over:
            self.turns[-1].cleared = mark

    def _turn(self, item_id: str | None, *, new: bool = False) -> SeenTurn:
        if item_id is not None and item_id in self._turns_by_item:
            return self._turns_by_item[item_id]
        last = self.turns[-1] if self.turns else None
        if not new and last is not None and last.committed is None and item_id in (None, last.item_id):
            return last
        turn = SeenTurn(item_id)
        self.turns.append(turn)
        if item_id is not None:
            self._turns_by_item[item_id] = turn
        return turn

    def _take_response(self, mark: SeenEvent, logged: LoggedEvent, kind: str) -> None:
        inside = mark.event.get("response")
        known = inside.get("id") if isinstance(inside, Mapping) else mark.event.get("response_id")
        if isinstance(known, str) and (known in self._aside or self._is_aside(kind, inside)):
            self._aside.add(known)
            return
        if kind not in SERVER_TYPES and known not in self._by_id:
            return  # what another service adds begins no response
        response = self._response(known if isinstance(known, str) else None, mark, new=kind == "response.created")
        response.last = mark
        if kind == "response.created":
            response.created = mark
        elif kind == "response.done":
            response.done = mark
            if response.has_text and response.deltas and (response.audio_ms or 0.0) < _SHORTEST_WORD_MS:
                response.audio_ms = response.audible_ms = None  # the logger kept the first signs of each piece
            _take_output_of(response, inside)
        elif kind == "response.output_audio.done":
            response.spoken = mark
        elif kind == "response.output_audio.delta":
            self._take_delta(response, mark, logged)
        elif kind == "response.function_call_arguments.done":
            response.calls.append(str(mark.event.get("call_id") or ""))
        elif kind.startswith("response.mcp_call"):
            response.service_calls = True
        elif kind.startswith(("response.output_text.", "response.output_audio_transcript.")):
            response.has_text = True
            response.is_written |= kind.startswith("response.output_text.")
            if kind.endswith(".done"):
                response.words = str(mark.event.get("transcript") or mark.event.get("text") or "")

    def _is_aside(self, kind: str, inside: object) -> bool:
        """Whether a response is beside the conversation, as the client asked for: no answer to what was said."""
        begins = kind == "response.created" and isinstance(inside, Mapping) and "conversation_id" in inside
        return begins and isinstance(inside, Mapping) and inside["conversation_id"] is None and self._asks_aside

    @cached_property
    def _asks_aside(self) -> bool:
        asked = (each.event.get("response") for each in self.of_client("response.create"))
        return any(isinstance(each, Mapping) and each.get("conversation") == "none" for each in asked)

    def _response(self, known: str | None, mark: SeenEvent, *, new: bool) -> SeenResponse:
        if known is not None and known in self._by_id:
            return self._by_id[known]
        if not new and known is None and self.responses and self.responses[-1].done is None:
            return self.responses[-1]
        response = SeenResponse(known, mark, mark)
        self.responses.append(response)
        if known is not None:
            self._by_id[known] = response
        return response

    def _take_delta(self, response: SeenResponse, mark: SeenEvent, logged: LoggedEvent) -> None:
        response.deltas += 1
        response.first_audio = response.first_audio or mark
        kind = self.settings.output
        size = len(logged.audio) if logged.audio is not None else logged.audio_bytes
        if size is not None:
            response.audio_ms = (response.audio_ms or 0.0) + kind.duration_us(size) / MS
        if logged.audio:
            response.audible_ms = (response.audible_ms or 0.0) + audible_ms(bytes(logged.audio), kind)

    def _take_output(self, mark: SeenEvent, what: str) -> None:
        known = mark.event.get("response_id")
        found = self._by_id.get(known) if isinstance(known, str) else None
        response = found or (self.responses[-1] if self.responses else None)
        if response is None:
            return
        if what == "started":
            response.out_began = mark
        elif what in ("stopped", "cleared"):
            response.out_ended = mark


def audible_ms(audio: bytes, kind: AudioFormat) -> float:
    """How much of this audio is above -54 dBFS, in windows of 20 ms."""
    samples = kind.decode(audio[: len(audio) - len(audio) % kind.bytes_per_sample]).astype(np.float64)
    size = kind.rate_hz * _WINDOW_MS // 1000
    heard = 0
    for start in range(0, len(samples), size):
        window = samples[start : start + size]
        if float(window @ window) >= LOUD_LSB**2 * len(window):
            heard += len(window)
    return heard * 1000 / kind.rate_hz


def _take_output_of(response: SeenResponse, inside: object) -> None:
    """What ``response.done`` says that it said, for logs that leave the pieces out."""
    output = inside.get("output") if isinstance(inside, Mapping) else None
    for item in output if isinstance(output, list) else []:
        if not isinstance(item, Mapping):
            continue
        if item.get("type") == "function_call" and not response.calls:
            response.calls.append(str(item.get("call_id") or ""))
        response.service_calls |= item.get("type") in ("mcp_call", "mcp_approval_request")
        response.wants_approval |= item.get("type") == "mcp_approval_request"
        content = item.get("content")
        for part in content if isinstance(content, list) else []:
            if isinstance(part, Mapping) and (part.get("transcript") or part.get("text")):
                response.has_text = True
                response.is_written |= part.get("type") in ("output_text", "text")
                response.words = response.words or str(part.get("transcript") or part.get("text"))


def _times(session: LoggedSession, kind: AudioFormat) -> tuple[list[int], bool]:
    """When each event happened, and whether that is known.

    A log without times has the clock of the appended audio, if the lengths of its appends are known; else only the
    order is left, and all times are 0.
    """
    recorded = [each.t for each in session.events]
    if any(t is not None for t in recorded):
        times, last = [], next(t for t in recorded if t is not None)
        for t in recorded:
            last = max(last, t) if t is not None else last
            times.append(last)
        return times, True
    times, appended = [], 0
    for each in session.events:
        if each.by_client and each.type == "input_audio_buffer.append":
            size = len(each.audio) if each.audio is not None else each.audio_bytes
            appended += kind.duration_us(size or 0)
        times.append(appended)
    return times, appended > 0

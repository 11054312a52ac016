"""A session that is sent anything, and everything that is asked of it after each message."""

import json
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import msgspec

from harness.audio.babble import babble
from harness.errors import ProtocolError
from harness.journal import SessionEntry
from harness.protocol.codec import decode_client_event, decode_server_event, encode, event_id_of
from harness.protocol.events import Event, event_type
from harness.protocol.summary import summary
from harness.server.asked import ResultPattern
from harness.server.captures import Captures, filled, filled_json
from harness.server.outputs import Close, Output
from harness.server.policy import ServerPolicy
from harness.server.session import EXPIRED, Session, SessionSetup
from harness.server.utterance import Utterance
from harness.server.voice import FAILURES, Answer, AnswerRule, ToolCall, Voice
from harness.units import MS, SECOND
from tests.abuse.ledger import Broken, Document, SessionLedger, require
from tests.abuse.mutations import REFUSED, TAKEN, Wired
from tests.server.playbook import append, sends, silence, speech


@dataclass(frozen=True, slots=True)
class _Repeats:
    """An answer that says, and calls a tool with, what a client sent."""

    text: str

    def filled(self, captures: Captures) -> Answer:
        call = ToolCall("repeat", filled_json(json.dumps({"it": self.text}), captures))
        return Answer(Utterance(_SPOKEN.samples, filled(self.text, captures)), calls=(call,))


_SPOKEN = Utterance(babble(250 * MS, seed=3), "It is noon.")
VOICE = Voice(
    Answer(_SPOKEN),
    rules=(
        AnswerRule(Answer(_SPOKEN, calls=(ToolCall("lookup", '{"city":"Oslo"}'), ToolCall("lookup"))), turn=2),
        AnswerRule(Answer(_SPOKEN, failure=FAILURES["rate_limit_exceeded"], cut_after_us=100 * MS), turn=4),
        AnswerRule(Answer(_SPOKEN, incomplete="content_filter"), turn=5),
        AnswerRule(Answer(None, calls=(ToolCall("end"),)), turn=6),
        AnswerRule(Answer(_SPOKEN, latency_us=0, created_after_us=300 * MS), turn=7),
        AnswerRule(_Repeats("{result}"), result=ResultPattern("lookup")),
        AnswerRule(_Repeats("{result.city}"), result=ResultPattern()),
        AnswerRule(_Repeats("{words}"), typed="(?s)(?P<words>.+)"),
        AnswerRule(_Repeats("{tool}"), tools="(?P<tool>.+)", instructions="."),
    ),
    transcripts=("Hello?", FAILURES["server_error"]),
)
"""Answers of every kind, each short."""
_PLACEHOLDER = re.compile(rb"@(item|gone|response|call):(\d+)@")
_NOBODY = {"item": b"item_none", "gone": b"item_gone", "response": b"resp_none", "call": b"call_none"}
_LENIENT_BYTES = 1024 * 1024
_MOST_EVENTS = 500
"""At once."""
_MOST_WAKES = 20_000
"""In one pause."""
_PATIENCE_S = 10.0
"""A message, or a pause, that takes more of the processor's time hangs."""
_CANCEL_TAKES_US = 100 * MS
_ANSWERS = {
    "input_audio_buffer.commit": ("input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"),
    "input_audio_buffer.clear": ("input_audio_buffer.cleared",),
    "session.update": ("session.updated",),
    "conversation.item.create": ("conversation.item.added", "conversation.item.done"),
    "conversation.item.delete": ("conversation.item.deleted",),
    "conversation.item.retrieve": ("conversation.item.retrieved",),
    "conversation.item.truncate": ("conversation.item.truncated",),
    "response.create": ("response.created",),
}
"""What acknowledges each message, in the order of the events. An append has no answer of its own; a cancel is answered
by ``response.done`` a little later (documented)."""
_TURN = [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "response.created",
    "response.done",
]


class Victim:
    """One session with its clock. Every method raises :exc:`Broken` when something is not as it must be."""

    def __init__(self, policy: dict[str, str]) -> None:
        self.policy = ServerPolicy().changed(**policy)
        self.session = Session(SessionSetup(voice=VOICE, detector="energy", policy=self.policy), "victim")
        self.ledger = SessionLedger(self.policy)
        self.now = 0
        self.answered: list[Document] = []
        """The events of the last step."""
        self._cancelled: dict[str, int] = {}
        """Responses that the client has cancelled, and when they must be done."""
        self._hear(self.session.open(0))

    # --- steps ---

    def is_sent(self, wired: Wired) -> str:
        """The code of its refusal, or the empty string."""
        data = _PLACEHOLDER.sub(self._named, wired.data)
        with _patience("the message is not answered"):
            return self._is_sent(data, wired.due)

    def passes(self, us: int) -> None:
        """Time passes, with every wake-up on time."""
        end, wakes = self.now + us, 0
        with _patience("the session does not come to rest"):
            while (due := self.session.next_wake) is not None and due <= end:
                self.now = max(self.now, due)
                with _crashes():
                    outputs = self.session.wake(self.now)
                self._hear(outputs)
                wakes += 1
                later = self.session.next_wake
                require(later is None or later > self.now, "a wake-up leaves work due at once", "hang")
                require(wakes < _MOST_WAKES, f"{wakes} wake-ups in {us / SECOND:g} s", "hang")
        self.now = end
        for response_id, until in list(self._cancelled.items()):
            if response_id not in self.ledger.running:
                del self._cancelled[response_id]
            else:
                require(until > self.now, f"{response_id} was cancelled and is not done", "missing")

    def still_works(self) -> None:
        """A well-behaved client, in the same session: it is heard and answered, unless the session has ended."""
        detection = {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 200,
                     "create_response": True, "interrupt_response": True, "idle_timeout_ms": None}  # fmt: skip
        form = {"type": "audio/pcm", "rate": 24_000}
        audio = {"input": {"format": form, "turn_detection": detection}, "output": {"format": form}}
        fresh = {"output_modalities": ["audio"], "max_output_tokens": "inf", "audio": audio}
        self._tells(sends("session.update", session={"type": "realtime", **fresh}).document)
        for response_id in list(self.ledger.running):
            if response_id in self.ledger.running and response_id not in self._cancelled:
                self._tells(sends("response.cancel", response_id=response_id).document)
        self._tells(sends("input_audio_buffer.clear").document)
        self._tells(append(silence(30)).document)  # a frame from before the clear may be speech
        self.passes(20 * SECOND)
        heard = []
        for audio in (speech(12), silence(30)):
            self._tells(append(audio).document)
            heard += self.answered
        self.answered = []
        self.passes(20 * SECOND)
        if self.session.closed:
            return
        heard += self.answered
        told = [event["type"] for event in heard if event["type"] in _TURN]
        require(told == _TURN, f"afterwards a spoken turn is answered by {told}", "hang")

    # --- what is checked ---

    def _named(self, found: re.Match[bytes]) -> bytes:
        kind = found[1].decode()
        ledger = self.ledger
        known = {"item": ledger.items, "gone": ledger.gone, "response": ledger.responses, "call": ledger.calls}[kind]
        back = int(found[2])
        return known[-1 - back].encode() if back < len(known) else _NOBODY[kind]

    def _is_sent(self, data: bytes, due: str) -> str:
        closed = self.session.closed
        before = self._state()
        event, outputs = None, []
        with _crashes():
            try:
                event = decode_client_event(data)
            except ProtocolError as error:
                outputs = [self.session.refuse(error, event_id_of(data))]
            else:
                json.dumps(summary(event))
                outputs = self.session.receive(event, self.now)
        self._hear(outputs, keep=False)
        if closed:
            require(event is None or not self.answered, "a closed session answers")
            return ""
        errors = [each["error"] for each in self.answered if each["type"] == "error"]
        if errors:
            require(len(self.answered) == 1, "an error does not come alone")
            require(due != TAKEN, f"a legal message is refused: {errors[0]['message']}")
            echo = errors[0]["event_id"]
            is_long = len(data) > _LENIENT_BYTES  # which this parser may take half a minute for
            require(is_long or echo == _echo_due(data, event), "the error echoes another event_id")
            if self.policy.update_error == "atomic":
                require(self._state() == before, "a refused message changed something")
            return str(errors[0]["code"])
        require(event is not None, "a message that is no event gets no error", "missing")
        require(due != REFUSED, f"a message that cannot be right is taken: {data[-300:]!r}")
        self._is_acknowledged(event)
        return ""

    def _is_acknowledged(self, event: Any) -> None:
        kind = event_type(event)
        if kind == "response.cancel":
            self._expect_done(event.response_id)
            return
        if kind == "input_audio_buffer.append" or self._ignored(kind):
            return
        due = _ANSWERS[kind]
        told = [each for each in self.answered if each["type"] in due]
        if kind == "response.create" and not told:  # the script may say that it is created later
            require(self.session.response is not None and not self.session.response.created, "no response", "missing")
            return
        require([each["type"] for each in told] == list(due), f"{kind} is answered by {told}", "missing")
        for name in ("item_id", "audio_end_ms", "content_index"):
            given = getattr(event, name, None)
            if given is not None and name in told[0]:
                require(told[0][name] == given, f"{kind} of {given!r} is answered for {told[0][name]!r}")
        if kind == "conversation.item.retrieve":
            require(told[0]["item"]["id"] == event.item_id, "another item is retrieved")

    def _ignored(self, kind: str) -> bool:
        return (kind == "response.create" and self.policy.manual_create == "ignored") or (
            kind == "input_audio_buffer.commit" and self.policy.manual_commit == "ignored"
        )

    def _expect_done(self, response_id: str | None) -> None:
        running = self.ledger.running
        if response_id is None:
            response_id = next((each.id for each in running.values() if each.in_conversation), None)
        if response_id in running:
            self._cancelled.setdefault(str(response_id), self.now + _CANCEL_TAKES_US)

    def _state(self) -> tuple[Any, ...]:
        session, hearing = self.session, self.session.hearing
        echo = msgspec.json.encode(session.config.echo)
        return echo, hearing.buffered_bytes, hearing.turn.state, len(session.conversation), session.next_wake

    def _hear(self, outputs: list[Output], *, keep: bool = True) -> None:
        if not keep:
            self.answered = []
        require(len(outputs) <= _MOST_EVENTS, f"{len(outputs)} events at once")
        for output in outputs:
            if isinstance(output, SessionEntry):
                continue
            if isinstance(output, Close):
                require(output.reason == EXPIRED, f"closed: {output.reason}")
                continue
            require(isinstance(output, Event), f"{output!r} is sent")
            with _crashes():
                json.dumps(summary(output))
                data = encode(output)
                document = msgspec.json.decode(data)
                require(encode(decode_server_event(data)) == data, f"{document['type']} is read back as another event")
            self.answered.append(document)
            self.ledger.take(document)

    def _tells(self, document: Document) -> None:
        self.is_sent(Wired(json.dumps(document).encode(), "well-behaved"))


def _echo_due(data: bytes, event: Any) -> str | None:
    """The ``event_id`` that an error must echo, read by another parser than the server's."""
    if event is not None:
        return event.event_id  # type: ignore[no-any-return]
    try:
        found = json.loads(data.decode())
    except (ValueError, RecursionError):
        return None
    echo = found.get("event_id") if isinstance(found, dict) else None
    return echo.encode("utf-8", "replace").decode() if isinstance(echo, str) else None


@contextmanager
def _crashes() -> Iterator[None]:
    """An exception within is a crash of the session."""
    try:
        yield
    except Broken:
        raise
    except Exception as error:
        at = error.__traceback__
        while at is not None and at.tb_next is not None:
            at = at.tb_next
        where = f"{at.tb_frame.f_code.co_filename}:{at.tb_lineno}" if at is not None else "?"
        raise Broken("crash", f"{type(error).__name__}: {error} ({where})") from error


@contextmanager
def _patience(what: str) -> Iterator[None]:
    """What takes longer than this hangs. Where there are no timers, nothing is bounded."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def give_up(number: int, frame: FrameType | None) -> None:
        raise Broken("hang", f"{what} within {_PATIENCE_S:g} s of the processor")

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, _PATIENCE_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)

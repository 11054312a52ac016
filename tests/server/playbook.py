"""A notation for conversations with the server, after mitmproxy's Playbook.

What the client sends goes in with ``>>``, what the server must say is taken off with ``<<``, in order::

    user = Id()
    assert (
        Playbook()
        >> append(speech(3) + silence(7))
        << says("input_audio_buffer.speech_started", item_id=user, audio_start_ms=0)
        << says("input_audio_buffer.speech_stopped", item_id=user)
        >> passes(400)
        << some("response.output_audio.delta")
    )

Client events travel as JSON through the codec, as on a real connection. Time is virtual, and passes only where
:func:`passes` or :data:`FINISHES` says so. A said field that is not named is not compared; an :class:`Id` takes the
first id it sees and requires it later. It is an error to go on, or to end, while the server has said more. Every
event is shown to the vendor's own types as well. With ``strict=False``, what was not taken off is ignored at the
next step, for tests that look at ``said`` afterwards.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from harness.audio.babble import babble
from harness.errors import ProtocolError
from harness.journal import SessionEntry
from harness.protocol.codec import encode, event_id_of
from harness.protocol.events import Event
from harness.server.call_session import CallSession, FromCall, MediaFrame
from harness.server.output_buffer import FRAME_BYTES
from harness.server.policy import ServerPolicy
from harness.server.session import SessionKind, SessionSetup
from harness.server.sessions import make_session
from harness.server.utterance import Utterance
from harness.server.voice import Answer, Voice
from harness.units import MS, SECOND
from tests.protocol.vendor import complaints

NoteT = TypeVar("NoteT", bound=SessionEntry)
WORDS = "I can hear you well."
REPLY_MS = 350
VOICE = Voice(Answer(Utterance(babble(REPLY_MS * MS, seed=11), WORDS)))
"""A short answer, for speed: four deltas, of which the last is half as long."""

FRAME = 768
"""Samples of 32 ms at 24 kHz."""


def speech(frames: float) -> bytes:
    """Frames that the energy detector takes for speech (PCM at 24 kHz)."""
    count = round(frames * FRAME)
    return np.where(np.arange(count) // 40 % 2, 8000, -8000).astype("<i2").tobytes()


def silence(frames: float) -> bytes:
    """Frames of zeros (PCM at 24 kHz)."""
    return bytes(2 * round(frames * FRAME))


class Id:
    """A placeholder for an id: any string at first, the same one ever after."""

    def __init__(self) -> None:
        self.value: str | None = None

    def __repr__(self) -> str:
        return self.value or "some id"


@dataclass(frozen=True)
class Sent:
    document: dict[str, Any]

    def __str__(self) -> str:
        fields = {name: value for name, value in self.document.items() if name not in ("type", "audio")}
        audio = f"{len(self.document['audio']) * 3 // 4} bytes of audio" if "audio" in self.document else ""
        return f"-> {self.document['type']} {fields or ''}{audio}"


@dataclass(frozen=True)
class Said:
    type: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class Some:
    types: tuple[str, ...]


@dataclass(frozen=True)
class Rest:
    """Whatever else has been said."""


REST = Rest()


@dataclass(frozen=True)
class Passes:
    us: int | None

    def __str__(self) -> str:
        return "   time passes until nothing is due" if self.us is None else f"   {self.us / MS:g} ms pass"


def sends(event: str, **fields: Any) -> Sent:
    """A client event. An :class:`Id` among the fields stands for the id it took."""
    return Sent({"type": event, **fields})


def append(audio: bytes, **fields: Any) -> Sent:
    return sends("input_audio_buffer.append", audio=base64.b64encode(audio).decode(), **fields)


def update(event_id: str | None = None, **session: Any) -> Sent:
    """``session.update`` of a realtime session."""
    return sends(
        "session.update", session={"type": "realtime", **session}, **({"event_id": event_id} if event_id else {})
    )


def user_says(text: str, **fields: Any) -> Sent:
    content = [{"type": "input_text", "text": text}]
    item = {"type": "message", "role": "user", "content": content, **fields.pop("item", {})}
    return sends("conversation.item.create", item=item, **fields)


COMMIT = sends("input_audio_buffer.commit")
CLEAR = sends("input_audio_buffer.clear")
CREATE = sends("response.create")
CANCEL = sends("response.cancel")
CANCEL_TAKES_MS = 100
"""From it to ``response.done`` (assumed, §3.5)."""


def says(event: str, **fields: Any) -> Said:
    """A server event; of an object, too, only the named fields are compared."""
    return Said(event, fields)


def some(*types: str) -> Some:
    """One or more events of each of these types, in any order."""
    return Some(types)


def refuses(code: str | None, message: str | None = None, **fields: Any) -> Said:
    """An ``error`` event."""
    return says("error", error={"code": code, **({"message": message} if message else {}), **fields})


def passes(ms: float) -> Passes:
    """Time: the session is woken whenever it asked to be."""
    return Passes(round(ms * MS))


FINISHES = Passes(None)
"""Time, until the session has nothing more to do by itself; but not so much that it expires."""
FOLLOWS_WITHIN = 600 * SECOND


class Playbook:
    """A session, and a pointer to what it has said that no ``<<`` has taken off yet."""

    def __init__(
        self,
        *,
        voice: Voice = VOICE,
        policy: dict[str, str] | None = None,
        turn_detection: dict[str, Any] | None = None,
        kind: SessionKind = "realtime",
        model: str = "gpt-realtime",
        opened: bool = True,
        strict: bool = True,
        call: bool = False,
    ) -> None:
        policies = ServerPolicy().changed(**(policy or {}))
        setup = SessionSetup(
            voice=voice,
            detector="energy",
            turn_detection=turn_detection or {},
            policy=policies,
            kind=kind,
            model=model,
        )
        self.session = make_session(setup, "playbook")
        self.call = CallSession(self.session) if call else None
        self.frames: list[tuple[int, MediaFrame]] = []
        """Of a call: each frame of the media track, with when it left."""
        self._machine: Any = self.call or self.session
        self.now = 0
        self._strict = strict
        self.said: list[dict[str, Any]] = []
        self.said_at: list[int] = []
        self.notes: list[SessionEntry] = []
        self._taken = 0
        self._transcript: list[str] = []
        self._hear(self._machine.open(0))
        if opened:
            self << says("session.created")

    def __rshift__(self, step: Sent | Passes) -> "Playbook":
        assert self if self._strict else self << REST
        self._transcript.append(str(step))
        if isinstance(step, Sent):
            self._hear(self._answers(step))
        else:
            self._pass(step.us)
        return self

    def oversleeps(self, ms: int) -> "Playbook":
        """Time passes without a wake-up of the session; then it is woken once."""
        self.now += ms * MS
        self._hear(self._machine.wake(self.now))
        return self

    def __lshift__(self, expected: Said | Some | Rest) -> "Playbook":
        if isinstance(expected, Rest):
            self._transcript.extend(f"<- {event['type']}" for event in self.said[self._taken :])
            self._taken = len(self.said)
        elif isinstance(expected, Some):
            self._take_some(expected)
        else:
            self._take(expected)
        return self

    def __bool__(self) -> bool:
        """True; raises if the server has said more than was taken off."""
        if self._taken < len(self.said):
            self._fail("expected nothing more")
        return True

    def types(self) -> list[str]:
        """The types of all events so far."""
        return [event["type"] for event in self.said]

    def last(self, event: str) -> dict[str, Any]:
        """The last event of a type."""
        return next(found for found in reversed(self.said) if found["type"] == event)

    def _answers(self, step: Sent) -> Sequence[FromCall]:
        text = json.dumps(step.document, default=lambda value: value.value)
        try:
            event = self.session.decode(text)
        except ProtocolError as error:
            return [self.session.refuse(error, event_id_of(text))]
        outputs: list[FromCall] = self._machine.receive(event, self.now)
        return outputs

    def _pass(self, us: int | None) -> None:
        end = self.now + (FOLLOWS_WITHIN if us is None else us)
        while (due := self._machine.next_wake) is not None and due <= end:
            self.now = max(self.now, due)
            self._hear(self._machine.wake(self.now))
        self.now = self.now if us is None else end

    def hears(self, audio: bytes) -> "Playbook":
        """A call gets audio of the microphone, 20 ms at a time, in real time."""
        assert self.call is not None
        for begin in range(0, len(audio), FRAME_BYTES):
            self._pass(20 * MS)
            self._hear(self.call.hear(audio[begin : begin + FRAME_BYTES], self.now))
        return self

    def runs_dry(self) -> "Playbook":
        """No packets of the microphone arrive any more."""
        assert self.call is not None
        self._hear(self.call.run_dry(self.now))
        return self

    def _hear(self, outputs: Sequence[FromCall]) -> None:
        for output in outputs:
            if isinstance(output, MediaFrame):
                self.frames.append((self.now, output))
            elif isinstance(output, Event):
                document = json.loads(encode(output))
                assert not complaints(document), (complaints(document), document)
                self.said.append(document)
                self.said_at.append(self.now)
            elif isinstance(output, SessionEntry):
                self.notes.append(output)

    def noted(self, *types: type[NoteT]) -> list[NoteT]:
        """What the session noted for the journal alone, of these classes."""
        return [note for note in self.notes if isinstance(note, types)]

    def _take(self, expected: Said) -> None:
        wanted = f"expected {expected.type} {expected.fields or ''}"
        if self._taken == len(self.said):
            self._fail(wanted)
        actual = self.said[self._taken]
        if actual["type"] != expected.type:
            self._fail(wanted)
        if differences := list(_differences(expected.fields, actual, "")):
            self._fail("\n        ".join([wanted, *differences]))
        self._transcript.append(f"<- {expected.type}")
        self._taken += 1

    def _take_some(self, expected: Some) -> None:
        missing = set(expected.types)
        while self._taken < len(self.said) and self.said[self._taken]["type"] in expected.types:
            missing.discard(self.said[self._taken]["type"])
            self._transcript.append(f"<- {self.said[self._taken]['type']}")
            self._taken += 1
        if missing:
            self._fail(f"expected some {' and '.join(sorted(missing))}")

    def _fail(self, wanted: str) -> None:
        left = [f"<- {_brief(event)}" for event in self.said[self._taken :]] or ["   (the server says nothing more)"]
        lines = [*self._transcript, f"   --- {wanted}, but:", *left[:12]]
        raise AssertionError("the conversation went differently\n    " + "\n    ".join(lines))


def _brief(event: dict[str, Any]) -> str:
    fields = {name: value for name, value in event.items() if name not in ("type", "event_id", "session")}
    return f"{event['type']} {str(fields)[:300]}"


def _differences(expected: Any, actual: Any, path: str) -> Any:
    if isinstance(expected, Id) and isinstance(actual, str):
        expected.value = expected.value or actual
        expected = expected.value
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name, value in expected.items():
            yield from _differences(value, actual.get(name, "(absent)"), f"{path}.{name}" if path else name)
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from _differences(one, other, f"{path}[{index}]")
    elif expected != actual:
        yield f"{path}: expected {expected!r}, got {actual!r}"

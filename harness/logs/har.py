"""HAR files that hold WebSocket messages: of Chromium's DevTools, Playwright, mitmproxy and other recorders."""

import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .frames import AnyFrame, CloseFrame, EventFrame, SpanFrame
from .opening import LATER_MISSING, Note
from .times import Stamp, stamp_of
from .windows import CutOff, Unreadable, Window

_BEGINS = re.compile(r'\{\s*"log"\s*:|"creator"\s*:\s*\{|"_webSocketMessages"\s*:')
_NEXT_MESSAGE = re.compile(r'\{\s*"(?:type|opcode|time|data)"\s*:')
_RECORDERS = {
    "WebInspector": "HAR of Chromium's DevTools",
    "Playwright": "HAR of Playwright",
    "mitmproxy": "HAR of mitmproxy",
}


def is_har(head: str) -> bool:
    """Whether a text begins like a HAR file."""
    return head.startswith("{") and _BEGINS.search(head[:4096]) is not None and '"log"' in head[:4096]


def form_of(head: str) -> str:
    """Who wrote it, in words."""
    return next((form for name, form in _RECORDERS.items() if f'"{name}"' in head[:4096]), "HAR")


def read_har(window: Window, note: Note, folder: Path) -> Iterator[AnyFrame]:
    """The messages of all sockets of a HAR file; ``folder`` is where files that it names are."""
    socket = 0
    try:
        for outer in window.fields():
            if outer != "log":
                window.skip()
                continue
            for key in window.fields():
                if key != "entries":
                    window.skip()
                    continue
                for _ in window.members():
                    socket += 1
                    yield from _entry(window, f"socket {socket}", note, folder)
    except CutOff:
        note(f"The file is cut off in line {window.line}; {LATER_MISSING}.")
    except Unreadable as error:
        note(f"The file is no JSON from line {window.line} on ({error}); {LATER_MISSING}.")


@dataclass(slots=True)
class _Entry:
    """What a HAR says of a request, as far as it is needed."""

    opened: Stamp | None = None
    took_ms: Any = None
    has_messages: bool = False
    is_socket: bool = False
    body_file: str | None = None


def _entry(window: Window, socket: str, note: Note, folder: Path) -> Iterator[AnyFrame]:
    entry = _Entry()
    for key in window.fields():
        if key == "_webSocketMessages" and window.peek() == "[":
            entry.has_messages = True
            yield from _messages(window, socket, note)
        elif key == "startedDateTime":
            entry.opened = stamp_of(window.value())
        elif key == "time":
            entry.took_ms = window.value()
        elif key == "_resourceType":
            entry.is_socket = window.value() == "websocket"
        elif key == "response" and window.peek() == "{":
            entry.body_file = _body_file(window)
        else:
            window.skip()
    if entry.is_socket and entry.body_file and not entry.has_messages:
        entry.has_messages = True
        yield from _attached(entry.body_file, socket, note, folder)
    if entry.has_messages and entry.opened is not None and entry.opened.kind == "epoch":
        yield SpanFrame(entry.opened, opens=True, socket=socket)
        if isinstance(entry.took_ms, int | float) and 0 <= entry.took_ms < 1e9:
            ended = Stamp("epoch", entry.opened.value + round(entry.took_ms * 1000))
            yield SpanFrame(ended, opens=False, socket=socket)


def _body_file(window: Window) -> str | None:
    """The file beside the HAR that holds the body of a response; for a socket Playwright writes its messages there."""
    found: Any = None
    for key in window.fields():
        if key != "content" or window.peek() != "{":
            window.skip()
            continue
        for inner in window.fields():
            if inner == "_file":
                found = window.value()
            else:
                window.skip()
    return found if isinstance(found, str) else None


def _messages(window: Window, socket: str, note: Note) -> Iterator[AnyFrame]:
    number = 0
    broken = 0
    for _ in window.members():
        number += 1
        try:
            message = window.value()
        except Unreadable:
            broken += 1
            window.at += 1
            if not window.find(_NEXT_MESSAGE):
                break
            continue
        frame = _frame(message, number, socket)
        if frame is None:
            broken += 1
        elif not isinstance(frame, SpanFrame):
            yield frame
    if broken:
        note(f"{broken} of {number} messages of {socket} are no JSON; they are left out.")


def _control(message: dict[str, Any], socket: str) -> CloseFrame | SpanFrame:
    """A close, as a few recorders have it; a ping or pong says only that the connection was there."""
    stamp = stamp_of(message.get("time"))
    if message["opcode"] != 8:
        return SpanFrame(stamp, opens=False, socket=socket)
    code = message.get("code")
    return CloseFrame(
        stamp, code if isinstance(code, int) else None, socket=socket, by_client=message.get("type") == "send"
    )


def _frame(message: Any, number: int, socket: str) -> EventFrame | CloseFrame | SpanFrame | None:
    if not isinstance(message, dict):
        return None
    data = message.get("data")
    if message.get("opcode") in (8, 9, 10):
        return _control(message, socket)
    if message.get("opcode") == 2 and isinstance(data, str):
        try:
            data = binascii.a2b_base64(data).decode("utf-8")
        except (binascii.Error, ValueError):
            return None
    try:
        document = json.loads(data) if isinstance(data, str) else data
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    time = message.get("time")
    stamp = stamp_of(time) if time != -1 else None
    label = message.get("type")
    by_client = {"send": True, "receive": False}.get(label) if isinstance(label, str) else None
    return EventFrame(f"message {number}", document, stamp, socket, by_client)


def _attached(name: str, socket: str, note: Note, folder: Path) -> Iterator[AnyFrame]:
    """The messages of a file that the HAR names, beside it, one JSON value a line."""
    path = folder / name
    try:
        if Path(name).name != name or not path.is_file():
            raise FileNotFoundError
        with path.open(encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, start=1):
                try:
                    frame = _frame(json.loads(line), number, socket)
                except (ValueError, RecursionError):
                    frame = None
                if frame is not None:
                    yield frame
    except OSError:
        note(f"The messages of {socket} are in the file {name!r}, which is not beside the HAR; put it there.")

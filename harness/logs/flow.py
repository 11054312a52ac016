"""Flow files of mitmproxy: tnetstrings, one for each flow, of which those with a WebSocket are read.

A tnetstring is its length, a colon, that many bytes, and a character that tells what they are. A value is never read
whole unless it is needed, so a flow may be longer than memory.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from .frames import AnyFrame, CloseFrame, EventFrame
from .opening import LATER_MISSING, Note
from .times import stamp_of
from .windows import LONGEST_VALUE

_LONGEST_LENGTH = 12
_BEGINS = re.compile(rb"\d{1,12}:\d{1,3}:[a-z_]+[;,]")
_KINDS = b",;#^!~]}"


class _Broken(Exception):
    """The file is no flow file from here on, or ends here."""


class _Piece:
    """A value in the file: where its bytes are, and of what kind; empty if the file ends before it."""

    __slots__ = ("end", "kind", "start")

    def __init__(self, file: BinaryIO, at: int, limit: int) -> None:
        file.seek(at)
        digits, colon, _ = file.read(_LONGEST_LENGTH + 1).partition(b":")
        if not colon or not digits.isdigit():
            raise _Broken
        self.start = at + len(digits) + 1
        self.end = min(self.start + int(digits), limit)
        file.seek(self.end)
        self.kind = file.read(1) if self.end < limit else b""
        if self.kind and self.kind not in _KINDS:
            raise _Broken


def is_flow(head: bytes) -> bool:
    """Whether a file begins like one of mitmproxy's."""
    return _BEGINS.match(head[:200]) is not None


def read_flows(file: BinaryIO, note: Note) -> Iterator[AnyFrame]:
    """The messages of the sockets in a flow file, and with which code each was closed."""
    size = file.seek(0, 2)
    at = 0
    number = 0
    try:
        while at < size:
            number += 1
            flow = _Piece(file, at, size)
            for key, piece in _fields(file, flow):
                if key == b"websocket" and piece.kind in (b"}", b""):
                    yield from _socket(file, piece, f"socket {number}", note)
            if not flow.kind:
                raise _Broken
            at = flow.end + 1
    except _Broken:
        note(f"The file is cut off or damaged in flow {number}; {LATER_MISSING}.")


def _fields(file: BinaryIO, within: _Piece) -> Iterator[tuple[bytes, _Piece]]:
    at = within.start
    while at < within.end:
        key = _Piece(file, at, within.end)
        value = _Piece(file, key.end + 1, within.end)
        yield bytes(_bytes(file, key)), value
        at = value.end + 1


def _members(file: BinaryIO, within: _Piece) -> Iterator[_Piece]:
    at = within.start
    while at < within.end:
        piece = _Piece(file, at, within.end)
        yield piece
        at = piece.end + 1


def _bytes(file: BinaryIO, piece: _Piece) -> bytes:
    if piece.end - piece.start > LONGEST_VALUE:
        return b""
    file.seek(piece.start)
    return file.read(piece.end - piece.start)


def _scalar(file: BinaryIO, piece: _Piece) -> Any:
    data = _bytes(file, piece)
    try:
        if piece.kind == b"#":
            return int(data[:20])
        if piece.kind == b"^":
            return float(data[:40])
    except ValueError:
        return None
    if piece.kind == b"!":
        return data == b"true"
    return None if piece.kind == b"~" else data.decode("utf-8", "replace")


def _socket(file: BinaryIO, websocket: _Piece, socket: str, note: Note) -> Iterator[AnyFrame]:
    ended: dict[bytes, Any] = {}
    for key, piece in _fields(file, websocket):
        if key == b"messages":
            yield from _messages(file, piece, socket, note)
        elif key in (b"close_code", b"close_reason", b"closed_by_client", b"timestamp_end"):
            ended[key] = _scalar(file, piece)
    code = ended.get(b"close_code")
    if isinstance(code, int) or ended.get(b"timestamp_end") is not None:
        reason = ended.get(b"close_reason") or ""
        by_client = ended.get(b"closed_by_client")
        yield CloseFrame(
            stamp_of(ended.get(b"timestamp_end")),
            code if isinstance(code, int) else None,
            str(reason),
            socket,
            by_client if isinstance(by_client, bool) else None,
        )


def _messages(file: BinaryIO, messages: _Piece, socket: str, note: Note) -> Iterator[AnyFrame]:
    """A message is a list: opcode, whether the client sent it, its bytes, its time, whether it was dropped."""
    broken = 0
    number = 0
    for number, message in enumerate(_members(file, messages), start=1):
        parts = list(_members(file, message))
        if len(parts) < 4:
            if not message.kind:
                raise _Broken
            broken += 1
            continue
        try:
            document = json.loads(_bytes(file, parts[2]))
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, dict):
            by_client = _scalar(file, parts[1])
            stamp = stamp_of(_scalar(file, parts[3]))
            yield EventFrame(
                f"message {number}", document, stamp, socket, by_client if isinstance(by_client, bool) else None
            )
        else:
            broken += 1
    if broken:
        note(f"{broken} of {number} messages of {socket} are no JSON; they are left out.")

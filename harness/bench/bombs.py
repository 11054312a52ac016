"""What compressed bombs cost the live server and its honest clients: memory, and time of its event loop.

A bomb is a message of a few KiB that permessage-deflate inflates to the largest message, or beyond. Forty hostile
clients send theirs at once, whole or without their ends, while honest clients send 20 ms appends and measure the round
trip of a question.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Literal
from urllib.parse import urlsplit

import numpy as np
from websockets.frames import Frame, Opcode

from ..errors import InputError, did_you_mean
from ..live.socket.limits import MAX_MESSAGE_BYTES
from .caller import APPENDS, CREATE_ITEM, Caller, CallerCounts
from .server_process import ServerProcess

HOSTILE, HONEST = 40, 10
GROWTH_LIMIT_MIB, LEFT_LIMIT_MIB = 300.0, 30.0
HONEST_P99_LIMIT_MS = 100.0
_MIB = 1024 * 1024
_APPEND_S = 0.02
_ASKS_EVERY = 5
_QUIET_S, _WATCHED_S, _FREED_S = 1.0, 3.0, 1.0
_ENDS_WITHIN_S = 90.0
_LOOKS_EVERY_S = 0.002
_FRAGMENT_BYTES = 64
_COMPRESSED = 0b0100_0000
"""RSV1, in the first byte of a message (RFC 7692, section 6)."""
_DIGESTED = b"digested"
_LAST = Frame(
    Opcode.TEXT, b'{"type":"conversation.item.retrieve","item_id":"none","event_id":"' + _DIGESTED + b'"}'
).serialize(mask=True)
"""Its answer shows that all before it was processed."""

BombSent = Literal["whole", "half"]


def _filled(head: bytes, fill: bytes, tail: bytes, size: int = MAX_MESSAGE_BYTES) -> bytes:
    return head + fill * ((size - len(head) - len(tail)) // len(fill)) + tail


_APPEND = b'{"type":"input_audio_buffer.append","audio":"'
_UPDATE = b'{"type":"session.update","session":{"type":"realtime",'
_ITEM = (
    b'{"type":"conversation.item.create","item":{"type":"message","role":"user",'
    b'"content":[{"type":"input_text","text":"'
)
_TEXTS: dict[str, Callable[[], bytes]] = {
    "append": lambda: _filled(_APPEND, b"AAAA", b'"}', 20 * _MIB),
    "long-append": lambda: _filled(_APPEND, b"AAAA", b'"}'),
    "too-large": lambda: _filled(_APPEND, b"AAAA", b'"}', 4 * MAX_MESSAGE_BYTES),
    "letters": lambda: b"a" * MAX_MESSAGE_BYTES,
    "spaces": lambda: b" " * MAX_MESSAGE_BYTES,
    "values": lambda: _filled(_UPDATE + b'"tools":[', b"{},", b"{}]}}"),
    "instructions": lambda: _filled(_UPDATE + b'"instructions":"', b"x", b'"}}'),
    "item": lambda: _filled(_ITEM, b"x", b'"}]}}'),
}
KINDS = tuple(_TEXTS)
"""What the bombs inflate to. ``append``: 15 MiB of audio, the most that is allowed; ``too-large``: beyond any message;
``letters`` and ``spaces``: no JSON; ``values``: a list of 14 million objects."""


@dataclass(frozen=True, slots=True)
class BombOutcome:
    """What the bombs of one kind cost; None where the system does not say."""

    kind: str
    sent: BombSent
    grown_mib: float | None
    """The server's memory at its peak, less that before."""
    left_mib: float | None
    """The same once the hostile clients are gone."""
    quiet_p99_ms: float
    """Round trips of the honest clients before, and meanwhile."""
    p50_ms: float
    p99_ms: float
    lasted_s: float
    answered: int
    """So many hostile clients were answered; the others were cut, or did not finish."""

    @property
    def held(self) -> bool:
        """Whether the memory stayed within its limits."""
        within = self.grown_mib is None or self.grown_mib < GROWTH_LIMIT_MIB
        return within and (self.left_mib is None or self.left_mib < LEFT_LIMIT_MIB)


def bomb(kind: str, *, sent: BombSent = "whole", fragments: bool = False) -> bytes:
    """The frames of one bomb, as a client sends them; half of one is all of its text, without the message's end."""
    if kind not in _TEXTS:
        raise InputError(f"no bomb is called {kind!r}; {did_you_mean(kind, KINDS)}")
    deflate = zlib.compressobj(wbits=-12)
    packed = deflate.compress(_TEXTS[kind]()) + deflate.flush(zlib.Z_SYNC_FLUSH)
    packed = packed[:-4]
    size = _FRAGMENT_BYTES if fragments else len(packed)
    parts = [packed[start : start + size] for start in range(0, len(packed), size)]
    message = bytearray()
    for index, part in enumerate(parts):
        last = index == len(parts) - 1 and sent == "whole"
        message += Frame(Opcode.CONT if index else Opcode.TEXT, part, last).serialize(mask=True)
    message[0] |= _COMPRESSED
    return bytes(message)


async def measure_bombs(
    server: ServerProcess, kind: str, *, sent: BombSent = "whole", each: int = 1, fragments: bool = False
) -> BombOutcome:
    """Send the bombs of one kind, ``each`` from every hostile client, to a server in its own process."""
    loop = asyncio.get_running_loop()
    message = bomb(kind, sent=sent, fragments=fragments)
    honest = _HonestClients(server.url)
    async with honest.speaking():
        before_kib = server.rss_kib
        hostile = [await _HostileClient.dial(server.url) for _ in range(HOSTILE)]
        await asyncio.sleep(_QUIET_S)
        quiet, began = honest.taken(), loop.time()
        async with _peak(server) as peak_kib:
            frames = message * (each if sent == "whole" else 1)
            answered = sum(await asyncio.gather(*(client.send(frames, sent) for client in hostile)))
            lasted_s, meanwhile = loop.time() - began, honest.taken()
        await asyncio.sleep(_FREED_S)
        after_kib = server.rss_kib
    return BombOutcome(
        kind=kind,
        sent=sent,
        grown_mib=_mib(before_kib, max(peak_kib, default=None)),
        left_mib=_mib(before_kib, after_kib),
        quiet_p99_ms=_percentile(quiet, 99),
        p50_ms=_percentile(meanwhile, 50),
        p99_ms=_percentile(meanwhile, 99),
        lasted_s=lasted_s,
        answered=answered,
    )


def _mib(before_kib: float | None, after_kib: float | None) -> float | None:
    return None if before_kib is None or after_kib is None else (after_kib - before_kib) / 1024


def _percentile(trips_s: list[float], percent: float) -> float:
    return float(np.percentile(trips_s, percent)) * 1000 if trips_s else float("inf")


@asynccontextmanager
async def _peak(server: ServerProcess) -> AsyncIterator[list[float]]:
    """The server's memory, looked at every 2 ms, in KiB; empty where the system does not say."""
    seen: list[float] = []

    async def look() -> None:
        while (kib := server.rss_kib) is not None:
            seen.append(kib)
            await asyncio.sleep(_LOOKS_EVERY_S)

    looking = asyncio.create_task(look())
    try:
        yield seen
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


class _HonestClients:
    """Each sends an append every 20 ms, and asks a question behind every fifth."""

    def __init__(self, url: str) -> None:
        self.counts = CallerCounts()
        self._url = url
        self._callers: list[Caller] = []

    def answered(self, due: float) -> None:
        """A question that was due then is answered now."""
        self.counts.round_trips_s.append(asyncio.get_running_loop().time() - due)

    def lost(self) -> None:
        """A connection is gone."""

    def taken(self) -> list[float]:
        """The round trips since the last call, in seconds; a question that waits counts as long as it has waited."""
        now = asyncio.get_running_loop().time()
        waiting = [now - due for caller in self._callers for due in caller.asked]
        trips, self.counts.round_trips_s = self.counts.round_trips_s + waiting, []
        return trips

    @asynccontextmanager
    async def speaking(self) -> AsyncIterator[None]:
        """They speak within this."""
        loop = asyncio.get_running_loop()
        host, port = _endpoint(self._url)
        for _ in range(HONEST):
            caller = Caller(self._url, self)
            await loop.create_connection(partial(_itself, caller), host, port)
            await caller.opened
            caller.write(CREATE_ITEM)
            self._callers.append(caller)
        speaking = asyncio.create_task(self._speak())
        try:
            yield
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            for caller in self._callers:
                caller.close()

    async def _speak(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        turn = 0
        while True:
            due = began + turn * _APPEND_S
            await asyncio.sleep(max(0.0, due - loop.time()))
            for place, caller in enumerate(self._callers):
                caller.write(APPENDS[turn % len(APPENDS)])
                if (turn + place) % _ASKS_EVERY == 0:
                    caller.ask(due)
            turn += 1


@dataclass(frozen=True, slots=True)
class _HostileClient:
    """A connection that agrees to permessage-deflate."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def dial(cls, url: str) -> "_HostileClient":
        """Connect."""
        host, port = _endpoint(url)
        reader, writer = await asyncio.open_connection(host, port)
        lines = (
            f"GET {urlsplit(url).path}?model=gpt-realtime HTTP/1.1",
            f"Host: {host}:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover",
            "Authorization: Bearer any",
        )
        writer.write("\r\n".join([*lines, "", ""]).encode())
        await reader.readuntil(b"\r\n\r\n")
        return cls(reader, writer)

    async def send(self, frames: bytes, sent: BombSent) -> bool:
        """Whether the client was answered, after its bombs; then it is gone."""
        try:
            self.writer.write(frames)
            if sent == "half":
                await asyncio.sleep(_WATCHED_S)
                return False
            self.writer.write(_LAST)
            async with asyncio.timeout(_ENDS_WITHIN_S):
                return await _is_answered(self.reader)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return False
        finally:
            self.writer.transport.abort()


def _endpoint(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None and parts.port is not None, "our own server's URL has both"
    return parts.hostname, parts.port


def _itself(caller: Caller) -> Caller:
    return caller


async def _is_answered(reader: asyncio.StreamReader) -> bool:
    """Whether the answer to the last question arrives before the end of the connection."""
    while True:
        first, size = await reader.readexactly(2)
        if size >= 126:
            size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
        data = await reader.readexactly(size)
        if first & 0x0F == Opcode.CLOSE:
            return False
        if first & _COMPRESSED:
            data = zlib.decompressobj(wbits=-15).decompress(data, _MIB)
        if _DIGESTED in data:
            return True

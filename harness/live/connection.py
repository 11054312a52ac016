"""One client on a real WebSocket: its frames go to the session, what the session answers goes out, in order.

A connection is one task. It waits for a frame or for the session's next wake-up, whichever is first, and sends all
that follows before it waits again. So nothing overtakes, nothing is left running, and a client that does not read is
not listened to either.

Hearing happens within that task too: about 50 us for each 32 ms of audio. The largest append (15 MiB, five minutes of
audio) therefore keeps every connection of the process waiting for most of a second; appends of ordinary length do not
show.
"""

import asyncio

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from harness.errors import ProtocolError
from harness.live.record import Record
from harness.protocol.codec import binary_frame, decode_client_event, encode, event_id_of
from harness.server.outputs import Close, Note, Output
from harness.server.session import Session
from harness.units import SECOND

STALLED_S = 40.0
"""A client that has read nothing for so long is cut off: as long as it may leave a PING unanswered."""


class Connection:
    """An accepted WebSocket and its session. ``record`` is told everything, if there is one."""

    def __init__(self, websocket: ServerConnection, session: Session, record: Record | None) -> None:
        self._websocket = websocket
        self._session = session
        self._record = record
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()

    @property
    def now(self) -> int:
        """Microseconds since the connection opened."""
        return round((self._loop.time() - self._began_s) * SECOND)

    async def serve(self) -> None:
        """Serve until either side closes. Nothing that a client does makes it raise."""
        try:
            await self._send(self._session.open(self.now))
            while True:
                await self._send(await self._next())
        except ConnectionClosed:
            pass
        except TimeoutError:
            self._websocket.transport.abort()
        except UnicodeDecodeError:  # websockets closes by itself from version 14 on
            await self._websocket.close(CloseCode.INVALID_DATA, "text is not UTF-8")

    async def _next(self) -> list[Output]:
        """What the session answers to whatever comes next, its wake-up or a frame."""
        while True:
            due = self._session.next_wake
            now = self.now
            if due is not None and due <= now:
                return self._session.wake(now)
            try:
                async with asyncio.timeout_at(None if due is None else self._began_s + due / SECOND):
                    message = await self._websocket.recv()
            except TimeoutError:
                continue
            return self._answer(message)

    def _answer(self, message: str | bytes) -> list[Output]:
        now = self.now
        if isinstance(message, bytes):
            return [self._session.refuse(binary_frame(), None)]
        try:
            event = decode_client_event(message)
        except ProtocolError as error:
            return [self._session.refuse(error, event_id_of(message))]
        if self._record is not None:
            self._record.received(now, event)
        return self._session.receive(event, now)

    async def _send(self, outputs: list[Output]) -> None:
        for output in outputs:
            if self._record is not None:
                self._record.answered(self.now, output)
            if isinstance(output, Close):
                await self._websocket.close(output.code, output.reason)
            elif not isinstance(output, Note):
                async with asyncio.timeout(STALLED_S):
                    await self._websocket.send(encode(output).decode())

"""The TCP side of a server's connections: which are open, also before they are WebSockets, and a safe end of each."""

import asyncio

from websockets.asyncio.server import ServerConnection


def tracking(transports: set[asyncio.Transport]) -> type[ServerConnection]:
    """A kind of connection that is in ``transports`` for as long as its socket is open."""

    class Tracked(ServerConnection):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            transports.add(self.transport)

        def connection_lost(self, exc: Exception | None) -> None:
            transports.discard(self.transport)
            super().connection_lost(exc)
            self.transport = _Lost()

    return Tracked


class _Lost(asyncio.Transport):
    """In place of a transport that is gone.

    websockets closes or aborts the transport of a lost connection once more. asyncio's own raises AttributeError then,
    if the client had closed its half while data for it was still unsent.
    """

    def close(self) -> None:
        pass

    def abort(self) -> None:
        pass

    def is_closing(self) -> bool:
        return True

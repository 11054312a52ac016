"""What the tests of the proxy share: a proxy before one of our own servers, or before an endpoint of websockets'."""

from contextlib import asynccontextmanager

from websockets.asyncio.server import serve

from harness import journal
from harness.live.admission import Admission
from harness.live.proxy.server import ProxyServer
from harness.live.proxy.target import read_target
from harness.live.settings import LiveSettings
from harness.server.session import SessionSetup

ANYBODY = Admission(key_needed=False, any_model=True)
HEARS = SessionSetup(detector="energy")


def proxy_before(url, ca=None, *, on_end=lambda ended: None, keep_audio=False, **settings) -> ProxyServer:
    """A proxy before the endpoint of this URL; ``settings`` are of :class:`LiveSettings`."""
    chosen = LiveSettings(admission=ANYBODY, **settings)
    return ProxyServer(read_target(url, ca), HEARS, chosen, on_end=on_end, keep_audio=keep_audio)


def origin(server) -> str:
    """The URL of a server without a path."""
    return server.url.removesuffix("/v1/realtime")


@asynccontextmanager
async def proxied(server, **options):
    """A proxy before one of our servers."""
    async with proxy_before(origin(server), **options) as proxy:
        yield proxy


@asynccontextmanager
async def before_endpoint(handler, *, to="/v1/realtime", options=None, **settings):
    """A proxy before an endpoint whose connections ``handler`` serves, over websockets' own server."""
    usual = {"compression": None, "max_size": None, "ping_interval": None}
    async with serve(handler, "127.0.0.1", 0, **{**usual, **(options or {})}) as endpoint:
        port = endpoint.sockets[0].getsockname()[1]
        async with proxy_before(f"ws://127.0.0.1:{port}{to}", **settings) as proxy:
            yield proxy


def parsed(server, number=1):
    """The journal of a session."""
    return journal.parse(server.journal(number).decode().splitlines(), "live")

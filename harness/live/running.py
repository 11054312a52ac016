"""A server as a program: it serves until it is told to stop."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable, Iterator

from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.server.session import SessionSetup


def run_server(setup: SessionSetup, settings: LiveSettings, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM, then close cleanly. ``on_ready`` is given the URL once clients can connect.

    Raises as :class:`LiveServer` does.
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(LiveServer(setup, settings), on_ready))


async def _run(server: LiveServer, on_ready: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    with _on_signal(stop.set):
        async with server:
            gc.collect()
            gc.freeze()  # what has been loaded stays; to look through it all takes longer than an append lasts
            on_ready(server.url)
            await stop.wait()


@contextlib.contextmanager
def _on_signal(stop: Callable[[], None]) -> Iterator[None]:
    """SIGINT and SIGTERM call ``stop``, where the system lets a loop have signals; else SIGINT interrupts as always."""
    loop = asyncio.get_running_loop()
    caught = []
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop)
            caught.append(number)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)

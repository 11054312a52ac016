"""The event loop of all media, on a thread of its own: packets do not wait for WebSockets, nor these for packets."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")
_STOPS_WITHIN_S = 5.0


class MediaLoop:
    """Starts at the first use. ``on``: this loop is used instead of a thread, as by a test in virtual time."""

    def __init__(self, on: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = on
        self._thread: threading.Thread | None = None

    def run(self, coroutine: Coroutine[Any, Any, _Result]) -> asyncio.Future[_Result]:
        """Run a coroutine there; the future is of the loop that calls."""
        here, there = asyncio.get_running_loop(), self._started()
        if there is here:
            return asyncio.ensure_future(coroutine)
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, there))

    def call(self, action: Callable[..., object], *arguments: object) -> None:
        """Call something there, soon and in order."""
        self._started().call_soon_threadsafe(action, *arguments)

    async def stop(self) -> None:
        """End the thread, if it was started."""
        thread, loop = self._thread, self._loop
        if thread is None or loop is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        await asyncio.get_running_loop().run_in_executor(None, thread.join, _STOPS_WITHIN_S)
        self._thread = self._loop = None

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=_serve, args=(self._loop,), name="stillthere-media", daemon=True)
            self._thread.start()
        return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    pending = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    if pending:
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()

"""The microphone and the speaker that an app is given: ``async def app(mic, speaker)``."""

import asyncio
from collections import deque

from ..tested_app import TestedApp

_KEPT_CHUNKS = 3_000
"""What an app does not read is kept for so many chunks, a minute of 20 ms; then the oldest are lost."""


class AppMicrophone:
    """The app's microphone: ``async for pcm in mic``.

    A chunk is bytes: int16, little-endian, mono, 24 kHz, of ``chunk_ms`` milliseconds.
    """

    def __init__(self, app: TestedApp) -> None:
        self.chunk_ms = app.around.chunk_us // 1000
        """The length of a chunk, in ms."""
        self.pressed = False
        """Whether the user holds the talk button."""
        self.foreground = True
        """Whether the app is in the foreground."""
        self._app = app
        self._chunks: deque[bytes] = deque(maxlen=_KEPT_CHUNKS)
        self._waiting: asyncio.Future[None] | None = None
        self._changed = asyncio.Event()
        app.captures.append(self._capture)
        app.talk_button.append(self._press)
        app.app_state.append(self._switch)

    def _capture(self, pcm: bytes) -> None:
        self._chunks.append(pcm)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _press(self, pressed: bool) -> None:
        self.pressed = pressed
        self._changed.set()

    def _switch(self, foreground: bool) -> None:
        self.foreground = foreground
        self._changed.set()

    async def read(self) -> bytes:
        """The next chunk, as soon as it is captured."""
        while not self._chunks:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        return self._chunks.popleft()

    def __aiter__(self) -> "AppMicrophone":
        return self

    async def __anext__(self) -> bytes:
        return await self.read()

    def reopen(self) -> None:
        """Release the microphone and open it again; this cures a capture that died. No chunk is delivered meanwhile."""
        self._chunks.clear()
        self._app.reopens()

    async def changed(self) -> None:
        """Wait until the talk button or the foreground changes: :attr:`pressed`, :attr:`foreground`."""
        self._changed.clear()
        await self._changed.wait()


class AppSpeaker:
    """The app's speaker. Audio is bytes: int16, little-endian, mono, 24 kHz."""

    def __init__(self, app: TestedApp) -> None:
        self._app = app
        self._ended = asyncio.Event()
        self._ended.set()
        app.played_to_end.append(self._ended.set)

    def play(self, pcm: bytes, item_id: str | None = None, response_id: str | None = None) -> None:
        """Queue audio. The ids of its item and response may be given; else they are known by the bytes."""
        if pcm:
            self._ended.clear()
            self._app.plays(bytes(pcm), item_id, response_id)

    def stop(self) -> int:
        """Stop at once and drop what is queued; gives how much of the current answer was played, in ms."""
        self._ended.set()
        return self._app.stops()

    @property
    def playing(self) -> bool:
        """Whether the user hears it now."""
        return self._app.around.speaker.playing

    @property
    def played_ms(self) -> int:
        """How much of the current answer was played, in ms; 0 if there is none."""
        return self._app.around.speaker.position_us // 1000

    async def drained(self) -> None:
        """Wait until all that is queued has been played, or was dropped."""
        await self._ended.wait()

    def resume(self) -> None:
        """Resume an output that the system suspended."""
        self._app.resumes()

"""One Chromium for one run: its processes, its pages, its end."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Literal

from ...errors import ClientError
from .cdp import DevTools, DevToolsError, DevToolsSession
from .chromium import FLAGS_VARIABLE, BrowserSettings, command

STARTS_WITHIN_S = 30.0
_ENDS_WITHIN_S = 3.0
_LOWEST_FD = 10
"""Descriptors from here on are out of the way of 3 and 4."""
_LAUNCHER = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)
"""Puts the pipes where the browser expects them, and becomes the browser."""
ProcessKind = Literal["renderer", "audio"]
_TYPES: dict[ProcessKind, str] = {"renderer": "renderer", "audio": "audio.mojom.AudioService"}
"""What the browser calls them."""


class Browser:
    """A Chromium of our own with a new profile. ``profile`` is removed by :meth:`end`."""

    def __init__(self) -> None:
        self.profile = Path(tempfile.mkdtemp(prefix="stillthere-profile-"))
        self.devtools: DevTools
        self._process: asyncio.subprocess.Process | None = None
        self._stopped: set[int] = set()

    async def start(
        self, program: str, settings: BrowserSettings, environment: Mapping[str, str], log: IO[bytes] | None
    ) -> None:
        """Start it; what it writes goes to ``log``. Raises :exc:`ClientError` if it does not come up."""
        to_browser, from_browser = _high_pipe(), _high_pipe()
        theirs = (to_browser[0], from_browser[1])
        self.devtools = DevTools(from_browser[0], to_browser[1])
        output = asyncio.subprocess.DEVNULL if log is None else log
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-S", "-c", _LAUNCHER, *map(str, theirs), *command(program, settings),
                env=dict(environment), stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
                pass_fds=theirs, start_new_session=True,
            )  # fmt: skip
        finally:
            for end in theirs:
                os.close(end)
        await self.devtools.open()
        try:
            async with asyncio.timeout(STARTS_WITHIN_S):
                await self.devtools.do("Browser.getVersion")
        except (TimeoutError, DevToolsError):
            raise ClientError(
                f"{program} was started and does not answer; start it by hand to see why; in a container it may need "
                f"{FLAGS_VARIABLE}=--no-sandbox"
            ) from None

    async def first_page(self) -> DevToolsSession:
        """The page that is open since the start."""
        for _ in range(200):
            targets = (await self.devtools.do("Target.getTargets"))["targetInfos"]
            found = next((each["targetId"] for each in targets if each["type"] == "page"), None)
            if found is not None:
                return await self._attach(found)
            await asyncio.sleep(0.02)
        raise ClientError("the browser opened no page")

    async def other_page(self) -> DevToolsSession:
        """A further page, which is empty."""
        opened = await self.devtools.do("Target.createTarget", url="about:blank")
        return await self._attach(opened["targetId"])

    async def _attach(self, target: str) -> DevToolsSession:
        attached = await self.devtools.do("Target.attachToTarget", targetId=target, flatten=True)
        return DevToolsSession(self.devtools, attached["sessionId"], target)

    # --- its processes ---

    async def signal(self, kind: ProcessKind, name: str) -> int:
        """Send a signal to its processes of a kind; how many there are."""
        found = await self._processes(kind) if name != "SIGCONT" else list(self._stopped)
        for number in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, getattr(signal, name))
        if name == "SIGSTOP":
            self._stopped.update(found)
        elif name == "SIGCONT":
            self._stopped.clear()
        return len(found)

    async def _processes(self, kind: ProcessKind) -> list[int]:
        """The numbers of its own processes of a kind, as the browser lists them."""
        listed = (await self.devtools.do("SystemInfo.getProcessInfo"))["processInfo"]
        return [each["id"] for each in listed if each["type"] == _TYPES[kind]]

    @property
    def is_running(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.returncode is None

    async def end(self) -> None:
        """Close it, and remove its profile."""
        process = self._process
        if process is not None:
            for number in self._stopped:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGCONT)
            with contextlib.suppress(DevToolsError, TimeoutError):
                async with asyncio.timeout(_ENDS_WITHIN_S):
                    await self.devtools.do("Browser.close")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _ENDS_WITHIN_S)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            self.devtools.close()
        shutil.rmtree(self.profile, ignore_errors=True)


def _high_pipe() -> tuple[int, int]:
    """A pipe: the end to read from, the end to write to."""
    import fcntl  # which not every system has

    ends = os.pipe()
    high = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _LOWEST_FD) for end in ends)
    for end in ends:
        os.close(end)
    return high[0], high[1]

"""A server in a process of its own, measured from outside: its CPU time, its memory, its one core.

CPU time and memory are read from ``/proc``, else from ``ps``; where neither exists, they are None.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from ..errors import ClientError

_STARTS_WITHIN_S = 60.0
_STOPS_WITHIN_S = 5.0
_ANNOUNCED = b"listening on "

_SCENARIO = """\
scenario: a server that speaks without end, at the pace of speech
server:
  reply:
    clip: babble
    lasts: 60s
    latency: 0ms
    pace: 1
timeline:
  - at: 0s
    say: babble
"""
"""For ``stillthere serve``: 10 deltas of 100 ms a second. A scenario needs a timeline; it is not played."""


class ServerProcess:
    """``stillthere serve`` on a free port for as long as the ``async with`` lasts, on one core if that is possible."""

    def __init__(self, detector: str, core: int | None) -> None:
        self.url = ""
        self._detector = detector
        self._core = core
        self._process: asyncio.subprocess.Process | None = None
        self._stderr_lines: deque[str] = deque(maxlen=5)
        self._listening: asyncio.Task[None] | None = None
        self._folder = contextlib.ExitStack()

    async def __aenter__(self) -> Self:
        with contextlib.ExitStack() as folder:
            scenario = Path(folder.enter_context(tempfile.TemporaryDirectory())) / "bench.yaml"
            scenario.write_text(_SCENARIO)
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "harness", "serve", "--port", "0", "--detector", self._detector),
                *("--scenario", str(scenario)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                async with asyncio.timeout(_STARTS_WITHIN_S):
                    self.url = await self._announced()
            except BaseException:
                await self.__aexit__()
                raise
            self._folder = folder.pop_all()
        if self._core is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(self._process.pid, {self._core})
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(_STOPS_WITHIN_S):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if self._listening is not None:
            await self._listening
        self._folder.close()

    @property
    def cpu_s(self) -> float | None:
        """CPU time that it has used, in seconds."""
        assert self._process is not None
        stat = _proc_stat(self._process.pid)
        if stat is not None:
            return (int(stat[11]) + int(stat[12])) / float(os.sysconf("SC_CLK_TCK"))
        text = _ps(self._process.pid, "time")
        return None if text is None else _seconds(text)

    @property
    def rss_kib(self) -> float | None:
        """Memory that it holds, in KiB."""
        assert self._process is not None
        stat = _proc_stat(self._process.pid)
        if stat is not None:
            return int(stat[21]) * float(os.sysconf("SC_PAGE_SIZE")) / 1024
        text = _ps(self._process.pid, "rss")
        return None if text is None else float(text)

    @property
    def waited_s(self) -> float | None:
        """How long it was ready to run while another process had its core, in seconds; None if unknown."""
        assert self._process is not None
        try:
            return int(Path(f"/proc/{self._process.pid}/schedstat").read_text().split()[1]) / 1e9
        except (OSError, ValueError, IndexError):
            return None

    async def _announced(self) -> str:
        assert self._process is not None and self._process.stderr is not None
        async for line in self._process.stderr:
            if line.startswith(_ANNOUNCED):
                return line.removeprefix(_ANNOUNCED).split()[0].decode()
            self._stderr_lines.append(line.decode(errors="replace").strip())
        await self._process.wait()
        raise ClientError(f"the server did not start: {' '.join(self._stderr_lines) or 'it wrote nothing'}")

    async def _listen(self) -> None:
        """Read its standard error, so that it does not fill; keep the last lines."""
        assert self._process is not None and self._process.stderr is not None
        async for line in self._process.stderr:
            self._stderr_lines.append(line.decode(errors="replace").strip())


def cores() -> tuple[int, frozenset[int]] | None:
    """A core for the server and the others for the generator; None if there is only one, or the system does not say."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    ours = sorted(os.sched_getaffinity(0))
    return (ours[0], frozenset(ours[1:])) if len(ours) > 1 else None


@contextlib.contextmanager
def confined(to: frozenset[int] | None) -> Iterator[None]:
    """Within this, the process runs on these cores only."""
    if to is None or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, to)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _proc_stat(pid: int) -> list[str] | None:
    """The fields of ``/proc/PID/stat`` after the command's name, which may hold spaces."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _ps(pid: int, column: str) -> str | None:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        found = subprocess.run(
            ["ps", "-o", f"{column}=", "-p", str(pid)], capture_output=True, text=True, check=True, timeout=5
        )
        return found.stdout.strip() or None
    return None


def _seconds(clock: str) -> float:
    """Seconds of ``[[days-]hours:]minutes:seconds``, as ``ps`` writes CPU time."""
    days, _, rest = clock.rpartition("-")
    total = 0.0
    for part in rest.split(":"):
        total = total * 60 + float(part)
    return total + 86_400 * float(days or 0)

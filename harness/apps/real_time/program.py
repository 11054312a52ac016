"""The program under test: its process, and all that it starts."""

import asyncio
import contextlib
import os
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import IO

from ...errors import ClientError
from ...scenario.profiles import Timers
from ..target import PRETENDED_KEY

ENDS_WITHIN_S = 2.0
"""How long a program has to end after SIGTERM."""
_REST_ENDS_WITHIN_S = 0.2
_LONGEST_NAME = 60


class Program:
    """One process, and those that it starts: its process group. It is started by :meth:`start`, ended by :meth:`end`.

    ``command`` is not given to a shell.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self.command = tuple(command)
        self.process: asyncio.subprocess.Process
        self._is_stopped = False

    async def start(self, environment: Mapping[str, str], log: IO[bytes] | None, *, pipes: bool) -> None:
        """Start it. Its standard input and output are pipes, or else nothing and ``log``.

        ``log`` None: our own standard error. Raises :exc:`ClientError` if that cannot be done.
        """
        output = log if log is not None else _standard_error()
        piped = asyncio.subprocess.PIPE
        try:
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                env=environment,
                stdin=piped if pipes else asyncio.subprocess.DEVNULL,
                stdout=piped if pipes else output,
                stderr=output,
                start_new_session=os.name == "posix",
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise ClientError(
                f"the program {self.command[0]!r} cannot be started: {why}; give a command as in a shell, after --, "
                "such as: -- python app.py"
            ) from None

    async def wait(self) -> str | None:
        """Wait for its end: with which exit code or signal it ended; None: exit code 0. What it started ends too."""
        code = await self.process.wait()
        self._end_rest()
        if code == 0:
            return None
        if code > 0:
            return f"exit code {code}"
        with contextlib.suppress(ValueError):
            return f"ended by {signal.Signals(-code).name}"
        return f"ended by signal {-code}"

    def throttle(self, timers: Timers | None) -> str | None:
        """Do to the program what the system does to an app in the background; None: it is in front again.

        What cannot be done is returned, as a sentence.
        """
        if timers is None:
            if self._is_stopped:
                self._signal("SIGCONT")
                self._is_stopped = False
            return None
        if timers.granule_us is not None:
            return "the timers of the program were not slowed down: no system does that to a program"
        if not hasattr(os, "killpg"):
            return "the program was not frozen: this system cannot do that"
        self._is_stopped = True
        self._signal("SIGSTOP")
        return None

    async def end(self) -> None:
        """End it and all that it started, politely first."""
        self.throttle(None)
        if self.process.returncode is not None:
            return
        self._signal("SIGTERM")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), ENDS_WITHIN_S)
        self._signal("SIGKILL")
        await self.process.wait()

    def _end_rest(self) -> None:
        """The process has just ended: end what it has left behind."""
        self._signal("SIGTERM")
        asyncio.get_running_loop().call_later(_REST_ENDS_WITHIN_S, self._signal, "SIGKILL")

    def _signal(self, name: str) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, getattr(signal, name))
            elif self.process.returncode is None:
                self.process.terminate()


def _standard_error() -> int:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return sys.stderr.fileno()
    return 2  # a test runner has put something in its place


def name_of(command: Sequence[str]) -> str:
    """The name of a program in a picture and in the name of a file."""
    words = [os.path.basename(command[0]), *command[1:]] if command else []
    name = shlex.join(words)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def variables_of(url: str, device: str | None, trust: Mapping[str, str]) -> dict[str, str]:
    """What leads a program to its server and its devices. ``trust``: what makes it trust the server's certificate."""
    found = {
        "STILLTHERE_URL": f"{url}?model=gpt-realtime",
        "OPENAI_BASE_URL": url.replace("ws", "http", 1).removesuffix("/realtime"),
        "OPENAI_API_KEY": PRETENDED_KEY,
        **trust,
    }
    if device is not None:
        found["STILLTHERE_DEVICE"] = device
    return found


def environment_of(variables: Mapping[str, str]) -> dict[str, str]:
    """Our environment with these variables, and without a proxy between the program and the server."""
    found = {**os.environ, "PYTHONUNBUFFERED": "1", **variables}
    for name in ("NO_PROXY", "no_proxy"):
        found[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1,localhost")))
    return found

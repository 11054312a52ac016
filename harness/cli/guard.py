"""Keeps the process ours while a user's client runs in it: its exit is no result, and what it changes is put back."""

import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ..errors import ClientError
from ..user_code import ENDING, own_line_of, shown

_LEFTOVERS_S = 5.0
"""Threads and exit handlers of the client may take so long to end."""
_FINALIZERS_S = 60.0
"""And its finalizers; on a busy machine, it takes Python some seconds to free what a large scenario held."""
_SIGNALLED = 128
"""A shell reports this plus the number of the signal that ended a program."""
_leave = os._exit
_ending: list[int] = []
"""The exit code, once the process ends by itself."""


def hold_exit() -> None:
    """Let :func:`os._exit`, and what replaces the program, raise :exc:`SystemExit` from now on, in this process.

    Their exit code would be a false result. In another thread than the main one they end the process with the code of a
    client error, and while the process ends with the code that it has.
    """
    for name in ENDING:
        held = _held(name, getattr(os, name))
        for module in (os, sys.modules[os.name]):
            setattr(module, name, held)


_told = threading.Lock()


def _held(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    own = os.getpid()

    def held(*arguments: Any) -> None:
        if os.getpid() != own:  # a process that the client forked
            call(*arguments)
        if _ending:
            leave(_ending[0])
        what = f"os.{name}({', '.join(map(shown, arguments))})"
        if threading.current_thread() is not threading.main_thread():
            place = own_line_of(sys._getframe(1))
            _told.acquire()  # never released: one thread tells, and ends the process with the others
            print(f"stillthere: {place}: a thread of the client called {what}", file=sys.stderr)
            leave(ClientError.exit_code)
        raise SystemExit(f"{what} was called")

    return held


@contextmanager
def ends_on_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end the block with the exit code that a shell reports, unless they are ignored (nohup)."""
    before: dict[int, Any] = {}

    def end(number: int, _: object) -> None:
        raise SystemExit(_SIGNALLED + number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            with suppress(ValueError):  # not in the main thread
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def leave(code: int) -> None:
    """End the process with this exit code, whatever threads and exit handlers it has."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # it is closed, or its reader is gone
            stream.flush()
    _leave(code)


@contextmanager
def surroundings_kept() -> Iterator[None]:
    """Put back what a client may change in the block: the folder, standard output and standard error.

    The paths that the user wrote count from this folder, and the results go to these streams.
    """
    here, streams = os.getcwd(), [(name, getattr(sys, name)) for name in ("stdout", "stderr")]
    copies = [_copy(number) for number in (1, 2)]
    try:
        yield
    finally:
        for number, copy in zip((1, 2), copies, strict=True):
            if copy is not None:
                with suppress(OSError):  # the client has closed everything
                    if not _is_open(number):
                        os.dup2(copy, number)
                    os.close(copy)
        for name, stream in streams:
            if getattr(stream, "closed", False):
                number = 1 if name == "stdout" else 2
                stream = open(number, "w", encoding=stream.encoding, errors="replace", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
        os.chdir(here)


def _copy(number: int) -> int | None:
    try:
        return os.dup(number)
    except OSError:  # it was closed before
        return None


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def end_process(code: Any) -> None:
    """Exit; threads and exit handlers of the client, which would keep the process for ever, end with it."""
    _ending.append(code if isinstance(code, int) else 0 if code is None else 1)
    late = threading.Timer(_LEFTOVERS_S, _end_now)
    late.daemon = True
    late.start()
    with suppress(OSError, ValueError, RuntimeError):  # for what runs after all threads have ended, such as a __del__
        faulthandler.dump_traceback_later(_FINALIZERS_S, exit=True)
    raise SystemExit(code)


def _end_now() -> None:
    """In a thread: something of the client's keeps the process."""
    left = [each.name for each in threading.enumerate() if not each.daemon and each is not threading.main_thread()]
    what = f"a thread of the client still running: {', '.join(left)}" if left else "an exit handler still running"
    with suppress(OSError, ValueError):
        print(f"stillthere: ended with {what}", file=sys.stderr)
    leave(_ending[0])

"""What there is no virtual one of: an app that asks for it gets an error of one sentence, and the journal a fence."""

import multiprocessing.process
import os
import select
import signal
import socket
import ssl
import subprocess
from collections.abc import Callable
from typing import Any

from .clock import microseconds
from .threads import active, clocks
from .tls import pretend_tls

_REAL_TIME = "play the app in real time with `stillthere run SCENARIO -- COMMAND`"
_INTERNET = (socket.AF_INET, socket.AF_INET6)


class NotOnStage(OSError):
    """The app asks its system for something real."""


def refused(what: str, cure: str = _REAL_TIME) -> NotOnStage:
    """Note what the app asked for, and the error that it gets."""
    for clock in clocks():
        clock.fence(f"{what} was refused: virtual time has nothing real")
    return NotOnStage(f"{what} is refused: virtual time has nothing real; {cure}")


def no_terminal(prompt: object = "") -> str:
    """``input()``. Raises :exc:`EOFError`."""
    for clock in clocks():
        clock.fence("input() was refused: virtual time has no terminal")
    raise EOFError(f"input({prompt!r:.40}) is refused: virtual time has no terminal; {_REAL_TIME}")


def refuse_what_is_real() -> None:
    """Refuse processes, blocking sockets, waits for descriptors and timer signals on the clock, and pretend TLS."""
    for name in ("connect", "connect_ex", "sendto"):
        _refuse(socket.socket, name, _socket_call)
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr"):
        _refuse(socket, name, lambda host, *_, **__: f"a blocking look-up of the host {host}")
    _refuse(subprocess.Popen, "__init__", lambda _, arguments, *__, **___: f"the process {arguments!r:.80}")
    _refuse(multiprocessing.process.BaseProcess, "start", lambda _: "a process of its own")
    for name in ("fork", "forkpty"):
        _refuse(os, name, lambda: "a process of its own")
    for name in ("posix_spawn", "posix_spawnp", "system"):
        _refuse(os, name, lambda path, *_, **__: f"the process {path!r:.80}")
    for name in ("poll", "epoll", "kqueue", "devpoll"):
        _refuse(select, name, lambda *_, **__: "a wait for real descriptors")
    _refuse(signal, "setitimer", lambda _, seconds=0, *__: "a timer signal" if seconds else None)
    _refuse(signal, "alarm", lambda seconds: "a timer signal" if seconds else None)
    _select()
    _exit()
    contexts: Any = ssl.SSLContext
    contexts.wrap_bio = pretend_tls


def _refuse(owner: Any, name: str, what: Callable[..., str | None]) -> None:
    """``what`` says what a call asks for; None if that may be."""
    if (real := getattr(owner, name, None)) is None:
        return  # this system has none

    def call(*arguments: Any, **named: Any) -> Any:
        if active() is not None and (asked := what(*arguments, **named)) is not None:
            raise refused(asked)
        return real(*arguments, **named)

    call.__name__ = name
    setattr(owner, name, call)


def _socket_call(own: socket.socket, *arguments: Any) -> str | None:
    address = arguments[-1] if arguments else None
    if own.family not in _INTERNET or not isinstance(address, tuple):
        return None
    return f"a connection of a blocking socket to {address[0]}:{address[1]}"


def _select() -> None:
    real: Any = select.select

    def wait(reads: Any, writes: Any, fails: Any, timeout: float | None = None) -> Any:
        clock = active()
        if clock is None or timeout == 0:
            return real(reads, writes, fails, timeout)
        if reads or writes or fails or timeout is None:
            raise refused("a wait for real descriptors")
        clock.sleep(microseconds(timeout))
        return [], [], []

    select.select = wait


def _exit() -> None:
    """In the main thread the stage sees to it."""
    real: Any = os._exit

    def end(status: int) -> Any:
        clock = active()
        if clock is not None and not clock.on_loop():
            clock.fail(f"the app ended its process by os._exit({status}) in a thread; let its function return")
        return real(status)

    setattr(os, "_exit", end)  # noqa: B010 - mypy knows it as a function that does not return

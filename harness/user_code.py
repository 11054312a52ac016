"""What code of the user's own does, in words: a client, a fault or a module may raise anything, even from its ``repr``.

No function here raises because of what it is given. Whoever calls a user's code catches :exc:`BaseException` and lets
pass what :func:`is_interrupt` says is the user's Ctrl-C. An attribute of the user's object, even ``__class__``, is code
of theirs: so :func:`is_a` and :func:`class_name` ask Python itself.
"""

import _thread
import dis
import os
import re
import reprlib
import sys
import sysconfig
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, FunctionType, MethodType, TracebackType
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+(?=>)")
"""It is another one in each process, and would make one mistake look like many."""
_LONGEST_OBJECT = 60
"""Characters of an object's text that a sentence keeps."""
_LONGEST = 300
"""Characters of a user's text that a sentence keeps."""
_OURS = os.path.dirname(os.path.abspath(__file__))
_PUBLIC = os.path.join(os.path.dirname(_OURS), "stillthere")
_FOLDERS = {
    os.path.join(folder, "")
    for name in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")
    for folder in (sysconfig.get_path(name), os.path.realpath(sysconfig.get_path(name)))
}
_LIBRARIES = (*_FOLDERS, os.path.join(_OURS, ""), os.path.join(_PUBLIC, ""), "<")
"""Files whose names begin so are not the user's own."""
ENDING = ("_exit", "execv", "execve")
"""What ends the process, or puts another program in its place; the other calls of that kind end in these."""
_SYSTEM: Any = sys.modules[os.name]
"""The module that ``os`` has its calls from."""
_NAME: Callable[[type], str] = vars(type)["__name__"].__get__
_TRACE: Callable[[BaseException], TracebackType | None] = vars(BaseException)["__traceback__"].__get__
_FILE: Callable[[BaseException], Any] = vars(SyntaxError)["filename"].__get__
_LINE: Callable[[BaseException], Any] = vars(SyntaxError)["lineno"].__get__
"""What these attributes are, whatever a class of the user's has in their place."""


@contextmanager
def exits_held() -> Iterator[None]:
    """Let :func:`os._exit`, and what replaces the program, raise :exc:`SystemExit` in this thread while the block runs.

    Their exit code would be taken for a result. Other threads, and processes that are forked, keep the calls.
    """
    own = os.getpid(), _thread.get_ident()
    before = {
        (module, name): getattr(module, name) for module in (os, _SYSTEM) for name in ENDING if hasattr(module, name)
    }

    def held(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def raises(*arguments: Any) -> Any:
            if (os.getpid(), _thread.get_ident()) != own:
                return call(*arguments)
            raise SystemExit(f"os.{name}({', '.join(map(shown, arguments))}) was called")

        return raises

    for (module, name), call in before.items():
        setattr(module, name, held(name, call))
    try:
        yield
    finally:
        for (module, name), call in before.items():
            setattr(module, name, call)


class _Words(reprlib.Repr):
    """A value in short, and an object without its address in memory."""

    def repr_instance(self, x: Any, level: int) -> str:
        text = _ADDRESS.sub("", repr(x))
        return text if len(text) <= _LONGEST_OBJECT else f"{text[:_LONGEST_OBJECT]}…"


_words = _Words()


def is_a(value: Any, kind: type | tuple[type, ...]) -> bool:
    """Whether it truly is one: an object may say anything of its class to :func:`isinstance`, and raise there too."""
    return issubclass(type(value), kind)


def class_name(value: Any) -> str:
    """The name of its class, even if a metaclass has another idea of it."""
    return str(_NAME(type(value)))


def defined_at(function: Any) -> str:
    """``file.py:12`` of the first line of a function or a method of the user's own; empty if there is none."""
    code = getattr(getattr(function, "__func__", function), "__code__", None) if _is_function(function) else None
    return f"{code.co_filename}:{code.co_firstlineno}" if code and not _is_library(code.co_filename) else ""


def shown(value: Any) -> str:
    """The value in a few words, even if its own ``__repr__`` raises."""
    try:
        return _line(_words.repr(value))
    except BaseException as error:
        if is_interrupt(error):
            raise
        return f"an object of the class {class_name(value)}"


def raised(error: BaseException, where: str = "") -> str:
    """What was raised, and ``where`` behind its name: ``ValueError: the text``; even if its own ``__str__`` raises."""
    try:
        text = _line(str(error))
    except BaseException as another:
        if is_interrupt(another):
            raise
        text = ""
    name = f"{class_name(error)}{where}"
    return f"{name}: {text}" if text else name


def is_interrupt(error: BaseException) -> bool:
    """Whether it is the user's Ctrl-C: a :exc:`KeyboardInterrupt` that no ``raise`` statement of the code raised."""
    if not is_a(error, KeyboardInterrupt):
        return False
    trace = _TRACE(error)
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or trace.tb_lasti < 0:
        return True
    return dis.opname[trace.tb_frame.f_code.co_code[trace.tb_lasti]] != "RAISE_VARARGS"


def own_line(error: BaseException) -> str:
    """``file.py:12`` of the innermost line of the user's own that led to the error; empty if there is none.

    What Python's library and installed packages raise was caused by the line that called them.
    """
    if is_a(error, SyntaxError) and type(file := _FILE(error)) is str and type(line := _LINE(error)) is int:
        return f"{file}:{line}"
    return _last(f"{frame.f_code.co_filename}:{line}" for frame, line in _frames(_TRACE(error)) if _is_own(frame))


def innermost_line(error: BaseException) -> str:
    """``file.py:12`` of the line that raised."""
    return _last(f"{frame.f_code.co_filename}:{line}" for frame, line in _frames(_TRACE(error)))


def own_line_of(frame: FrameType | None) -> str:
    """``file.py:12`` of the innermost line of the user's own in a stack that runs; empty if there is none."""
    while frame is not None and not _is_own(frame):
        frame = frame.f_back
    return "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _frames(trace: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def _is_own(frame: FrameType) -> bool:
    return not _is_library(frame.f_code.co_filename)


def is_own_file(file: str) -> bool:
    """Whether a source file is the user's own: not Python's, not of an installed package, and not ours."""
    return not _is_library(file)


def _is_library(file: str) -> bool:
    return file.startswith(_LIBRARIES)


def _is_function(value: Any) -> bool:
    return type(value) is FunctionType or (type(value) is MethodType and type(value.__func__) is FunctionType)


def _last(places: Iterator[str]) -> str:
    return next(iter(deque(places, maxlen=1)), "")


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"

"""Every exception that stillthere raises on purpose.

* :exc:`StillthereError`
    * :exc:`InputError`: something the user wrote is wrong; exit code 2
        * :exc:`ScenarioError`: a scenario file, with every problem at its file, line and column
        * :exc:`AudioError`: an audio file is missing, or not what it should be
        * :exc:`SettingError`: a setting, option or name is unknown or out of range
    * :exc:`ClientError`: the client under test could not be loaded, or raised; exit code 4
* :exc:`ProtocolError`: a client's message breaks the Realtime protocol. It never leaves the server: it
  becomes an ``error`` event on the wire.

A message is one sentence that holds the value, the place and the cure.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


class StillthereError(Exception):
    """Base of all errors that the user sees as one sentence, never as a traceback."""

    exit_code: ClassVar[int] = 5


class InputError(StillthereError):
    """What the user wrote is wrong."""

    exit_code = 2


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a file. ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class ScenarioError(InputError):
    """A scenario file has problems; all of them are in :attr:`problems`, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class AudioError(InputError):
    """An audio file is missing, unreadable, or of a rate or shape that cannot be used."""


class SettingError(InputError):
    """A setting, option or name is unknown or out of its range."""


class ClientError(StillthereError):
    """The client under test could not be loaded or connected, or it raised."""

    exit_code = 4


class ProtocolError(Exception):
    """A client's message breaks the protocol. The session answers with an ``error`` event and stays open."""

    def __init__(
        self, code: str | None, message: str, *, param: str | None = None, error_type: str = "invalid_request_error"
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.error_type = error_type


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error sentence: the nearest known name, or all known names if none is near."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"


def import_cure(module: str, error: BaseException) -> str:
    """A tail for an error sentence about a user's module that could not be imported, or that raised."""
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if missing is not None and (module == missing or module.startswith(f"{missing}.")):
        return "name a module that Python finds from this folder"
    return "mend the module"

"""Every exception that stillthere raises on purpose.

* :exc:`StillthereError`
    * :exc:`InputError`: something the user wrote is wrong; exit code 2
        * :exc:`SeveralErrors`: more than one of those below
        * :exc:`ScenarioError`: a scenario file, with every problem at its file, line and column
        * :exc:`AudioError`: an audio file is missing, or not what it should be
        * :exc:`SettingError`: a setting, option or name is unknown or out of range
    * :exc:`ClientError`: the client under test could not be loaded, or raised; exit code 4
* :exc:`ProtocolError`: a client's message breaks the Realtime protocol. It never leaves the server: it
  becomes an ``error`` event on the wire.

A message is one sentence that holds the value, the place and the cure.
"""

import difflib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import ClassVar
from unicodedata import category

MOST_SHOWN = 50
"""So many mistakes of a file are shown."""
_MOST_NAMED = 100
"""So many known names are listed."""
_MOST_MEANT = 3
"""So many names that are equally near are proposed."""
_MOST_COMPARED = 1_000
_LONGEST_NAME = 100
_LINE_FEED = "\n"


class StillthereError(Exception):
    """Base of all errors that the user sees as one sentence, never as a traceback."""

    exit_code: ClassVar[int] = 5

    @property
    def shown(self) -> str:
        """The error as a terminal shows it."""
        return f"stillthere: {visible(self, keep=_LINE_FEED)}"


class InputError(StillthereError):
    """What the user wrote is wrong."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file. ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return visible(f"{self.file}:{self.line}:{self.column}: {self.message}")


class ScenarioError(InputError):
    """A scenario file has problems; all of them are in :attr:`problems`, in the order of the file.

    The text of the error has a line for each of the first :data:`MOST_SHOWN`, and counts the others.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=attrgetter("file", "line", "column", "message")))
        lines = list(map(str, self.problems[:MOST_SHOWN]))
        more = len(self.problems) - len(lines)
        if more:
            file = self.problems[-1].file
            lines.append(
                f"{visible(file)}: and {more} more {'mistake' if more == 1 else 'mistakes'}; mend those above first"
            )
        super().__init__("\n".join(lines))

    @property
    def shown(self) -> str:
        """Each line begins with its file, line and column, as editors read it."""
        return str(self)


class SeveralErrors(InputError):
    """More than one file or name is wrong."""

    def __init__(self, errors: Sequence[InputError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(map(str, errors)))

    @property
    def shown(self) -> str:
        """All of them, one below the other."""
        return "\n".join(error.shown for error in self.errors)


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


def visible(text: object, keep: str = "") -> str:
    """The text with its control characters and other characters that cannot be seen escaped, except for ``keep``.

    Otherwise a name in a file could clear the terminal, or turn the direction of what follows.
    """
    return "".join(
        c
        if c.isprintable() or c in keep or category(c) == "Zs"
        else c.encode("unicode_escape", "surrogatepass").decode("ascii")
        for c in str(text)
    )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error sentence: the nearest known name, or all known names if none is near."""
    return _did_you_mean(name, tuple(dict.fromkeys(known)))


@lru_cache(maxsize=1024)
def _did_you_mean(name: str, known: tuple[str, ...]) -> str:
    name, compared = name[:_LONGEST_NAME], known[:_MOST_COMPARED]
    nearest = difflib.get_close_matches(name, compared, n=1, cutoff=0.6)
    if nearest:
        best = difflib.SequenceMatcher(None, nearest[0], name).ratio()
        close = difflib.get_close_matches(name, compared, n=_MOST_MEANT, cutoff=best)
        return f"did you mean {' or '.join(repr(one) for one in compared if one in close)}?"
    more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
    return f"known: {', '.join(known[:_MOST_NAMED])}{more}"


def file_for_module(name: str, rest: str = "") -> str:
    """The end of an error sentence about a name that is a path where a module is meant; empty if it is none.

    ``rest`` is what follows the module, such as ``:Class``.
    """
    path = name.replace(os.sep, "/")
    if "/" not in path and not path.startswith(".") and not path.endswith(".py"):
        return ""
    folder, _, file = os.path.normpath(path).replace(os.sep, "/").removesuffix(".py").rpartition("/")
    if folder.startswith(("/", "..")):
        return f"names a file outside of this folder; go to its folder (cd {folder}) and name its module: {file}{rest}"
    return (
        f"names a file; name its module: {'.'.join(filter(None, (folder.replace('/', '.'), file.lstrip('.'))))}{rest}"
    )


def import_cure(module: str, error: BaseException) -> str:
    """A tail for an error sentence about a user's module that could not be imported, or that raised."""
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if missing is not None and (module == missing or module.startswith(f"{missing}.")):
        return "name a module that Python finds from this folder"
    if missing is not None:
        return "install it where stillthere is installed, or mend the module"
    return "mend the module"

"""How far a command is, in one line on standard error: a bar, how many, the rate and the time that is left.

Only a person who waits at a terminal sees it: nothing is written if standard error is piped, in CI (the environment
variable ``CI``), or before a second has passed.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import visible
from ..processes import progress_told

_AFTER_S = 1.0
"""What takes no longer needs no bar."""
_EVERY_S = 0.2
_BAR = 20
_USUAL_COLUMNS = 80
"""Of a terminal that does not say how wide it is."""
_MANY_S = 120.0


class Progress:
    """The line. ``unit`` is what is counted, such as ``runs``; ``until_s`` a time after which no more is begun."""

    def __init__(self, unit: str, *, is_wanted: bool = True, until_s: float | None = None) -> None:
        self._unit = unit
        self._is_wanted = is_wanted and _someone_waits()
        self._until_s = until_s
        self._began = time.monotonic()
        self._shown_at = 0.0
        self._is_there = False

    def show(self, done: int, of: int | None, doing: str = "", *, before: int = 0) -> None:
        """So many are done, ``before`` of them by an earlier command; ``doing`` is what is done now."""
        now = time.monotonic()
        if not self._is_wanted or now - self._began < _AFTER_S or now - self._shown_at < _EVERY_S:
            return
        self._shown_at = now
        self._is_there = True
        line = progress_line(done, of, now - self._began, self._unit, doing, before=before, until_s=self._until_s)
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or _USUAL_COLUMNS
        print(f"\r{_fitted(line, columns - 1)}\033[K", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the line away, so that something else can be printed."""
        if self._is_there:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self._is_there = False

    @contextmanager
    def of_processes(self) -> Iterator[None]:
        """Show what the processes have done that the block starts."""
        try:
            with progress_told(self.show):
                yield
        finally:
            self.clear()


def progress_line(
    done: int,
    of: int | None,
    passed_s: float,
    unit: str,
    doing: str = "",
    *,
    before: int = 0,
    until_s: float | None = None,
) -> str:
    """The line after so many seconds."""
    rate = (done - before) / passed_s if passed_s else 0.0
    parts = [f"{done} of {of} {unit}" if of is not None else f"{done} {unit}"]
    if rate:
        parts.append(f"{rate:.1f} a second" if rate >= 1 else f"{1 / rate:.1f} s each")
    if of is not None and rate:
        left_s = (of - done) / rate
        parts.append(f"{duration(left_s if until_s is None else min(left_s, max(0.0, until_s - passed_s)))} left")
    if doing:
        parts.append(visible(doing))
    return f"{_bar(done, of)}{' · '.join(parts)}"


def duration(seconds: float) -> str:
    """Such as ``12 s``, ``5 min`` or ``2.5 h``."""
    whole = round(seconds)
    return f"{whole} s" if whole < _MANY_S else f"{whole // 60} min" if whole < 7200 else f"{whole / 3600:.1f} h"


def _bar(done: int, of: int | None) -> str:
    if not of:
        return ""
    full = min(_BAR, _BAR * done // of)
    return f"{'━' * full}{'╺' if full < _BAR else ''}{'╌' * max(0, _BAR - full - 1)} "


def _fitted(line: str, columns: int) -> str:
    """The line, without what does not fit; first its bar goes."""
    if len(line) > columns and line[:1] in "━╺":
        line = line.partition(" ")[2]
    return line if len(line) <= columns else f"{line[: max(0, columns - 1)]}…"


def _someone_waits() -> bool:
    return sys.stderr.isatty() and not os.environ.get("CI")

"""What an app prints: it goes on to standard error, not among our own output, and it is noted in the journal."""

import io
from collections.abc import Callable
from typing import TextIO

LONGEST_LINE = 500
"""Characters of a line that are noted."""


class Printed(io.TextIOBase):
    """The standard output of an app. ``note`` is called with each line, once it is set."""

    def __init__(self, onward: TextIO) -> None:
        super().__init__()
        self.note: Callable[[str], None] = lambda line: None
        self._onward = onward
        self._line = ""

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Pass it on, and note each line that it ends."""
        self._onward.write(text)
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            if line.strip():
                self.note(line.rstrip()[:LONGEST_LINE])
        return len(text)

    def flush(self) -> None:
        """Flush what was passed on."""
        self._onward.flush()

"""Opens a log: a plain or compressed file, in whatever encoding, as pieces of text."""

import codecs
import stat
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError

PIECE_BYTES = 1024 * 1024
LONGEST_LOG = 1024**3
"""More than this of a log is not read: a small compressed file can hold any amount."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COMPRESSED = b"\x1f\x8b"
_GZIP = 31
"""What :mod:`zlib` calls the format of gzip."""

Note = Callable[[str], None]
"""Takes a sentence about what could not be read."""

LATER_MISSING = "what comes later is missing"
"""In such a sentence: the end of the log is not there, so nothing is known of what was said last."""


class LogFile:
    """A file that holds a log. Raises :exc:`InputError` if it is no plain file, or cannot be opened."""

    def __init__(self, path: str | Path, note: Note) -> None:
        self.path = Path(path)
        self._noted: set[str] = set()
        self._take_note = note
        try:
            kind = self.path.stat().st_mode
            if not stat.S_ISREG(kind):
                what = "a folder" if stat.S_ISDIR(kind) else "no plain file"
                raise InputError(f"{path} is {what}; name a file that holds a log")
            self.size = self.path.stat().st_size
            with self.path.open("rb") as file:
                self.compressed = file.read(2) == _COMPRESSED
            self.head = next(self.pieces(), b"")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"{path} cannot be read as a log: {reason}") from None

    def _note(self, sentence: str) -> None:
        if sentence not in self._noted:
            self._noted.add(sentence)
            self._take_note(sentence)

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the log, unpacked."""
        read = 0
        with self.path.open("rb") as file:
            for piece in self._unpacked(file) if self.compressed else iter(lambda: file.read(PIECE_BYTES), b""):
                read += len(piece)
                yield piece
                if read > LONGEST_LOG:
                    self._note(f"Only the first {LONGEST_LOG >> 30} GiB of the log are read; {LATER_MISSING}.")
                    return

    def _unpacked(self, file: BinaryIO) -> Iterator[bytes]:
        """What a file of gzip holds, up to where it is damaged."""
        unpacker = zlib.decompressobj(_GZIP)
        packed = b""
        try:
            while packed or (packed := file.read(PIECE_BYTES)):
                piece = unpacker.decompress(packed, PIECE_BYTES)
                packed = unpacker.unconsumed_tail
                if piece:
                    yield piece
                if unpacker.eof:  # another may follow, as when logs are put together
                    packed = unpacker.unused_data or file.read(PIECE_BYTES)
                    unpacker = zlib.decompressobj(_GZIP)
                    if not packed.startswith(_COMPRESSED):
                        return
            self._note(f"The compressed file is cut off; {LATER_MISSING}.")
        except zlib.error:
            self._note(f"The compressed file is damaged; {LATER_MISSING}.")

    @property
    def encoding(self) -> str:
        """What its text is written in, told by its first bytes."""
        for mark, name in _MARKS:
            if self.head.startswith(mark):
                return name
        sample = self.head[:4096]
        if sample.count(0) > len(sample) // 4:
            if sample[1::2].count(0) > len(sample) * 0.4:
                return "utf-16-le"
            if sample[::2].count(0) > len(sample) * 0.4:
                return "utf-16-be"
        return "utf-8"

    def text(self) -> Iterator[str]:
        """The text of the log, piece by piece. What is no text in its encoding becomes a replacement character."""
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        for piece in self.pieces():
            yield decoder.decode(piece)
        yield decoder.decode(b"", True)

    @property
    def head_text(self) -> str:
        """How its text begins."""
        return self.head[:65_536].decode(self.encoding, "replace").lstrip("\ufeff \t\r\n\0")

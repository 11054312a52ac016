"""What is wrong with a file that should be a recording, by its bytes: one sentence that names it and the cure."""

from pathlib import Path
from shlex import quote
from typing import BinaryIO, Literal

_HEAD = 512
_BY_CONTENT = (
    (4, b"ftyp", "MPEG-4 audio (m4a, AAC or ALAC)"),
    (0, b"\x1aE\xdf\xa3", "WebM or Matroska, as browsers record it"),
    (0, b"\xff\xf1", "bare AAC"),
    (0, b"\xff\xf9", "bare AAC"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "Windows Media audio"),
    (0, b"#!AMR", "AMR, as telephones record it"),
)
"""Audio that libsndfile does not read: where it has which bytes, and what it is."""
_WITH_HEADER = {
    b"RIFF": "a WAV file",
    b"RF64": "a WAV file",
    b"fLaC": "a FLAC file",
    b"OggS": "an Ogg file",
    b"FORM": "an AIFF file",
    b".snd": "an AU file",
}
_CUT_SHORT = "its header says {} bytes of sound, and {} are there; copy or download it again, or keep those with"
_IN_CHUNKS: dict[bytes, tuple[Literal["little", "big"], bytes]] = {
    b"RIFF": ("little", b"data"),
    b"FORM": ("big", b"SSND"),
}
"""The order of bytes in a size, and the chunk with the sound."""
_SIZE_OF_A_STREAM = 0x7FFF0000
"""A size of this or more stands in a header whose writer did not know it."""
_MOST_CHUNKS = 100
_LONGEST_PAGE = 2**16
_LAST_PAGE = 4
"""The flag of the last page of an Ogg stream."""


def mistake(path: Path) -> str | None:
    """Why a file cannot be a whole recording, or None if nothing of it is known here. Reads little of it."""
    with open(path, "rb") as file:
        head = file.read(_HEAD)
        if not head:
            return f"{path} is empty (0 bytes); record, export or download it again"
        sizes = (_wrong_size(path, file, head), _short_mp3(path, head), _short_ogg(path, file, head))
        mistakes = (_not_audio(path, head), _not_read(path, head), *sizes)
        return next(filter(None, mistakes), None)


def header_kind(path: Path) -> str | None:
    """What the header says that a file is, such as ``a WAV file``; None if it has no header that is known here."""
    with open(path, "rb") as file:
        return _WITH_HEADER.get(file.read(4))


def convert(path: Path, options: str = "", source: str = "") -> str:
    """The command that makes a WAV file of a file, with ``options`` for the result and ``source`` for what is read."""
    target = path.with_suffix(".wav") if path.suffix.lower() != ".wav" else path.with_name("out.wav")
    return " ".join(filter(None, ["ffmpeg", source, "-i", quote(str(path)), options, quote(str(target))]))


def _not_audio(path: Path, head: bytes) -> str | None:
    if head.startswith(b"version https://git-lfs.github.com/spec/"):
        return f"{path} is a pointer of Git LFS, not the recording itself; fetch that with: git lfs pull"
    if b"/annex/objects/" in head and _is_text(head):
        return f"{path} is a pointer of git-annex, not the recording itself; fetch that with: git annex get"
    if head.lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return f"{path} is a web page, not a recording; download the file itself"
    if _is_text(head):
        return f"{path} is text, not a recording; give a WAV, FLAC, Ogg or MP3 file"
    return None


def _is_text(head: bytes) -> bool:
    try:
        words = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3 or len(head) < _HEAD:
            return False
        words = head[: error.start].decode("utf-8")
    return all(sign.isprintable() or sign in "\t\n\r\f" for sign in words)


def _not_read(path: Path, head: bytes) -> str | None:
    for at, magic, kind in _BY_CONTENT:
        if head[at : at + len(magic)] == magic:
            return f"{path} is {kind}, which cannot be read here; convert it with: {convert(path)}"
    return None


def _wrong_size(path: Path, file: BinaryIO, head: bytes) -> str | None:
    """Of a file in chunks: the size of its sound in the header is not what is there."""
    if head[:4] not in _IN_CHUNKS or (head[:4] == b"RIFF" and head[8:12] != b"WAVE"):
        return None
    order, sound = _IN_CHUNKS[head[:4]]
    kind, size, at = _WITH_HEADER[head[:4]], file.seek(0, 2), 12
    for _ in range(_MOST_CHUNKS):
        file.seek(at)
        chunk = file.read(8)
        if len(chunk) < 8:
            return f"{path} is {kind} that ends within its header; record, export or download it again"
        length, begin = int.from_bytes(chunk[4:], order), at + 8
        if chunk[:4] == sound:
            if begin >= size and length:
                return f"{path} is {kind} without the sound behind its header; record or download it again"
            file.seek(begin + length + length % 2)
            mistake = _wrong_length(length, size - begin, file.read(8), order)
            return mistake and f"{path} is {kind} {mistake}: {convert(path)}"
        at = begin + length + length % 2
    return None


def _wrong_length(length: int, there: int, behind: bytes, order: Literal["little", "big"]) -> str | None:
    """``length`` by the header, ``there`` bytes to the end of the file; ``behind``: what follows the sound."""
    rest = there - length - length % 2
    is_chunk = behind[:4].strip().isalnum() and int.from_bytes(behind[4:], order) <= rest
    is_padding = length > 0 and (not any(behind) or behind[:3] in (b"ID3", b"TAG"))
    if there < length < _SIZE_OF_A_STREAM:
        return f"that is cut short: {_CUT_SHORT.format(length, there)}"
    if length <= there and (rest < 8 or is_chunk or is_padding):
        return None
    return (
        f"with a wrong size in its header ({length} bytes of sound, and {there} follow), as when it was written to a"
        " stream or never closed; repair it with"
    )


def _short_mp3(path: Path, head: bytes) -> str | None:
    """Of an MP3 whose first frame tells its size; libsndfile would add silence for what is missing."""
    at = max(head.find(b"Xing"), head.find(b"Info"))
    if head[:1] != b"\xff" or at < 0 or not (flags := int.from_bytes(head[at + 4 : at + 8], "big")) & 2:
        return None
    field = at + (12 if flags & 1 else 8)
    length, there = int.from_bytes(head[field : field + 4], "big"), path.stat().st_size
    if length <= there:
        return None
    return f"{path} is an MP3 file that is cut short: {_CUT_SHORT.format(length, there)}: {convert(path)}"


def _short_ogg(path: Path, file: BinaryIO, head: bytes) -> str | None:
    """Of an Ogg file: the last page says that it is the last."""
    if head[:4] != b"OggS":
        return None
    file.seek(max(0, file.seek(0, 2) - _LONGEST_PAGE))
    end = file.read()
    last = end.rfind(b"OggS")
    if last >= 0 and end[last + 5 : last + 6] and not end[last + 5] & _LAST_PAGE:
        return (
            f"{path} is an Ogg file that ends before its last page: it was cut short or never closed; copy or download"
            f" it again, or keep what is there with: {convert(path)}"
        )
    return None

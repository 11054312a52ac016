"""Audio in events: taken out of them, decoded, and kept, in memory or, of a long log, in a file."""

import binascii
import mmap
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .vocabulary import AUDIO_FIELDS

IN_MEMORY_BYTES = 16 * 1024 * 1024
"""So much audio of a log is kept in memory: six minutes of one direction."""
_SEGMENT_BYTES = 8 * 1024 * 1024
_BYTES_NAMED = re.compile(r"(\d{1,9})\s*(?:bytes|byte|b)\b", re.IGNORECASE)
_CHARACTERS_NAMED = re.compile(
    r"(\d{1,9})\s*(?:chars?|characters?|more characters?)\b|base64[^\d]{0,12}(\d{1,9})", re.IGNORECASE
)
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=\r\n_-]")


@dataclass(frozen=True, slots=True)
class EventAudio:
    """The audio of an event. ``size`` None: its length is not known; ``audio`` None: it is not in the log."""

    size: int | None = None
    audio: bytes | memoryview | None = None


NOT_CARRIED: Final = EventAudio()


class Clips:
    """Keeps audio: the first :data:`IN_MEMORY_BYTES` in memory, the rest in files without a name, which nobody else
    sees and which end with this process."""

    def __init__(self, in_memory_bytes: int = IN_MEMORY_BYTES) -> None:
        self._left = in_memory_bytes
        self._segment: mmap.mmap | None = None
        self._at = 0

    def keep(self, audio: bytes) -> bytes | memoryview:
        """The same bytes, to be read whenever they are needed."""
        self._left -= len(audio)
        if self._left >= 0 or not audio:
            return audio
        if self._segment is None or self._at + len(audio) > len(self._segment):
            self._next_segment(max(_SEGMENT_BYTES, len(audio)))
        assert self._segment is not None
        start, self._at = self._at, self._at + len(audio)
        self._segment[start : self._at] = audio
        return memoryview(self._segment)[start : self._at].toreadonly()

    def _next_segment(self, size: int) -> None:
        self.release()
        with tempfile.TemporaryFile() as file:
            file.truncate(size)
            self._segment = mmap.mmap(file.fileno(), size)
        self._at = 0

    def release(self) -> None:
        """Give the memory back: it is read from the file again when it is asked for."""
        if self._segment is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._segment.flush()
            self._segment.madvise(mmap.MADV_DONTNEED)


def clip_of(event: Mapping[str, Any], clips: Clips) -> EventAudio:
    """The audio that an event carries, as far as the log has it."""
    field = AUDIO_FIELDS.get(str(event.get("type")))
    if field is None:
        return NOT_CARRIED
    text = event.get(field)
    return clip_of_text(text, clips) if isinstance(text, str) else EventAudio(_told_beside(event))


def clip_of_text(text: str, clips: Clips) -> EventAudio:
    """The audio of a field: base64, or what a log wrote in its place, such as ``[trimmed: 2560 bytes]``."""
    if not text:
        return EventAudio(0, b"")
    if _NOT_BASE64.search(text):
        return EventAudio(_length_told(text))
    plain = text.replace("\r", "").replace("\n", "").replace("-", "+").replace("_", "/").rstrip("=")
    if len(plain) % 4 == 1:
        return NOT_CARRIED  # the text was cut
    try:
        audio = binascii.a2b_base64(plain + "=" * (-len(plain) % 4))
    except binascii.Error:
        return NOT_CARRIED
    return EventAudio(len(audio), clips.keep(audio))


def _length_told(text: str) -> int | None:
    """The length that a text names in place of the audio; base64 is longer by a third.

    The console writes ``[trimmed: N bytes]``, and N is the length of the base64 (openai-realtime-console).
    """
    if found := _CHARACTERS_NAMED.search(text):
        return int(found[1] or found[2]) * 3 // 4
    if found := _BYTES_NAMED.search(text):
        return int(found[1]) * 3 // 4 if "trimmed" in text.lower() else int(found[1])
    return None


def _told_beside(event: Mapping[str, Any]) -> int | None:
    """The length that a log tells in a field beside the audio, which it left out."""
    for name in ("audio_bytes", "audioBytes", "audio_length", "audio_len", "delta_bytes", "bytes"):
        value = event.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 40:
            return value
    return None


def without_audio(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event without its audio, also without that in the content of an item."""
    field = AUDIO_FIELDS.get(str(event.get("type")))
    plain = {key: value for key, value in event.items() if key != field}
    item = plain.get("item")
    if isinstance(item, dict) and isinstance(item.get("content"), list):
        content = [
            {key: value for key, value in part.items() if key != "audio"} if isinstance(part, dict) else part
            for part in item["content"]
        ]
        plain["item"] = {**item, "content": content}
    return plain

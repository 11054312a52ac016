"""A telephone line as a media stream has it: mu-law at 8 kHz in packets of 20 ms, and marks that come back when played.

What goes to the session is converted as one stream, so that packets join without a click. What was played of an answer
is known from the marks alone.
"""

from collections import deque

from ..audio.formats import FORMATS, PCM24K, PCMU, SAMPLE_RATE_HZ, AudioFormat, Samples
from ..audio.resampling import Resampler, resample
from .interface import Command, MarkPlayback, Play
from .playback import PlaybackMeter

PACKET_BYTES = 160
"""20 ms of mu-law."""
_MOST_HELD_BYTES = 30 * SAMPLE_RATE_HZ * PCM24K.bytes_per_sample
"""So much of what the caller says is held at most: 30 s."""
_MOST_RESPONSES = 16
"""So many responses whose format is known."""


class CallerAudio:
    """The caller's audio for the session: held until :meth:`take` is called, and then converted."""

    def __init__(self) -> None:
        self._resampler = Resampler(SAMPLE_RATE_HZ, PCMU.rate_hz)
        self._held = bytearray()
        self._converted = bytearray()

    def add(self, pcm: bytes) -> None:
        """Audio of the caller (PCM, 24 kHz)."""
        self._held += pcm
        excess = max(0, len(self._held) - _MOST_HELD_BYTES)
        del self._held[: excess + excess % PCM24K.bytes_per_sample]

    def take(self, audio_format: AudioFormat) -> bytes:
        """All that was not taken yet: as mu-law in whole packets, or as PCM."""
        pcm = bytes(self._held)
        self._held.clear()
        if audio_format is not PCMU:
            return pcm
        self._converted += PCMU.encode(self._resampler.push_int16(PCM24K.decode(pcm)))
        whole = len(self._converted) - len(self._converted) % PACKET_BYTES
        taken = bytes(self._converted[:whole])
        del self._converted[:whole]
        return taken

    def drop(self) -> None:
        """Nobody is there to send it to."""
        self._held.clear()
        self._converted.clear()


class AssistantAudio:
    """The assistant's audio for the line. A session may answer in another format than was asked for: it says which."""

    def __init__(self) -> None:
        self._formats: dict[str, AudioFormat] = {}

    def response_created(self, response_id: str, format_name: object) -> None:
        """A response begins; its audio is in this format, if it says so."""
        self._formats[response_id] = FORMATS.get(str(format_name), PCMU)
        while len(self._formats) > _MOST_RESPONSES:
            del self._formats[next(iter(self._formats))]

    def samples(self, response_id: str, audio: bytes) -> Samples:
        """The audio at 24 kHz; a sample that is cut in two is left out."""
        audio_format = self._format(response_id)
        whole = audio[: len(audio) - len(audio) % audio_format.bytes_per_sample]
        return resample(audio_format.decode(whole), audio_format.rate_hz, SAMPLE_RATE_HZ)

    def packets(self, response_id: str, item_id: str, audio: bytes, mark: str) -> list[Command]:
        """The audio in packets of the line, and a mark behind them."""
        if self._format(response_id) is not PCMU:
            samples = self.samples(response_id, audio)
            audio = PCMU.encode(resample(samples, SAMPLE_RATE_HZ, PCMU.rate_hz))
        starts = range(0, len(audio), PACKET_BYTES)
        sent = [Play(audio[start : start + PACKET_BYTES], item_id, response_id, PCMU.name) for start in starts]
        return [*sent, MarkPlayback(mark)]

    def _format(self, response_id: str) -> AudioFormat:
        return self._formats.get(response_id, PCMU)


class MarkedPlayback(PlaybackMeter):
    """Follows a line by the marks that came back: what was played is known, not believed."""

    def __init__(self) -> None:
        super().__init__()
        self._pending: deque[tuple[str, str, int]] = deque()
        """The marks on the line: name, item, and how much of the item is before it, in microseconds."""
        self._sent = 0
        self._played_us = 0

    def accept(self, item_id: str, audio: bytes, now: int, *, audible: bool = True) -> bool:
        """As for any speaker."""
        before = self.item_id
        accepted = super().accept(item_id, audio, now, audible=audible)
        if self.item_id != before:
            self._played_us = 0
        return accepted

    def mark(self) -> str:
        """The name of a new mark, behind all audio that was accepted."""
        self._sent += 1
        name = f"mark_{self._sent}"
        self._pending.append((name, str(self.item_id), self._item_queued_us))
        return name

    def returned(self, name: str) -> bool:
        """A mark came back; gives whether it was the last: all was played. Marks of audio that was dropped are none."""
        if not any(name == pending for pending, _, _ in self._pending):
            return False
        while True:
            found, item_id, until_us = self._pending.popleft()
            if item_id == self.item_id:
                self._played_us = until_us
            if found == name:
                return not self._pending

    def heard_us(self, now: int) -> int:
        """How much of the item was played, by the marks."""
        return self._played_us if self.speaking else 0

    def answered_us(self, now: int) -> int:
        """How much of the item could be heard so far, by the marks."""
        return min(self._item_audible_us, self._played_us)

    def interrupt(self, now: int) -> tuple[str, int] | None:
        """As for any speaker; the marks that were on the line no longer count."""
        interrupted = super().interrupt(now)
        self._pending.clear()
        return interrupted

"""What a program plays on a device that takes a stream of PCM, for the world's speaker.

A stream has no answers in it, only bytes. Three things are taken out of it that a device of the real world would not
take for an answer either:

* **Gaps between pieces.** A program that plays by its device's clock writes 20 ms at a time, and now and then a little
  late. So the first piece of a sound is held back for :data:`BUFFER_US`, as the buffer of a sound card does.
* **Silence that the program adds.** One that writes all the time writes zeros when it has nothing to say, or what a
  decoder makes of silence. They are a part of an answer only where the server sent zeros.
* **A cut sample.** A piece may end in the middle of one.
"""

from ...audio.formats import PCM24K
from ...audio.levels import peak_lsb
from ...journal import SpeakerHeard
from ...units import MS, SECOND
from ..tested_app import TestedApp
from .clock import WallClock

BYTES_PER_S = 48_000
"""Of all devices: PCM, int16, little-endian, mono, 24 kHz."""
BUFFER_US = 100 * MS
"""The latency of the output."""
SILENT_PEAK = 16
"""Up to this it is silence: what Opus makes of zeros has a few LSB."""
MONITOR_BUFFER_US = 250 * MS
"""The same for the monitor of a sound server, which delivers all that was played, but late on a busy machine."""
_JUDGED_US = SECOND
"""From so much on it is said that what is played is not what was sent."""
_OTHER_FORMATS = {
    1 / 6: "mu-law at 8 kHz",
    1 / 3: "8 kHz",
    2 / 3: "16 kHz",
    44.1 / 24: "44.1 kHz",
    2.0: "48 kHz, two channels, or 32 bits a sample",
    4.0: "48 kHz and two channels",
}
"""How much longer the same sound is in other formats."""


class PlayedStream:
    """Call :meth:`take` with what the program writes, and :meth:`finish` at the end of the run.

    The first piece of a sound waits for ``buffer_us``.
    """

    def __init__(self, app: TestedApp, clock: WallClock, buffer_us: int = BUFFER_US) -> None:
        self._buffer_us = buffer_us
        self._app = app
        self._clock = clock
        self._rest = b""
        self._held = bytearray()
        self._item: str | None = None
        self._played: dict[str, int] = {}
        """How many bytes were played as each item."""
        self._known_bytes = self._unknown_bytes = 0

    def take(self, data: bytes) -> None:
        """The program writes to its speaker; before time runs, nobody listens."""
        if not self._clock.is_started:
            return
        self._clock.enter()
        data = self._rest + data
        whole = len(data) - len(data) % 2
        self._rest = data[whole:]
        if self._held:
            self._held += data[:whole]
        elif self._app.around.speaker.playing:
            self._play(data[:whole])
        elif sounds(data[:whole]) or self._silent_item(whole) is not None:
            self._held += data[:whole]
            self._clock.at(self._clock.now + self._buffer_us, self._let_go)

    def drop(self) -> int:
        """Drop what is queued; how much of the current answer was played, in ms."""
        self._clock.enter()
        self._held.clear()
        return self._app.stops()

    def finish(self) -> None:
        """Say it if the program's format is obviously not the device's."""
        sent = self._app.around.network.sent
        items = [item for each in self._played if (item := sent.item(each)) is not None]
        sent_us = sum(item.length_us for item in items)
        heard = self._known_bytes or any(self._app.around.journal.select(SpeakerHeard))
        if heard or not sent_us or self._unknown_bytes * SECOND // BYTES_PER_S < _JUDGED_US:
            return
        ratio = self._unknown_bytes * SECOND / BYTES_PER_S / sent_us
        nearest = min(_OTHER_FORMATS, key=lambda each: abs(each / ratio - 1))
        perhaps = f", as if it were {_OTHER_FORMATS[nearest]}" if abs(nearest / ratio - 1) < 0.1 else ""
        self._app.fenced(
            f"nothing that the program played is what the server sent; it is {ratio:.2f} times as long{perhaps}; the "
            "device takes signed 16-bit little-endian PCM, mono, 24 kHz"
        )

    def _let_go(self, _: object) -> None:
        held = bytes(self._held)
        self._held.clear()
        self._play(held)

    def _play(self, pcm: bytes) -> None:
        heard = sounds(pcm)
        owner = self._app.around.network.sent.owner(pcm) if heard else None
        if owner is not None:
            self._known_bytes += len(pcm)
        elif heard:
            self._unknown_bytes += len(pcm)
            owner = self._app.last_item
        else:
            owner = self._silent_item(len(pcm))
        if owner is not None:
            self._item = owner[0]
            self._played[self._item] = self._played.get(self._item, 0) + len(pcm)
            self._app.plays(pcm, *owner)

    def _silent_item(self, size: int) -> tuple[str, str] | None:
        """The item, with its response, that goes on with so many bytes of silence."""
        for item_id in (self._item, self._app.last_item[0]):
            item = None if item_id is None else self._app.around.network.sent.item(item_id)
            if item_id is not None and item is not None:
                played = self._played.get(item_id, 0)
                if item.is_silent(played * SECOND // BYTES_PER_S, (played + size) * SECOND // BYTES_PER_S):
                    return item_id, item.response_id
        return None


def sounds(pcm: bytes) -> bool:
    """Whether there is more in it than silence."""
    return any(pcm) and peak_lsb(PCM24K.decode(pcm)) > SILENT_PEAK

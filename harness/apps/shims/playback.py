"""What a stream plays: blocks of frames, in which the user hears answers and, between them, nothing."""

import numpy as np

from ...audio.formats import PCM24K, SAMPLE_RATE_HZ, Samples
from ...units import MS
from .card import SoundCard
from .samples import FromFrames, Layout

_QUANTUM = SAMPLE_RATE_HZ // 100
"""Blocks that are shorter are joined: 10 ms."""
_SILENT_LSB = 3
"""A block with no sample above this is silent: dither is no answer."""
_PAUSE_US = 1000 * MS
"""Silence up to this length, and sound behind it, are still the same answer, if the app changes what it was sent."""
_END_US = 40 * MS
"""An answer is over for us when no more of it than this is missing."""
_MOST_MISSES = 20
"""After so many blocks whose bytes the server never sent, the app changes its audio: most are not searched for."""
_SEARCHED_EACH = 10
"""Of those, one in so many still is."""


class Playback:
    """The playing side of a stream. Raises :exc:`AudioError` for a rate that 24 kHz cannot be made of.

    A device plays a block while it asks for the next one. So the first block of an answer is held back until the second
    one is there, and sound is heard one block after the app gave it.
    """

    def __init__(self, card: SoundCard, layout: Layout) -> None:
        self.layout = layout
        self.until_us = 0
        """Until when what was given is played."""
        self._card = card
        self._convert = FromFrames(layout)
        self._is_exact = layout.rate_hz == SAMPLE_RATE_HZ
        self._gathered: Samples = np.zeros(0, np.int16)
        self._held: Samples | None = None
        self._is_sounding = False
        self._quiet_us = 0
        self._item = "", ""
        self._given_us = 0
        self._is_as_sent = False
        """Whether the app plays the bytes that it was sent."""
        self._misses = 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing of an answer waits or is given."""
        return not (self._is_sounding or self._held is not None or self._gathered.any())

    def render(self, frames: bytes) -> None:
        """The next block, which follows the one before without a gap."""
        self._gathered = np.concatenate((self._gathered, self._convert(frames)))
        if self._gathered.size < _QUANTUM:
            return
        block, self._gathered = self._gathered, self._gathered[:0]
        if self._is_sounding:
            self._go_on(block)
        elif self._held is not None:
            held, self._held = self._held, None
            self._is_sounding, self._quiet_us = True, 0
            self._go_on(held)
            if self._is_sounding:
                self._go_on(block)
        elif _is_heard(block):
            self._held = block

    def _go_on(self, block: Samples) -> None:
        """Silence at both ends is a piece of its own, so that the rest is found in what the server sent."""
        loud = np.flatnonzero(block)
        first, last = (int(loud[0]), int(loud[-1]) + 1) if loud.size else (0, 0)
        if last:
            self._recognise(PCM24K.encode(block[first:last]))
            self._give(block[:first])
            self._give(block[first:last])
        self._quiet_us = 0 if _is_heard(block) else self._quiet_us + PCM24K.duration_us(block.nbytes)
        if self._is_pause(block[last:]):
            self._give(block[last:])
        else:
            self._is_sounding = False

    def _is_pause(self, silence: Samples) -> bool:
        """Whether silence is within the answer: by its bytes if the app plays what was sent, else by its length."""
        item = self._card.app.around.network.sent.item(self._item[0])
        if item is not None and self._is_as_sent:
            return item.goes_on_with(PCM24K.encode(silence))
        return self._quiet_us <= _PAUSE_US and not (self._quiet_us and self._is_over())

    def _give(self, piece: Samples) -> None:
        if piece.size:
            self._card.sounds(self)
            self._card.app.plays(PCM24K.encode(piece), *self._item)
            length_us = PCM24K.duration_us(piece.nbytes)
            self.until_us = max(self.until_us, self._card.now) + length_us
            self._given_us += length_us

    def _recognise(self, pcm: bytes) -> None:
        """The item and the response of some sound: by its bytes, else what is played until all of it was."""
        app = self._card.app
        found = None
        if self._is_exact and (self._misses < _MOST_MISSES or self._misses % _SEARCHED_EACH == 0):
            found = app.around.network.sent.owner(pcm)
        self._is_as_sent = found is not None
        self._misses = 0 if self._is_as_sent else self._misses + 1
        if found is None and self._is_over():
            found = app.last_item
        if found is not None and found != self._item:
            self._item, self._given_us = found, 0

    def _is_over(self) -> bool:
        """Whether what comes now is of another item than what came before."""
        if self._card.now >= self.until_us:
            return True
        item = self._card.app.around.network.sent.item(self._item[0])
        return item is None or (item.complete and self._given_us >= item.length_us - _END_US)

    def finish(self) -> None:
        """Nothing follows: what is held back is played."""
        held, self._held = self._held, None
        rest, self._gathered = self._gathered, self._gathered[:0]
        for block in (held, rest if rest.any() else None):
            if block is not None:
                self._go_on(block)
        self._is_sounding = False

    def drop(self) -> None:
        """What is not played yet is never heard."""
        self._held, self._gathered = None, self._gathered[:0]
        self._is_sounding = False
        if self._card.now < self.until_us or self._card.is_suspended:
            self.until_us = self._card.now
            self._card.app.stops()


def _is_heard(block: Samples) -> bool:
    return bool(block.size) and int(np.abs(block.astype(np.int32)).max()) > _SILENT_LSB

"""What a client knows of its speaker: what it queued, since when it plays, and so how much of each item was heard."""

from dataclasses import dataclass

from harness.units import MS, SECOND

BYTES_A_SECOND = 48_000
"""PCM: int16, mono, 24 kHz."""


@dataclass
class Queued:
    """One item of the assistant in the queue."""

    item_id: str
    response_id: str
    length_us: int = 0


class Playback:
    """Counts by the clock of the device: it plays at real-time speed from the first queued audio on."""

    def __init__(self) -> None:
        self.queue: list[Queued] = []
        self.began: int | None = None
        """When the queue began to play; None: nothing plays."""
        self._played_us: dict[str, int] = {}
        """For each item: what was played of it before the present queue."""

    @property
    def playing(self) -> bool:
        """Whether there is something to play."""
        return self.began is not None

    @property
    def ends(self) -> int:
        """When the queue will have been played, in microseconds."""
        return (self.began or 0) + sum(each.length_us for each in self.queue)

    def add(self, audio: bytes, item_id: str, response_id: str, now: int) -> None:
        """Audio was queued."""
        if self.began is None:
            self.began = now
        if not self.queue or self.queue[-1].item_id != item_id:
            self.queue.append(Queued(item_id, response_id))
        self.queue[-1].length_us += len(audio) * SECOND // BYTES_A_SECOND

    def ended(self) -> None:
        """The device has played everything."""
        for each in self.queue:
            self._played_us[each.item_id] = self._played_us.get(each.item_id, 0) + each.length_us
        self.queue.clear()
        self.began = None

    def paused(self, time_us: int) -> None:
        """The device stood still for so long."""
        if self.began is not None:
            self.began += time_us

    def stop(self, now: int) -> list[tuple[Queued, int]]:
        """The queue is dropped: each item that was not played to its end, and how many ms of it were."""
        cut: list[tuple[Queued, int]] = []
        left_us = now - (self.began or now)
        for each in self.queue:
            played_us = min(each.length_us, left_us)
            left_us -= played_us
            whole_us = self._played_us.get(each.item_id, 0) + played_us
            self._played_us[each.item_id] = whole_us
            if played_us < each.length_us:
                cut.append((each, whole_us // MS))
        self.queue.clear()
        self.began = None
        return cut

"""A sound card with a real speaker behind it, in this process; no thread of it may wait."""

import dataclasses
from typing import Any

import numpy as np

from harness.apps.shims.card import CARD
from harness.apps.tested_app import TestedApp
from harness.apps.virtual.clock import Clock
from harness.audio.formats import PCM24K, Samples
from harness.journal import Journal
from harness.world.comparison import SentAudio
from harness.world.scheduler import Scheduler
from harness.world.speaker import Speaker

CHUNK = 480
MS = 1000


def voice(samples: int, seed: int = 1) -> Samples:
    """Noise in the place of a voice, which repeats nowhere and is nowhere zero."""
    made: Samples = np.random.default_rng(seed).integers(1000, 9000, samples).astype(np.int16)
    made[1::2] *= -1
    return made


@dataclasses.dataclass
class Around:
    """What a :class:`TestedApp` needs of a world for its devices."""

    scheduler: Scheduler
    journal: Journal
    speaker: Speaker
    network: Any
    microphone: Any
    chunk_us: int = 20 * MS


class Microphone:
    """Counts how often it is reopened."""

    def __init__(self) -> None:
        self.reopened = 0

    def reopen(self, now: int) -> None:
        self.reopened += 1


class Bench:
    """The card, and what is seen from both sides of it."""

    def __init__(self) -> None:
        self.scheduler = Scheduler()
        self.journal = Journal({})
        self.sent = SentAudio()
        self.speaker = Speaker(self.scheduler, self.journal, self.sent, lambda _: None, lambda: None, lambda *_: None)
        self.microphone = Microphone()
        network = dataclasses.make_dataclass("Network", ["sent"])(self.sent)
        around: Any = Around(self.scheduler, self.journal, self.speaker, network, self.microphone)
        self.app = TestedApp(around, lambda _: None)
        self.clock = Clock(self.scheduler)
        self.clock.fence = self.app.fenced
        CARD.attach(self.app, self.clock)
        self._captured = 0

    def server_sends(self, item: str, audio: Samples, complete: bool = True) -> None:
        """The server sends audio of an item; its response has the same number."""
        self.sent.add(f"resp_{item}", f"item_{item}", PCM24K, audio.tobytes())
        if complete:
            self.sent.finish(f"resp_{item}", f"item_{item}", PCM24K)
        self.app.last_item = f"item_{item}", f"resp_{item}"

    def captures(self, audio: Samples) -> None:
        """The microphone delivers this from now on, in chunks of 20 ms, each at its end."""
        for place in range(0, audio.size, CHUNK):
            pcm = audio[place : place + CHUNK].tobytes()
            self.scheduler.at(self.scheduler.now + (place // CHUNK + 1) * 20 * MS, self._deliver, pcm)

    def _deliver(self, pcm: bytes) -> None:
        for listener in list(self.app.captures):
            listener(pcm)

    def until(self, due_us: int) -> None:
        """Let the world go on to a time."""
        self.scheduler.at(due_us, lambda _: None)
        while (due := self.scheduler.due) is not None and due <= due_us:
            self.scheduler.step()

    def entries(self, kind: type[Any]) -> list[Any]:
        """Those of one class in the journal."""
        return list(self.journal.select(kind))

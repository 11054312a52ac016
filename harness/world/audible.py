"""Whether an honest detector could hear an utterance: if not, a missing answer is no failure of the client."""

from functools import lru_cache
from pathlib import Path

from ..audio.formats import SAMPLE_RATE_HZ, Samples
from ..scenario.model import Say
from ..units import MS, SECOND
from ..vad.detector import make_detector
from ..vad.ear import Ear
from . import sounds
from .microphone import Microphone

CHUNK_US = 20 * MS


@lru_cache(maxsize=256)
def audible(say: Say, base: Path | None, seed: int, detector: str, threshold: float, room_dbfs: float) -> bool:
    """Whether an honest detector hears speech in this utterance, mixed with the room's noise, if all of it is sent."""
    return _audible(sounds.speech(say, base, seed), seed, detector, threshold, room_dbfs)


@lru_cache(maxsize=64)
def probe_audible(say: Say, base: Path | None, seed: int, detector: str, threshold: float, room_dbfs: float) -> bool:
    """As :func:`audible`, of what the persistent user says of this utterance."""
    return _audible(sounds.probe(say, base, seed), seed, detector, threshold, room_dbfs)


def _audible(samples: Samples, seed: int, detector: str, threshold: float, room_dbfs: float) -> bool:
    microphone = Microphone(room_dbfs, seed, chunk_us=CHUNK_US)
    microphone.sound(SECOND, samples)
    ear = Ear(make_detector(detector), SAMPLE_RATE_HZ)
    for end in range(CHUNK_US, 2 * SECOND + len(samples) * SECOND // SAMPLE_RATE_HZ, CHUNK_US):
        chunks = microphone.capture(end)
        if any(probability >= threshold for chunk in chunks for probability in ear.hear(chunk.samples)):
            return True
    return False

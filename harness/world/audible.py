"""Whether anybody could hear an utterance: the excuse of a client that nobody answers."""

from functools import lru_cache
from pathlib import Path

from harness.audio.formats import SAMPLE_RATE_HZ
from harness.scenario.model import Say
from harness.units import MS, SECOND
from harness.vad.detector import make_detector
from harness.vad.ear import Ear
from harness.world import sounds
from harness.world.microphone import Microphone

CHUNK_US = 20 * MS


@lru_cache(maxsize=256)
def audible(say: Say, base: Path | None, seed: int, detector: str, threshold: float, room_dbfs: float) -> bool:
    """Whether an honest detector takes this for speech, in the room's noise, if all of it is sent."""
    samples = sounds.speech(say, base, seed)
    microphone = Microphone(room_dbfs, seed, chunk_us=CHUNK_US)
    microphone.sound(SECOND, samples)
    ear = Ear(make_detector(detector), SAMPLE_RATE_HZ)
    for end in range(CHUNK_US, 2 * SECOND + len(samples) * SECOND // SAMPLE_RATE_HZ, CHUNK_US):
        chunks = microphone.capture(end)
        if any(probability >= threshold for chunk in chunks for probability in ear.hear(chunk.samples)):
            return True
    return False

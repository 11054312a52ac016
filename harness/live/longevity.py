"""Whether a session that talks for an hour keeps anything but the conversation.

The hour is virtual: one session, in this process, hears a user who speaks three times a minute, and answers. Memory is
counted by ``tracemalloc``, so it is exact and the same on every run. What may grow is the conversation itself: a user's
item and an assistant's item for each turn, as with the service, which keeps them too (documented).
"""

import tracemalloc
from dataclasses import dataclass

import numpy as np

from harness.audio.clips import load_clip
from harness.audio.formats import SAMPLE_RATE_HZ
from harness.protocol.events import InputAudioBufferAppend, ResponseDone
from harness.scenario.model import Scenario
from harness.server.session import Session
from harness.units import MS, SECOND
from harness.world.play import session_setup

MINUTE = 60 * SECOND
CHUNK_US = 100 * MS
TURN_EVERY_US = 20 * SECOND
CLIP = "speech_en_f_arctic_a0009"


@dataclass(frozen=True, slots=True)
class Growth:
    """What a session's memory grew by between two moments, and the responses that ended meanwhile."""

    kib: float
    responses: int


def growth(detector: str, *, from_us: int = 10 * MINUTE, until_us: int = 60 * MINUTE) -> Growth:
    """Talk in virtual time until ``until_us``; memory then, less the memory at ``from_us``."""
    setup = session_setup(Scenario("an hour", timeline=()), detector)
    chunks = _turn()
    tracemalloc.start()
    try:
        session = Session(setup, "an hour")
        session.open(0)
        _talk(session, chunks, 0, from_us)
        before = tracemalloc.get_traced_memory()[0]
        responses = _talk(session, chunks, from_us, until_us)
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    return Growth((after - before) / 1024, responses)


def _talk(session: Session, chunks: list[bytes], start_us: int, until_us: int) -> int:
    ended = 0
    for now in range(start_us, until_us, CHUNK_US):
        while session.next_wake is not None and session.next_wake <= now:
            ended += sum(isinstance(output, ResponseDone) for output in session.wake(session.next_wake))
        session.receive(InputAudioBufferAppend(audio=chunks[now // CHUNK_US % len(chunks)]), now)
    return ended


def _turn() -> list[bytes]:
    """The audio of one turn, in chunks: a recording and then silence."""
    said = load_clip(CLIP).samples
    samples = np.zeros(TURN_EVERY_US * SAMPLE_RATE_HZ // SECOND, "<i2")
    samples[: len(said)] = said
    return [chunk.tobytes() for chunk in np.split(samples, TURN_EVERY_US // CHUNK_US)]

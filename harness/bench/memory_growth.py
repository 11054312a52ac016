"""Whether a session of an hour keeps anything but the conversation.

The hour is virtual: one session, in this process, answers a user who speaks three times a minute. Memory is counted by
``tracemalloc``, so it is exact and the same on every run. Only the conversation may grow: a user's item and an
assistant's item for each turn, which the service keeps too (documented).
"""

import tracemalloc
from dataclasses import dataclass

import numpy as np

from ..audio.clips import load_clip
from ..audio.formats import SAMPLE_RATE_HZ
from ..protocol.events import InputAudioBufferAppend, ResponseDone
from ..scenario.model import Scenario
from ..server.session import Session
from ..units import MS, SECOND
from ..world.world import session_setup

_MINUTE = 60 * SECOND
_CHUNK_US = 100 * MS
_TURN_EVERY_US = 20 * SECOND
_CLIP = "speech_en_f_arctic_a0009"


@dataclass(frozen=True, slots=True)
class MemoryGrowth:
    """By how much a session's memory grew between two moments, and how many responses ended meanwhile."""

    kib: float
    responses: int


def memory_growth(detector: str, *, from_us: int = 10 * _MINUTE, until_us: int = 60 * _MINUTE) -> MemoryGrowth:
    """Talk in virtual time until ``until_us``; the memory then, minus the memory at ``from_us``."""
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
    return MemoryGrowth((after - before) / 1024, responses)


def _talk(session: Session, chunks: list[bytes], start_us: int, until_us: int) -> int:
    ended = 0
    for now in range(start_us, until_us, _CHUNK_US):
        while session.next_wake is not None and session.next_wake <= now:
            ended += sum(isinstance(output, ResponseDone) for output in session.wake(session.next_wake))
        session.receive(InputAudioBufferAppend(audio=chunks[now // _CHUNK_US % len(chunks)]), now)
    return ended


def _turn() -> list[bytes]:
    """The audio of one turn, in chunks: a recording and then silence."""
    said = load_clip(_CLIP).samples
    samples = np.zeros(_TURN_EVERY_US * SAMPLE_RATE_HZ // SECOND, "<i2")
    samples[: len(said)] = said
    return [chunk.tobytes() for chunk in np.split(samples, _TURN_EVERY_US // _CHUNK_US)]

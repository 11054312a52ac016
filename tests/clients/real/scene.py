"""The conversation that every real client has with the server: a turn, a long answer, a barge-in into it, an answer.

The microphone hears a quiet room and two recordings. The server sends its answers a little faster than they are played,
so that it still generates the first one when the user cuts in, and so that what was played can be told from what came.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from harness.audio.clips import load_clip
from harness.audio.formats import SAMPLE_RATE_HZ
from harness.audio.shaping import generator
from harness.server.session import SessionSetup
from harness.server.utterance import utterance
from harness.server.voice import Answer, Voice
from harness.units import FULL_SCALE, MS, SECOND, amplitude

ROOM_DBFS = -66
ROOM_SEED = 20
QUIET_FIRST_S = 1.0
UTTERANCE = "speech_en_f_arctic_a0009"
BETWEEN_S = 4.5
"""Of the first answer, more than four seconds are heard. In the first three, LiveKit's agents listen to nobody, for
fear of their own echo."""
BARGE_IN = "speech_en_m_goforward"
QUIET_LAST_S = 3.5
"""Of the second answer, three seconds are heard, or a little less with a turn detection that waits longer."""
ANSWER = "speech_en_m_jfk1961"
"""Eleven seconds, sent in nine."""
ANSWER_PACE = 1.25
LEAST_AUDIO_MS = 6_000
"""What a client must have received: more than is sent of the first answer, so some of the second too."""
LEAST_PLAYED_MS = 3_000
CLOSE_FRAMES = (1000, 1005)
"""A Close frame of the client's, with a code or without one; an abort is a 1006, and the server's own close a 1001."""


@lru_cache(maxsize=1)
def microphone() -> bytes:
    """All that the microphone hears, as ``audio/pcm``: about 15 s."""
    heard = np.concatenate(
        [_quiet(QUIET_FIRST_S), _spoken(UTTERANCE), _quiet(BETWEEN_S), _spoken(BARGE_IN), _quiet(QUIET_LAST_S)]
    )
    heard += FULL_SCALE * amplitude(ROOM_DBFS) * generator(ROOM_SEED).standard_normal(heard.size)
    return _pcm(heard)


def question() -> bytes:
    """One utterance alone, as ``audio/pcm``."""
    return _pcm(_spoken(UTTERANCE))


def _pcm(heard) -> bytes:
    return np.clip(np.rint(heard), -FULL_SCALE, FULL_SCALE - 1).astype("<i2").tobytes()


def _quiet(seconds: float):
    return np.zeros(round(seconds * SAMPLE_RATE_HZ))


def _spoken(clip: str):
    return load_clip(clip).samples.astype(np.float64)


def setup(pace: float = ANSWER_PACE, **turn_detection: Any) -> SessionSetup:
    """The server of the scene."""
    return SessionSetup(voice=Voice(Answer(utterance(ANSWER), pace=pace)), turn_detection=turn_detection)


@dataclass(frozen=True, slots=True)
class Journal:
    """What the server wrote down of a session."""

    entries: list[dict[str, Any]]

    def all(self, lane: str, kind: str) -> list[dict[str, Any]]:
        """The entries of this kind, in order."""
        return [entry for entry in self.entries if (entry["lane"], entry["kind"]) == (lane, kind)]

    def first(self, lane: str, kind: str) -> dict[str, Any]:
        """The first of them, which there must be."""
        found = self.all(lane, kind)
        assert found, f"there is no {kind}"
        return found[0]

    def __str__(self) -> str:
        """One line for each event, for a reader."""
        told = [entry for entry in self.entries if entry["lane"] in ("client", "server", "connection")]
        return "\n".join(f"{entry['t'] / SECOND:8.3f} {json.dumps(entry)}" for entry in told)


def has_two_turns(journal: Journal) -> None:
    """Both of the user's turns were heard, and no other."""
    assert len(journal.all("server", "input_audio_buffer.committed")) == 2
    assert len(journal.all("server", "response.created")) == 2


def first_answer_is_cut_short(journal: Journal) -> None:
    """The first answer was cancelled because the user spoke."""
    done = journal.first("server", "response.done")
    assert done["response_id"] == journal.first("server", "response.created")["response_id"]
    assert (done["status"], done.get("reason")) == ("cancelled", "turn_detected")


def second_answer_begins(journal: Journal) -> None:
    """The second turn is answered after the first answer has ended, and each answer has one piece of speech."""
    created, done = journal.all("server", "response.created"), journal.first("server", "response.done")
    assert journal.entries.index(created[-1]) > journal.entries.index(done)
    spoken = [entry["response_id"] for entry in journal.all("server", "response.content_part.added")]
    assert spoken == [entry["response_id"] for entry in created]


def truncated_to_what_was_played(journal: Journal) -> None:
    """The client truncated the first answer to where its playback was, which is less than it had received."""
    part = journal.first("server", "response.content_part.added")
    truncate = journal.first("client", "conversation.item.truncate")
    could_be_played_ms = (truncate["t"] - part["t"]) // MS
    assert truncate["item_id"] == part["item_id"]
    assert LEAST_PLAYED_MS <= truncate["audio_end_ms"] <= could_be_played_ms
    truncated = journal.first("server", "conversation.item.truncated")
    assert (truncated["item_id"], truncated["audio_end_ms"]) == (truncate["item_id"], truncate["audio_end_ms"])


def has_no_error_but(journal: Journal, expected: frozenset[str]) -> None:
    """The server sent no error, but for these codes."""
    assert [error for error in journal.all("server", "error") if error["code"] not in expected] == []


def closed_by_the_client(journal: Journal) -> None:
    """The connection ended as the client wished."""
    [closed] = journal.all("connection", "closed")
    assert closed["code"] in CLOSE_FRAMES

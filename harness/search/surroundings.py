"""What people and networks do in a conversation beside faults: noise, app switches, more words, tools, slow networks.

Each function draws steps, or a part of the server, from a source of choices. All of it can happen to a client that is
right: noise ends before the user is to be answered, and the user's last words can be heard.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..faults.stall import Stall
from ..scenario.model import (
    Action,
    App,
    At,
    BeforeEnd,
    Call,
    Emit,
    Inject,
    Noise,
    Reply,
    Say,
    Step,
    When,
)
from ..scenario.profiles import PROFILES
from ..units import MS, SECOND
from .tape import Source

CLIPS = ("speech_en_f_arctic_a0009", "speech_en_m_arctic_a0007")
REPLY = Reply(clip="speech_en_f_tts_hibari", lasts_us=3 * SECOND, latency_us=600 * MS, pace=2.0)
"""Each phase is long enough for a fault to be injected in it."""
TOOL = Call("get_weather", '{"city": "Oslo"}')
"""What the assistant calls where a turn needs a tool."""
ROOMS_DBFS = (-62.0, -70.0, -66.0, -58.0, -54.0)
_NOISES = (
    ("keyboard", 4), ("hum", 3), ("babble", 2), ("thocks", 2), ("breathing", 1), ("white", 1), ("door", 1),
)  # fmt: skip
_ERRORS = (
    {"type": "server_error", "code": None, "message": "The server had an error.", "param": None},
    {"type": "invalid_request_error", "code": "response_cancel_not_active", "message": "Cancellation failed"},
)
_LONGEST_STALL_US = 1_500 * MS


@dataclass(frozen=True, slots=True)
class TalkTimes:
    """When the user speaks, and when everything heals, in microseconds."""

    speaks: tuple[int, ...]
    """The beginning of each utterance."""
    heals_us: int

    @property
    def turns(self) -> int:
        """How many utterances there are."""
        return len(self.speaks)

    def any_time(self, source: Source) -> int:
        """A time before the heal, in whole milliseconds."""
        return source.between(SECOND // MS, (self.heals_us - SECOND) // MS) * MS


def spoken(source: Source, quiet: bool = False) -> Say:
    """An utterance that can be heard, by one of two people; ``quiet``: just loud enough for a server."""
    clip = source.one_of(CLIPS)
    if quiet:
        return Say(clip, level_dbfs=float(source.between(-32, -27)))
    return Say(clip, level_dbfs=float(source.between(-26, -14)) if source.chance(80) else None)


def noise(talk: TalkTimes, source: Source) -> Step:
    """A noise in the room, short or for tens of seconds, over at the heal."""
    kind = source.weighted(_NOISES)
    level = _noise_level(source)
    lasts = source.duration(8 * SECOND, 40 * SECOND) if source.chance(40) else source.duration(300 * MS, 5 * SECOND)
    begins = min(talk.any_time(source), max(SECOND, talk.heals_us - lasts - 500 * MS))
    return Step(At(begins), Noise(kind, min(lasts, talk.heals_us - begins - 500 * MS), level_dbfs=level))


def noise_in_tail(talk: TalkTimes, source: Source) -> Step:
    """A noise while the assistant is still heard and the server has sent everything."""
    turn = source.below(talk.turns) + 1
    sound = Noise(source.weighted(_NOISES), source.duration(300 * MS, 4 * SECOND), level_dbfs=_noise_level(source))
    return Step(When("response.done", turn, source.between(20, 700) * MS), sound)


def _noise_level(source: Source) -> float:
    return float(source.between(-27, -17)) if source.chance(30) else float(source.between(-50, -28))


def switch(source: Source) -> App:
    """The user looks into another app, as the system of some device treats it, or just so."""
    lasts = source.duration(500 * MS, 15 * SECOND)
    profile = source.one_of((None, *PROFILES))
    if profile is not None:
        return App(lasts, profile=profile)
    return App(
        lasts,
        capture="suspended" if source.chance(40) else None,
        playback="suspended" if source.chance(40) else None,
    )


def more_words(talk: TalkTimes, source: Source) -> Step:
    """The user speaks into an answer, right behind one, or once more right after the own words."""
    turn = source.below(talk.turns) + 1
    words = replace(spoken(source), lasts_us=source.duration(300 * MS, 3 * SECOND))
    moment = source.below(4)
    if moment == 0:
        return Step(When("response.created", turn, source.between(700, 3_000) * MS), words)
    if moment == 1:
        return Step(BeforeEnd(turn, source.between(20, 1_500) * MS), words)
    if moment == 2:
        return Step(When("response.done", turn, source.between(20, 2_500) * MS), words)
    return Step(When("speech_stopped", turn, source.between(50, 1_200) * MS), words)


def message(talk: TalkTimes, source: Source) -> Step:
    """The server sends an event that nobody knows, or reports an error that needs no reaction."""
    if source.chance(50):
        event: dict[str, object] = {"type": "error", "error": source.one_of(_ERRORS)}
    else:
        event = {"type": "mcp_list_tools.failed", "item_id": "mcp_1"}
    return Step(At(talk.any_time(source)), Emit(json.dumps(event)))


def bursts(talk: TalkTimes, source: Source) -> Step:
    """The network stops again and again, and then delivers all at once."""
    every, times = source.between(2, 4) * SECOND, source.between(2, 5)
    begins = source.between(1, 6) * SECOND
    times = max(1, min(times, (talk.heals_us - begins) // every))
    return Step(At(begins), Inject(Stall(), source.duration(200 * MS, _LONGEST_STALL_US)), repeat=times, every_us=every)


def answer(source: Source) -> Reply:
    """How the assistant answers: when, for how long, and how fast the audio is sent."""
    if not source.chance(60):
        return replace(REPLY, pace=source.one_of((2.0, 1.25, 5.0)))
    return replace(
        REPLY,
        lasts_us=source.one_of((3 * SECOND, 1 * SECOND, None)),
        latency_us=source.duration(150 * MS, 2_500 * MS),
        pace=source.one_of((2.0, 1.1, 1.25, 5.0, 8.0)),
    )


def at_any_time(action: Action, talk: TalkTimes, source: Source) -> Step:
    """A step at a time before the heal."""
    return Step(At(talk.any_time(source)), action)


def network(source: Source) -> tuple[int, int]:
    """Latency and jitter, in microseconds."""
    latency = source.weighted(((40, 4), (5, 1), (120, 3), (250, 2), (400, 1))) * MS
    jitter = source.weighted(((10, 3), (0, 1), (50, 3), (150, 1))) * MS
    return latency, jitter


def in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps with the user's main utterances last: the last one is what the user says again after the heal."""
    return tuple(sorted(steps, key=lambda step: isinstance(step.action, Say) and step.action.lasts_us is None))

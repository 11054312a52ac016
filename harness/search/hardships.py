"""What is rare in a conversation and long: an outage of a minute, many losses, a session that stays broken, tools.

Chance alone deals these out too unevenly: a campaign of a minute has some sixty seeds, and holds several of each kind
because each comes in every so many seeds (:meth:`harness.search.tape.Source.every`). All of it can happen to a client
that is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..faults import CATALOGUE
from ..faults.black_holed import BlackHoled
from ..faults.reset import Reset
from ..scenario.model import At, Inject, Reply, ReplyRule, Step, When
from ..units import MS, SECOND
from .surroundings import REPLY, TOOL, TalkTimes, spoken, switch
from .tape import Source

TOOLS_EVERY, BROKEN_EVERY, LONG_ANSWERS_EVERY, AWAY_EVERY, OUTAGE_EVERY, LOSSES_EVERY = 5, 6, 7, 11, 13, 17
"""In which share of the seeds each kind is. No two have a common divisor, so that any two meet in some seed."""
BROKEN = (
    "failed-response", "held-idle", "mute", "held-active", "dropped-response", "text-only-reply",
)  # fmt: skip
"""What a session, once it does so, may do for ever: only another session ends it."""
_LONG_CLIP = "speech_en_m_jfk1961"
_TOOL_KINDS = (
    "words behind", "two calls", "quiet behind", "two calls in each", "one", "words behind", "says first", "each",
)  # fmt: skip
"""How tools are called, and what the user does behind a call."""
_WATCHED_US = 22 * SECOND
"""A client that watches for answers has renewed a broken session after this time."""


@dataclass(frozen=True, slots=True)
class Hardships:
    """Which of them a seed has."""

    tools: str | None
    """How tools are called, of those that this module knows."""
    broken: tuple[str, ...]
    """Faults of sessions that stay until there is another session, in order."""
    long_answers: bool
    away: bool
    """A loss while the user is in another app."""
    outage: bool
    losses: bool

    @property
    def are_few_faults(self) -> bool:
        """Whether other faults would only hide what the seed is about."""
        return bool(self.tools or self.outage or self.losses or self.broken)


def hardships(source: Source) -> Hardships:
    """What a seed has; in most there is one of them, or none."""
    tools = source.every(TOOLS_EVERY)
    kind = _TOOL_KINDS[source.dealt(len(_TOOL_KINDS), TOOLS_EVERY)] if tools else None
    broken: tuple[str, ...] = ()
    if source.every(BROKEN_EVERY):
        broken = (BROKEN[source.dealt(len(BROKEN), BROKEN_EVERY)],)
        if source.dealt(5, BROKEN_EVERY) >= 3:
            broken = (source.one_of(BROKEN), *broken)
    return Hardships(
        kind,
        broken,
        source.every(LONG_ANSWERS_EVERY),
        source.every(AWAY_EVERY),
        source.every(OUTAGE_EVERY),
        source.every(LOSSES_EVERY),
    )


# --- when people speak ------------------------------------------------------------------------------------------------


def many_turns(source: Source, first_us: int) -> list[int]:
    """The utterances of a conversation that is long enough for many losses."""
    speaks = [first_us]
    for _ in range(source.between(4, 5)):
        speaks.append(speaks[-1] + source.between(70, 100) * SECOND // 10)
    return speaks


def later_heal(has: Hardships, talk: TalkTimes, source: Source) -> TalkTimes:
    """The same talk, with the time that its hardships take."""
    heals_us = talk.heals_us
    if has.tools == "quiet behind":
        heals_us += source.duration(14 * SECOND, 40 * SECOND)
    if len(has.broken) > 1:
        heals_us = max(heals_us, talk.speaks[0] + _WATCHED_US + source.duration(SECOND, 8 * SECOND))
    return replace(talk, heals_us=heals_us)


# --- the connection ---------------------------------------------------------------------------------------------------


def outage(talk: TalkTimes, source: Source) -> tuple[Step, int]:
    """The network is gone for long, from around the last utterance on; and when everything heals, soon after that."""
    begins = talk.speaks[-1] + source.between(-1_500, 6_000) * MS
    if source.chance(80):
        lasts = source.duration(32 * SECOND, 45 * SECOND)  # a backoff that doubles from half a second is at its worst
    else:
        lasts = source.duration(25 * SECOND, 60 * SECOND)
    fault = source.weighted(((Reset, 5), (BlackHoled, 1)))()
    return Step(At(max(SECOND, begins)), Inject(fault, lasts)), begins + lasts + source.duration(SECOND, 6 * SECOND)


def losses(talk: TalkTimes, source: Source) -> list[Step]:
    """The connection is lost behind each utterance and just before the heal, for less than a second."""
    times = [min(at + source.between(2_500, 6_500) * MS, talk.heals_us - 2 * SECOND) for at in talk.speaks]
    times.append(talk.heals_us - source.between(300, 1_500) * MS)
    return [Step(At(at), _loss(source, SECOND)) for at in times]


def away(talk: TalkTimes, source: Source) -> list[Step]:
    """The user looks into another app, and the connection is lost meanwhile."""
    leaves = talk.any_time(source)
    lasts = source.duration(3 * SECOND, 15 * SECOND)
    app = replace(switch(source), lasts_us=lasts)
    lost = leaves + source.duration(200 * MS, 3 * SECOND)
    return [Step(At(leaves), app), Step(At(min(lost, talk.heals_us - 100 * MS)), _loss(source, 2 * SECOND))]


def _loss(source: Source, longest_us: int) -> Inject:
    return Inject(Reset(), source.duration(200 * MS, longest_us))


# --- the session ------------------------------------------------------------------------------------------------------


def broken(names: Sequence[str], talk: TalkTimes, source: Source) -> list[Step]:
    """The session is broken for good, once before the heal, and perhaps another time early."""
    if source.chance(50):
        last = talk.speaks[-1] + source.between(-500, 3_000) * MS
    else:
        last = talk.heals_us - source.between(300, 4_000) * MS
    if len(names) > 1:
        last = max(last, talk.speaks[0] + _WATCHED_US)
    times = [talk.speaks[0] + source.between(-1_000, 4_000) * MS, last][-len(names) :]
    return [Step(At(max(SECOND, at)), Inject(CATALOGUE[name](), None)) for name, at in zip(names, times, strict=True)]


# --- the assistant ----------------------------------------------------------------------------------------------------


def long_answer(source: Source) -> Reply:
    """An answer of ten seconds that is sent long before it is played."""
    return replace(
        REPLY,
        clip=_LONG_CLIP,
        lasts_us=source.duration(8 * SECOND, 11 * SECOND),
        latency_us=source.duration(300 * MS, 1_500 * MS),
        pace=source.one_of((5.0, 4.0, 8.0)),
    )


def barge_ins(talk: TalkTimes, source: Source) -> list[Step]:
    """The user speaks long over one answer or two, perhaps after a loss."""
    steps = [_words("response.created", source.below(talk.turns + 1) + 1, (1_500, 3_500), source)]
    if source.chance(40):
        steps.append(_words("response.created", source.below(talk.turns + 1) + 2, (1_500, 3_500), source))
    if source.chance(50):
        at = talk.speaks[0] + source.between(1_000, 9_000) * MS
        steps.append(Step(At(min(at, talk.heals_us - SECOND)), _loss(source, SECOND)))
    return steps


def _words(event: str, number: int, within_ms: tuple[int, int], source: Source) -> Step:
    """More words, so long after the event of this number."""
    said = replace(spoken(source), lasts_us=source.duration(1_500 * MS, 4 * SECOND))
    return Step(When(event, number, source.between(*within_ms) * MS), said)


def tools(kind: str, talk: TalkTimes, reply: Reply, source: Source) -> tuple[ReplyRule, ...]:
    """Some turn needs a tool, or two; or every turn does; or something is said before the call."""
    two = kind.startswith("two") or source.chance(15)
    calls = (TOOL, TOOL) if two else (TOOL,)
    called = replace(reply, calls=calls) if kind == "says first" else Reply(clip="none", calls=calls)
    if kind in ("one", "two calls"):
        return (ReplyRule(called, turn=source.below(talk.turns) + 1),)
    return (ReplyRule(called, heard=".+"),)


def words_behind_a_call(talk: TalkTimes, source: Source) -> list[Step]:
    """Each turn calls a tool, and the user says more while the tool of one turn runs."""
    turn = source.below(talk.turns)
    return [_words("response.done", 2 * turn + 1, (300, 3_000), source)]  # every other response is a call

"""Fault schedules: a scenario with a conversation, what people do in it, and up to six faults, made of choices.

Swarm testing (Groce et al., ISSTA 2012): each seed leaves out most kinds of faults and phases, so that the others are
often active together, and has its own weights for the phases in which they are injected.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from ..clients.registry import takes_settings
from ..clients.worklet.names import worklet_name
from ..errors import SettingError
from ..faults import CATALOGUE, Fault, faults_over
from ..faults.reset import Reset
from ..scenario.model import At, Inject, Say, Scenario, ServerSetup, Step, Trigger, When
from ..units import MS, SECOND
from ..verdict.phases import PHASES, Phase
from . import hardships, surroundings
from .draw import drawn
from .hardships import Hardships
from .surroundings import CLIPS, REPLY, TOOL, TalkTimes, in_order
from .tape import Replay, Seeded, Source, enumerated

MOST_FAULTS = 6
_FAULTS = ((1, 30), (0, 10), (2, 22), (3, 15), (4, 11), (5, 7), (6, 5))
"""How many faults, and how often: most mistakes of clients need one."""
LOSSES = ("reset", "closed", "half-open", "black-holed", "expired", "lost-settings")
"""The ways in which a connection or a session is lost."""
_FEW_FAULTS = ((0, 45), (1, 40), (2, 15))
"""The same, where something else is to be seen."""
_CHUNKS_MS = ((20, 20), (40, 20), (60, 15), (100, 32), (10, 2), (30, 5), (200, 6))
"""The length of a chunk, and how often: audio worklets send 20 ms, most SDKs 40 to 100 ms, some 10 or 200."""
SPEAKS_US = 2 * SECOND
"""When the user first speaks."""
EVERY_US = 8 * SECOND
"""From one turn to the next."""
_CUT_BEFORE_US = 400 * MS
"""How long before a fault the connection is cut, for a fault that is injected while the client reconnects."""
_ENDS_US = 6 * SECOND
"""From the start of the last turn to the heal."""
LIFE_US = 59 * 60 * SECOND
"""The length of a whole life; a file takes no time beyond an hour."""
_SESSIONS_US = (58 * 60 * SECOND, 30 * 60 * SECOND)
"""How long a session of a life lasts: a little less than the service's hour, so that it ends within the life."""


@dataclass(frozen=True, slots=True)
class TriggerInPhase:
    """A trigger that fires in a phase, and the steps that must come before it."""

    trigger: Trigger
    before: tuple[Step, ...] = ()


def in_phase(phase: Phase, turn: int, speaks_us: int, source: Source) -> TriggerInPhase:
    """A time in a phase of a turn, counted from 0, whose utterance begins at ``speaks_us``.

    It fits if no other fault changes the conversation.
    """
    if phase == "idle":
        return TriggerInPhase(At(speaks_us - source.between(200, 1199) * MS))
    if phase == "user speaking":
        return TriggerInPhase(At(speaks_us + source.between(300, 1499) * MS))
    if phase == "committed":
        return TriggerInPhase(When("committed", turn + 1, source.between(20, 399) * MS))
    if phase == "responding":
        return TriggerInPhase(When("response.created", turn + 1, source.between(700, 1499) * MS))
    if phase == "playing tail":
        return TriggerInPhase(When("response.done", turn + 1, source.between(20, 699) * MS))
    cut = At(speaks_us - _CUT_BEFORE_US)
    return TriggerInPhase(At(speaks_us), (Step(cut, Inject(Reset(), source.duration(500 * MS, 3 * SECOND))),))


def schedule(seed: int) -> Scenario:
    """The schedule of a seed."""
    return replace(composed(Seeded(seed, "schedule")), name=f"schedule {seed}")


def replayed(tape: Sequence[int], name: str = "replayed") -> Scenario:
    """The schedule of a tape; any numbers make one."""
    return replace(composed(Replay(tape)), name=name)


def for_client(found: Scenario, client: str) -> Scenario:
    """A schedule as it is honest for a client: no settings that a user's own class does not take, no tool it lacks."""
    if ":" not in client or worklet_name(client) is not None:
        return found
    rules = tuple(replace(rule, tools=(TOOL.name,)) if rule.reply.calls else rule for rule in found.server.replies)
    return replace(
        found,
        client=found.client if takes_settings(client) else {},
        server=replace(found.server, replies=rules),
    )


def composed(source: Source) -> Scenario:
    """A schedule of choices."""
    has = hardships.hardships(source)
    talk = _talk_times(has, source)
    quiet = source.chance(8)
    steps = [Step(At(speaks), surroundings.spoken(source, quiet)) for speaks in talk.speaks]
    phases = _phases(source)
    steps += _faults(talk, phases, _FEW_FAULTS if has.are_few_faults else _FAULTS, source)
    if not has.are_few_faults and source.chance(15):
        steps += _losses(talk, phases, source)
    steps += _surroundings(talk, phases, source)
    steps += _hardships(has, talk, source)
    if has.outage:
        gone, heals_us = hardships.outage(talk, source)
        steps, talk = [*steps, gone], replace(talk, heals_us=max(talk.heals_us, heals_us))
    latency_us, jitter_us = surroundings.network(source) if source.chance(25) else (40 * MS, 10 * MS)
    return Scenario(
        name="schedule",
        timeline=in_order(steps),
        room_dbfs=source.one_of(surroundings.ROOMS_DBFS) if source.chance(30) else surroundings.ROOMS_DBFS[0],
        latency_us=latency_us,
        jitter_us=jitter_us,
        server=_server(talk, source, has),
        client={"chunk_ms": source.weighted(_CHUNKS_MS)},
        lasts_us=talk.heals_us,
    )


def life(seed: int) -> Scenario:
    """An hour with a client: many turns, pauses of minutes, losses all through it, and the session that ends by age."""
    source = Seeded(seed, "life")
    speaks = [SPEAKS_US]
    while speaks[-1] < LIFE_US:
        speaks.append(speaks[-1] + source.duration(7 * SECOND, 40 * SECOND))
        if source.chance(10):
            speaks[-1] += source.duration(60 * SECOND, 400 * SECOND)
    speaks[-1] = LIFE_US
    talk = TalkTimes(tuple(speaks), LIFE_US + _ENDS_US)
    steps = [Step(At(at), surroundings.spoken(source)) for at in talk.speaks]
    kinds = source.some_of(list(faults_over("websocket").values()), source.between(1, MOST_FAULTS))
    for kind in (*(CATALOGUE[name] for name in source.some_of(LOSSES, 4)), *kinds) * source.between(1, 3):
        fault = drawn(kind, source)
        steps.append(surroundings.at_any_time(Inject(fault, _length(fault, source)), talk, source))
    for _ in range(source.between(2, 12)):
        steps.append(surroundings.noise(talk, source))
    for _ in range(source.between(1, 6)):
        steps.append(surroundings.at_any_time(surroundings.switch(source), talk, source))
    for _ in range(source.between(1, 8)):
        steps.append(surroundings.more_words(talk, source))
    return Scenario(
        name=f"life {seed}",
        timeline=in_order(steps),
        server=replace(_server(talk, source, hardships.hardships(source)), lasts_us=source.one_of(_SESSIONS_US)),
        client={"chunk_ms": source.weighted(((100, 4), (60, 2), (200, 1), (20, 1)))},
        lasts_us=talk.heals_us,
    )


def single(fault: Fault, phase: Phase, seed: int = 0, *, turns: int = 3) -> Scenario:
    """A conversation with one fault, in a phase of its second turn or while the client reconnects before that turn."""
    lasts_us = 3 * SECOND if fault.needs_end and fault.actor != "microphone" else None
    return lasting(fault, phase, lasts_us, seed, turns=turns)


def lasting(fault: Fault, phase: Phase, lasts_us: int | None, seed: int = 0, *, turns: int = 3) -> Scenario:
    """The same with a length; the conversation does not heal before the fault has ended."""
    source = Seeded(seed, f"single/{fault.name}/{phase}")
    found = _with_faults(f"{fault.name}, {phase}", [(fault, phase, lasts_us)], source, turns)
    assert found.lasts_us is not None
    return replace(found, lasts_us=found.lasts_us + max(0, (lasts_us or 0) - _SHORT_US))


_SHORT_US = 3 * SECOND
"""A fault that lasts so long ends before the conversation does."""
_FaultInPhase = tuple[Fault, Phase, int | None]
"""A fault, its phase, and how long it lasts."""
LENGTHS_US = (1 * SECOND, 4 * SECOND, 15 * SECOND)
"""How long a fault lasts where all are played."""


def every_single(source: Source) -> Scenario:
    """Of all faults, phases and lengths one each: a space for :func:`harness.search.tape.enumerated`."""
    fault = source.one_of(list(faults_over("websocket").values()))()
    phase = source.one_of(PHASES)
    lasts = source.one_of(LENGTHS_US)
    name = f"{fault.name}, {phase}, {lasts // SECOND} s"
    return _with_faults(name, [(fault, phase, lasts)], Seeded(0, name))


def every_pair(source: Source) -> Scenario:
    """Of all faults two, the first while the user speaks and the second while the assistant does."""
    kinds = list(faults_over("websocket").values())
    first = source.below(len(kinds))
    second = first + source.below(len(kinds) - first)
    lasts = 4 * SECOND
    faults: list[_FaultInPhase] = [(kinds[first](), "user speaking", lasts), (kinds[second](), "responding", lasts)]
    name = f"{kinds[first].name} and {kinds[second].name}"
    return _with_faults(name, faults, Seeded(0, name))


SPACES: Mapping[str, Callable[[Source], Scenario]] = MappingProxyType({"singles": every_single, "pairs": every_pair})
"""The spaces that are small enough to be played as a whole."""
ScheduleKind = Literal["swarm", "lives", "singles", "pairs"]


@lru_cache
def _tapes(space: str) -> tuple[tuple[int, ...], ...]:
    return tuple(tape for tape, _ in enumerated(SPACES[space]))


def numbered(kind: ScheduleKind, number: int) -> Scenario:
    """A schedule by its number: the seed of a swarm or a life, or the place in a space.

    Raises :exc:`SettingError` beyond the end of a space.
    """
    if kind == "swarm":
        return schedule(number)
    if kind == "lives":
        return life(number)
    tapes = _tapes(kind)
    if number >= len(tapes):
        raise SettingError(
            f"there are {len(tapes)} {kind}, counted from 0 (got {number}); give --seeds 0..{len(tapes)}"
        )
    return SPACES[kind](Replay(tapes[number]))


def how_many(kind: ScheduleKind) -> int | None:
    """How many schedules of a kind there are; None: as many as there are numbers."""
    return len(_tapes(kind)) if kind in SPACES else None


def _with_faults(name: str, faults: Sequence[_FaultInPhase], source: Source, turns: int = 3) -> Scenario:
    """A conversation with these faults in its second turn."""
    steps = [Step(At(SPEAKS_US + turn * EVERY_US), Say(CLIPS[turn % 2])) for turn in range(turns)]
    for fault, phase, lasts in faults:
        place = in_phase(phase, 1, SPEAKS_US + EVERY_US, source)
        steps += [*place.before, Step(place.trigger, Inject(fault, lasts))]
    return conversation(name, steps, ServerSetup(detector="energy", reply=REPLY), turns)


def conversation(
    name: str, steps: Sequence[Step], server: ServerSetup, turns: int, *, ends_us: int = 9 * SECOND
) -> Scenario:
    """A scenario of these steps, whose faults end ``ends_us`` after the start of the last turn."""
    return Scenario(
        name=name,
        timeline=tuple(steps),
        server=server,
        lasts_us=SPEAKS_US + (turns - 1) * EVERY_US + ends_us,
    )


# --- parts of a schedule --------------------------------------------------------------------------------------------


def _talk_times(has: Hardships, source: Source) -> TalkTimes:
    """One to five utterances; the user waits for the answer, or not, or for a minute, or for several."""
    if has.losses:
        speaks = hardships.many_turns(source, SPEAKS_US)
        return TalkTimes(tuple(speaks), speaks[-1] + _ENDS_US)
    speaks = [SPEAKS_US]
    for _ in range(source.weighted(((0, 25), (1, 38), (2, 22), (3, 10), (4, 5)))):
        pause = source.weighted((("usual", 71), ("short", 14), ("long", 13), ("minutes", 2)))
        if pause == "usual":
            speaks.append(speaks[-1] + source.between(70, 100) * SECOND // 10)
        elif pause == "short":
            speaks.append(speaks[-1] + source.between(45, 70) * SECOND // 10)
        elif pause == "long":
            speaks.append(speaks[-1] + source.duration(10 * SECOND, 30 * SECOND))
        else:
            speaks.append(speaks[-1] + source.duration(45 * SECOND, 240 * SECOND))
    after = source.duration(SECOND, 20 * SECOND) if source.chance(20) else 0
    return hardships.later_heal(has, TalkTimes(tuple(speaks), speaks[-1] + _ENDS_US + after), source)


def _phases(source: Source) -> list[tuple[Phase, int]]:
    """The phases of this seed and their weights; most are left out."""
    return [(phase, source.between(1, 6)) for phase in source.some_of(PHASES, source.between(1, 4))]


def _faults(
    talk: TalkTimes, phases: Sequence[tuple[Phase, int]], how_many: Sequence[tuple[int, int]], source: Source
) -> list[Step]:
    """Faults of some kinds of the catalogue, in some phases of some turns."""
    count = source.weighted(how_many)
    kinds = source.some_of(list(faults_over("websocket").values()), source.between(1, MOST_FAULTS)) if count else []
    steps: list[Step] = []
    for _ in range(count):
        fault = drawn(source.one_of(kinds), source)
        place = _place(talk, phases, source)
        steps += [*place.before, Step(place.trigger, Inject(fault, _length(fault, source)))]
    return steps


def _place(talk: TalkTimes, phases: Sequence[tuple[Phase, int]], source: Source) -> TriggerInPhase:
    turn = source.below(talk.turns)
    return in_phase(source.weighted(phases), turn, talk.speaks[turn], source)


def _losses(talk: TalkTimes, phases: Sequence[tuple[Phase, int]], source: Source) -> list[Step]:
    """Two to four losses of the connection in one life, each short enough for a turn between them."""
    kinds = source.some_of(LOSSES, source.between(1, 2))
    steps: list[Step] = []
    for _ in range(source.between(2, 4)):
        place = _place(talk, phases, source)
        loss = Inject(CATALOGUE[source.one_of(kinds)](), source.duration(200 * MS, 6 * SECOND))
        steps += [*place.before, Step(place.trigger, loss)]
    return steps


def _surroundings(talk: TalkTimes, phases: Sequence[tuple[Phase, int]], source: Source) -> list[Step]:
    """What people do in this seed."""
    steps: list[Step] = []
    if source.chance(35):
        for _ in range(source.between(1, 3)):
            steps.append(source.weighted(((surroundings.noise, 3), (surroundings.noise_in_tail, 1)))(talk, source))
    if source.chance(30):
        place = _place(talk, phases, source)
        steps += [*place.before, Step(place.trigger, surroundings.switch(source))]
        if source.chance(20):
            steps.append(surroundings.at_any_time(surroundings.switch(source), talk, source))
    if source.chance(25):
        steps += [surroundings.more_words(talk, source) for _ in range(source.between(1, 2))]
    if source.chance(8):
        steps.append(surroundings.message(talk, source))
    if source.chance(7):
        steps.append(surroundings.bursts(talk, source))
    return steps


def _hardships(has: Hardships, talk: TalkTimes, source: Source) -> list[Step]:
    """What is rare and long in this seed, beside an outage."""
    steps: list[Step] = []
    if has.losses:
        steps += hardships.losses(talk, source)
    if has.away:
        steps += hardships.away(talk, source)
    if has.broken:
        steps += hardships.broken(has.broken, talk, source)
    if has.long_answers:
        steps += hardships.barge_ins(talk, source)
    if has.tools == "words behind":
        steps += hardships.words_behind_a_call(talk, source)
    return steps


def _length(fault: Fault, source: Source) -> int | None:
    """How long it lasts; None, until the client cures it, in a third of the cases where that is possible."""
    endless = not fault.needs_end or fault.actor == "microphone"
    return None if endless and source.chance(33) else source.duration(200 * MS, 20 * SECOND)


def _server(talk: TalkTimes, source: Source, has: Hardships) -> ServerSetup:
    """A server without faults, in one of its usual settings."""
    detection = {"silence_duration_ms": source.one_of((200, 500, 800))} if source.chance(50) else {}
    reply = hardships.long_answer(source) if has.long_answers else surroundings.answer(source)
    rules = hardships.tools(has.tools, talk, reply, source) if has.tools else ()
    detector = source.weighted((("energy", 97), ("silero", 3)))
    return ServerSetup(detector=detector, turn_detection=detection, reply=reply, replies=rules)

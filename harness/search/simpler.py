"""Simpler scenarios than a given one: fewer steps, defaults and round numbers, a shorter timeline.

Each function is a generator that yields candidates, is sent whether a candidate is accepted, and returns the simplest
scenario that was. So whoever plays the candidates decides how and where (:mod:`harness.search.shrink`).
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import fields, replace
from functools import partial, reduce
from typing import Any, TypeAlias

from ..faults import Fault
from ..scenario.model import (
    After,
    App,
    At,
    BeforeEnd,
    Emit,
    Inject,
    Noise,
    Reply,
    Say,
    Scenario,
    ServerSetup,
    Step,
    When,
)
from ..units import MS, SECOND

Candidates: TypeAlias = Generator[Scenario, bool, Scenario]
_Edit: TypeAlias = Callable[[Scenario], Scenario]

_FIRST_US = SECOND
"""When the first step of the shortest timeline happens: the client is connected then."""
_GAP_US = SECOND
_GRID_US = 100 * MS
_PLAIN = Scenario("", ())
_PLAIN_STEP = Step(At(_FIRST_US), Say("speech_en_f_arctic_a0009"))
_BESIDE = ("expect", "premises", "outcomes", "tags", "story", "source")
_AROUND = ("latency_us", "jitter_us", "room_dbfs", "client", "recover_within_us", "answer_within_us")
_OF_SERVER = ("turn_detection", "policy", "reply", "replies", "transcripts", "model", "lasts_us", "session")
"""All but the detector: the plainest one is the slowest."""


def simpler(scenario: Scenario) -> Candidates:
    """Candidates until none is accepted any more: steps, then faults, then numbers, then the timeline."""
    while True:
        before = scenario
        for each in (_without_what_is_beside, _without_steps, _plain_surroundings, _plain_actions, _round, _shorter):
            scenario = yield from each(scenario)
        if scenario == before:
            return scenario


def _all_or_each(scenario: Scenario, edits: Sequence[_Edit]) -> Candidates:
    """Make all edits; if that is not accepted, those of each half, and so on."""
    edits = [edit for edit in edits if edit(scenario) != scenario]
    if not edits:
        return scenario
    edited = reduce(lambda changed, edit: edit(changed), edits, scenario)
    if (yield edited):
        return edited
    if len(edits) > 1:
        middle = len(edits) // 2
        scenario = yield from _all_or_each(scenario, edits[:middle])
        scenario = yield from _all_or_each(scenario, edits[middle:])
    return scenario


# --- steps ----------------------------------------------------------------------------------------------------------


def _without_what_is_beside(scenario: Scenario) -> Candidates:
    """Without expectations and texts: what is looked for is a property."""
    return (yield from _all_or_each(scenario, [partial(_reset, name) for name in _BESIDE]))


def _reset(name: str, scenario: Scenario) -> Scenario:
    return replace(scenario, **{name: getattr(_PLAIN, name)})


def _without_steps(scenario: Scenario) -> Candidates:
    """With nothing but a word of the user; else without half of the steps, a quarter, …, one.

    The last ones are left out first, and faults after other steps. A failure that needs no fault must not name one.
    """
    plain = replace(scenario, timeline=(_PLAIN_STEP,))
    if scenario.timeline != plain.timeline and (yield plain):
        return plain
    size = len(scenario.timeline) // 2
    while size > 1:
        scenario = yield from _without_runs(scenario, size)
        size //= 2
    for faults in (False, True):
        scenario = yield from _without_single(scenario, faults=faults)
    return scenario


def _without_runs(scenario: Scenario, size: int) -> Candidates:
    for end in range(len(scenario.timeline), 0, -size):
        steps = scenario.timeline[: max(0, end - size)] + scenario.timeline[end:]
        if steps and len(steps) < len(scenario.timeline):
            candidate = replace(scenario, timeline=steps)
            if (yield candidate):
                scenario = candidate
    return scenario


def _without_single(scenario: Scenario, *, faults: bool) -> Candidates:
    for index in reversed(range(len(scenario.timeline))):
        is_fault = isinstance(scenario.timeline[index].action, Inject | App)
        if len(scenario.timeline) > 1 and is_fault == faults:
            candidate = replace(scenario, timeline=scenario.timeline[:index] + scenario.timeline[index + 1 :])
            if (yield candidate):
                scenario = candidate
    return scenario


# --- defaults -------------------------------------------------------------------------------------------------------


def _plain_surroundings(scenario: Scenario) -> Candidates:
    """With the defaults of the network, the room, the client and the server."""
    server, client = ServerSetup(), list(scenario.client)
    edits: list[_Edit] = [partial(_reset, name) for name in _AROUND]
    edits += [partial(_server, name, getattr(server, name)) for name in _OF_SERVER]
    scenario = yield from _all_or_each(scenario, edits)
    edits = [partial(_without_setting, name) for name in client]
    edits += [partial(_reply, each.name, each.default) for each in fields(Reply)]
    return (yield from _all_or_each(scenario, edits))


def _without_setting(name: str, scenario: Scenario) -> Scenario:
    return replace(scenario, client={key: value for key, value in scenario.client.items() if key != name})


def _server(name: str, value: Any, scenario: Scenario) -> Scenario:
    return replace(scenario, server=replace(scenario.server, **{name: value}))


def _reply(name: str, value: Any, scenario: Scenario) -> Scenario:
    return _server("reply", replace(scenario.server.reply, **{name: value}), scenario)


def _plain_actions(scenario: Scenario) -> Candidates:
    """Each step with the defaults of its fault, or of its sound."""
    edits: list[_Edit] = []
    for index, step in enumerate(scenario.timeline):
        edits += [partial(_step, index, step=each) for each in _plainer_steps(step)]
        for name, value in _defaults(step.action):
            edits.append(partial(_action, index, name, value))
    return (yield from _all_or_each(scenario, edits))


def _plainer_steps(step: Step) -> Iterator[dict[str, Any]]:
    if step.repeat != 1:
        yield {"repeat": 1, "every_us": 0}
    yield {"assume": (), "because": None}
    yield {"label": None}


def _defaults(action: Any) -> Iterator[tuple[str, Any]]:
    match action:
        case Say():
            yield from (("level_dbfs", None), ("lasts_us", None))
        case Noise():
            yield "level_dbfs", None
        case Inject(fault):
            yield from ((f"fault.{each.name}", each.default) for each in fields(fault))


def _step(index: int, scenario: Scenario, *, step: dict[str, Any]) -> Scenario:
    changed = replace(scenario.timeline[index], **step)
    return replace(scenario, timeline=(*scenario.timeline[:index], changed, *scenario.timeline[index + 1 :]))


def _action(index: int, name: str, value: Any, scenario: Scenario) -> Scenario:
    action: Any = scenario.timeline[index].action
    parameter = name.removeprefix("fault.")
    if parameter != name:
        fault: Fault = replace(action.fault, **{parameter: value})
        return _step(index, scenario, step={"action": replace(action, fault=fault)})
    return _step(index, scenario, step={"action": replace(action, **{name: value})})


# --- numbers --------------------------------------------------------------------------------------------------------


def _round(scenario: Scenario) -> Candidates:
    """With times and lengths of one digit, or of two."""
    for digits in (1, 2):
        edits: list[_Edit] = []
        for index, step in enumerate(scenario.timeline):
            edits.append(partial(_step, index, step={"trigger": _round_trigger(step.trigger, digits)}))
            for name, value in _round_values(step.action, digits):
                edits.append(partial(_action, index, name, value))
        scenario = yield from _all_or_each(scenario, edits)
    return scenario


def _round_trigger(trigger: Any, digits: int) -> Any:
    grid = SECOND if digits == 1 else _GRID_US
    match trigger:
        case At(at_us):
            return At(max(grid, _nearest(at_us, grid)))
        case After(_, by_us) | When(_, _, by_us) | BeforeEnd(_, by_us):
            return replace(trigger, by_us=0 if digits == 1 else _nearest(by_us, _GRID_US))
    return trigger


def _round_values(action: Any, digits: int) -> Iterator[tuple[str, Any]]:
    lasts = None if isinstance(action, Emit) else action.lasts_us
    if lasts:
        yield "lasts_us", _significant(lasts, digits)
    level = getattr(action, "level_dbfs", None)
    if level is not None:
        yield "level_dbfs", float(_nearest(round(level), 5) if digits == 1 else round(level))
    for each in fields(action.fault) if isinstance(action, Inject) else ():
        value = getattr(action.fault, each.name)
        if type(value) is int and value > 0 and each.name.endswith("_us"):
            yield f"fault.{each.name}", _significant(value, digits)


def _nearest(value: int, grid: int) -> int:
    return (value + grid // 2) // grid * grid


def _significant(value: int, digits: int) -> int:
    """The value with so many digits that are not 0."""
    grid = int(10 ** max(0, len(str(value)) - digits))
    return max(grid, _nearest(value, grid))


# --- the timeline ---------------------------------------------------------------------------------------------------


def _shorter(scenario: Scenario) -> Candidates:
    """Steps in the order of their times, begun early, with short gaps; healed soon after the last one."""
    scenario = yield from _all_or_each(scenario, [_in_order])
    times = sorted({step.trigger.at_us for step in scenario.timeline if isinstance(step.trigger, At)})
    edits: list[_Edit] = []
    for before, time in zip([0, *times], times, strict=False):
        saved = time - before - (_GAP_US if before else _FIRST_US)
        if saved > 0:
            edits.append(partial(_earlier, time, saved))
    edits.reverse()  # the last gap first, so that the times of the others stay
    scenario = yield from _all_or_each(scenario, edits)
    scenario = yield from _all_or_each(scenario, [partial(_reset, "lasts_us")])
    if scenario.lasts_us is not None:
        scenario = yield from _all_or_each(scenario, [_heals_at_a_whole_second])
    return scenario


def _in_order(scenario: Scenario) -> Scenario:
    if not all(isinstance(step.trigger, At) for step in scenario.timeline):
        return scenario
    return replace(scenario, timeline=tuple(sorted(scenario.timeline, key=lambda step: step.trigger.at_us)))  # type: ignore[union-attr]


def _earlier(time_us: int, by_us: int, scenario: Scenario) -> Scenario:
    """With all that happens from a time on, the heal too, so much earlier."""
    steps = tuple(
        replace(step, trigger=At(step.trigger.at_us - by_us))
        if isinstance(step.trigger, At) and step.trigger.at_us >= time_us
        else step
        for step in scenario.timeline
    )
    lasts = scenario.lasts_us
    return replace(scenario, timeline=steps, lasts_us=None if lasts is None else max(SECOND, lasts - by_us))


def _heals_at_a_whole_second(scenario: Scenario) -> Scenario:
    lasts = scenario.lasts_us or SECOND
    return replace(scenario, lasts_us=max(SECOND, lasts // SECOND * SECOND))

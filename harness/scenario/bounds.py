"""How much one scenario may hold, so that no run goes on for days or fills the memory without a word.

Looked at when each value is right by itself: the length of what is said, the number of steps with their repetitions,
and the time until the last step that is known in advance.
"""

from collections.abc import Iterator
from dataclasses import replace

from ..audio.audio_files import LONGEST_CLIP_US
from ..errors import AudioError
from ..ranges import Between
from ..server.captures import longest
from ..server.utterance import BABBLE, SILENCE, made_up_us
from ..units import SECOND
from .map import Loc, Mistake
from .model import After, At, Reply, Say, Scenario, Step

LONGEST_SCENARIO_US = 24 * 3600 * SECOND
"""The last step ends before this, or the scenario says how long it lasts."""
MOST_STEPS = 200_000
"""The most steps, each repetition counted."""


def bound_mistakes(scenario: Scenario) -> Iterator[Mistake]:
    """Mistakes in how long and how large the parts of a scenario are."""
    server = scenario.server
    yield from _reply_mistakes(server.reply, ("server", "reply"))
    for index, rule in enumerate(server.replies):
        text = None if rule.reply.text is None else longest(rule.reply.text)
        yield from _reply_mistakes(replace(rule.reply, text=text), ("server", "replies", index))
    for index, step in enumerate(scenario.timeline):
        said = step.action
        if isinstance(said, Say) and said.clip == BABBLE and _most(said.lasts_us) > LONGEST_CLIP_US:
            message = f"speech lasts at most {LONGEST_CLIP_US // SECOND // 60} min; say it in several steps"
            yield Mistake(("timeline", index, "lasts"), message)
    yield from _count_mistakes(scenario.timeline)
    if scenario.lasts_us is None:
        yield from _time_mistakes(scenario.timeline)


def _most(value: int | None) -> int:
    return int(value.high) if isinstance(value, Between) else value or 0


def _reply_mistakes(reply: Reply, loc: Loc) -> Iterator[Mistake]:
    if reply.clip not in (BABBLE, SILENCE):
        return
    try:
        made_up_us(reply.text, None if reply.lasts_us is None else _most(reply.lasts_us))
    except AudioError as error:
        yield Mistake((*loc, "text" if reply.lasts_us is None else "lasts"), str(error))


def _count_mistakes(timeline: tuple[Step, ...]) -> Iterator[Mistake]:
    count = 0
    for index, step in enumerate(timeline):
        count += _most(step.repeat)
        if count > MOST_STEPS:
            message = f"with this step the timeline has {count} steps, each repetition counted; at most {MOST_STEPS}"
            yield Mistake(("timeline", index), f"{message} are played: split the scenario")
            return


def _time_mistakes(timeline: tuple[Step, ...]) -> Iterator[Mistake]:
    """The first step that ends too late, as far as times are known: what waits for an event is taken to begin at 0."""
    known: dict[str, int] = {}
    for index, step in enumerate(timeline):
        end = _begin(step, known) + (_most(step.repeat) - 1) * _most(step.every_us)
        end += _most(getattr(step.action, "lasts_us", None))
        if step.label is not None:
            known[step.label] = end
        if end > LONGEST_SCENARIO_US:
            hours = LONGEST_SCENARIO_US // SECOND // 3600
            message = f"this step would end after {end / SECOND / 3600:.1f} h, and a scenario has at most {hours} h"
            yield Mistake(("timeline", index), f"{message}; split it, or end it by the key lasts, such as lasts: 60min")
            return


def _begin(step: Step, known: dict[str, int]) -> int:
    match step.trigger:
        case At(at_us):
            return _most(at_us)
        case After(label, by_us):
            return known.get(label, 0) + _most(by_us)
        case _:
            return 0

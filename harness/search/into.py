"""Random faults thrown into a scenario of the user's own, by seed."""

from dataclasses import replace

from ..faults import faults_over
from ..scenario.model import At, Inject, Scenario, Step
from ..units import MS, SECOND
from .draw import drawn
from .tape import Seeded

MOST_THROWN = 4
_FIRST_US = SECOND // 2
_AFTER_US = 10 * SECOND
"""Without a heal of its own, faults are thrown into a scenario until so long after the last step that has a time."""
_SHORTEST_US, _LONGEST_US = 200 * MS, 20 * SECOND


def with_faults(base: Scenario, seed: int) -> Scenario:
    """The scenario with one to four random faults, each range at its middle.

    Its expectations and premises are left out: they are about the scenario as it was.
    """
    source = Seeded(seed, "into")
    base = base.settled()
    times = [step.trigger.at_us for step in base.timeline if isinstance(step.trigger, At)]
    end_us = base.lasts_us if base.lasts_us is not None else max(times, default=0) + _AFTER_US
    kinds = source.some_of(list(faults_over("websocket").values()), source.between(1, MOST_THROWN))
    steps = []
    for _ in range(source.between(1, MOST_THROWN)):
        fault = drawn(source.one_of(kinds), source)
        at_us = source.between(_FIRST_US // MS, max(_FIRST_US + SECOND, end_us) // MS - 1) * MS
        endless = (not fault.needs_end or fault.actor == "microphone") and source.chance(33)
        steps.append(Step(At(at_us), Inject(fault, None if endless else source.duration(_SHORTEST_US, _LONGEST_US))))
    return replace(base, timeline=(*base.timeline, *steps), expect=(), premises=(), outcomes={}, notes=())

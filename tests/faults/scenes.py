"""Short scenes in which a fault strikes: a question before, a question after, and who listens."""

from harness.faults import MICROPHONE
from harness.faults.parameters import make
from harness.scenario.model import BeforeEnd, Reply, ServerSetup, Step, Strike
from tests.world import stories
from tests.world.stories import MS, SECOND, Open, at, say, times


def strike(at_s, name, lasts_s=None, **parameters):
    """A microphone fault with parameters as a scenario writes them; without a length, until reopened."""
    lasts_us = None if lasts_s is None else round(lasts_s * SECOND)
    written = {spelling.replace("_", " "): value for spelling, value in parameters.items()}
    return at(at_s, Strike(make(MICROPHONE[name], written), lasts_us))


def story(*steps, **fields):
    """With answers of 3 s, unless told."""
    fields.setdefault("server", ServerSetup(reply=Reply(lasts_us=3 * SECOND)))
    return stories.story(*steps, **fields)


def run(scenario, client="development", **options):
    """The journal of a reference client (its name), or of a client object of the test."""
    return stories.run(scenario, client, **options).journal


def audio(journal, lane, begin_s, end_s):
    """What the lane's tape holds of the half seconds that begin in a span: chunks, samples, peak and zero chunks."""
    tape = [entry.fields for entry in journal.select(lane, "audio") if begin_s * SECOND <= entry.t < end_s * SECOND]
    peak = max((entry["peak"] for entry in tape), default=0)
    return {name: sum(entry[name] for entry in tape) for name in ("chunks", "samples", "zeros")} | {"peak": peak}


__all__ = ["MS", "SECOND", "BeforeEnd", "Open", "Step", "at", "audio", "run", "say", "story", "strike", "times"]

"""Short scenes with a fault: a question before, a question after, and who listens."""

from harness.faults import MICROPHONE
from harness.faults.parameters import make
from harness.scenario.model import BeforeEnd, Inject, Reply, ServerSetup, Step
from tests.world import testing
from tests.world.testing import MS, SECOND, Open, at, say, times


def inject(at_s, name, lasts_s=None, **parameters):
    """A microphone fault with parameters as a scenario writes them; without a length, until reopened."""
    lasts_us = None if lasts_s is None else round(lasts_s * SECOND)
    written = {spelling.replace("_", " "): value for spelling, value in parameters.items()}
    return at(at_s, Inject(make(MICROPHONE[name], written), lasts_us))


def story(*steps, **fields):
    """With answers of 3 s by default."""
    fields.setdefault("server", ServerSetup(reply=Reply(lasts_us=3 * SECOND)))
    return testing.story(*steps, **fields)


def run(scenario, client="development", **options):
    """The journal of a reference client (its name), or of a client object of the test."""
    return testing.run(scenario, client, **options).journal


def audio(journal, levels, begin_s, end_s):
    """What the half seconds that begin in a span have: chunks, samples, peak and zero chunks.

    ``levels`` is the class of their entries: MicrophoneAudio or UplinkAudio.
    """
    tape = [entry for entry in journal.select(levels) if begin_s * SECOND <= entry.t < end_s * SECOND]
    sums = {name: sum(getattr(entry, name) for entry in tape) for name in ("chunks", "samples", "zeros")}
    return sums | {"peak": max((entry.peak for entry in tape), default=0)}


__all__ = ["MS", "SECOND", "BeforeEnd", "Open", "Step", "at", "audio", "inject", "run", "say", "story", "times"]

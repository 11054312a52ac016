"""Short scenes in which a fault strikes: a question before, a question after, the energy detector, and who listens."""

from harness.clients.interface import Play
from harness.clients.registry import find_client
from harness.faults import MICROPHONE
from harness.faults.parameters import make
from harness.protocol import events
from harness.scenario.model import At, BeforeEnd, Reply, Say, Scenario, ServerSetup, Step, Strike
from harness.units import MS, SECOND
from harness.world.play import play

WOMAN = "speech_en_f_arctic_a0009"
"""3.095 s long."""


def at(at_s, action, **fields):
    return Step(At(round(at_s * SECOND)), action, **fields)


def say(at_s):
    return at(at_s, Say(WOMAN))


def strike(at_s, name, lasts_s=None, **parameters):
    """A microphone fault with parameters as a scenario writes them; without a length, until reopened."""
    lasts_us = None if lasts_s is None else round(lasts_s * SECOND)
    written = {spelling.replace("_", " "): value for spelling, value in parameters.items()}
    return at(at_s, Strike(make(MICROPHONE[name], written), lasts_us))


def story(*steps, recover_s=20, **fields):
    fields.setdefault("server", ServerSetup(reply=Reply(lasts_us=3 * SECOND)))
    return Scenario("a test", tuple(steps), recover_within_us=recover_s * SECOND, **fields)


class Listener:
    """Sends all it hears and plays all it is told, and keeps both with the time."""

    def __init__(self):
        self.chunks = []
        self.told = []

    def hear(self, chunk, now):
        self.chunks.append((now, chunk.samples.copy()))
        return [events.InputAudioBufferAppend(audio=chunk.pcm)]

    def receive(self, event, now):
        self.told.append((now, event))
        if isinstance(event, events.ResponseOutputAudioDelta):
            return [Play(event.delta, event.item_id, event.response_id)]
        return []

    def wake(self, now):
        return []

    def next_wake(self):
        return None


def run(scenario, client="development", *, seed=0, **settings):
    """The journal of a reference client (its name), or of a client object of the test."""
    if isinstance(client, str):
        return play(scenario, client, find_client(client), detector="energy", seed=seed, settings=settings).journal
    return play(scenario, "test", lambda _: client, detector="energy", seed=seed).journal


def times(journal, lane, kind):
    return [entry.t for entry in journal.select(lane, kind)]


def audio(journal, lane, begin_s, end_s):
    """What the lane's tape holds of the half seconds that begin in a span: chunks, samples, peak and zero chunks."""
    tape = [entry.fields for entry in journal.select(lane, "audio") if begin_s * SECOND <= entry.t < end_s * SECOND]
    peak = max((entry["peak"] for entry in tape), default=0)
    return {name: sum(entry[name] for entry in tape) for name in ("chunks", "samples", "zeros")} | {"peak": peak}


__all__ = ["MS", "SECOND", "BeforeEnd", "Listener", "Step", "at", "audio", "run", "say", "story", "strike", "times"]

"""Small scenarios and clients for the tests of the world, the clients and the verdicts.

The energy detector is used unless a test is about what the server makes of a voice: it is the fastest.
"""

from harness.clients.interface import Play
from harness.clients.registry import find_client
from harness.faults import CATALOGUE
from harness.protocol import events
from harness.scenario.model import (
    After,
    App,
    At,
    BeforeEnd,
    Noise,
    Say,
    Scenario,
    Step,
    Strike,
    When,
)
from harness.units import MS, SECOND
from harness.verdict.judge import judge
from harness.world.play import play

__all__ = ["After", "App", "BeforeEnd", "Noise", "Step", "When"]

WOMAN = "speech_en_f_arctic_a0009"
"""3.095 s long."""
MAN = "speech_en_m_arctic_a0007"


def say(at_s, clip=WOMAN, **fields):
    level = fields.pop("level_dbfs", None)
    return Step(At(round(at_s * SECOND)), Say(clip, level), **fields)


def at(at_s, action, **fields):
    return Step(At(round(at_s * SECOND)), action, **fields)


def strike(fault, lasts_us=None, **parameters):
    """The fault of this name; its parameters are the fields of its class."""
    return Strike(CATALOGUE[fault](**parameters), lasts_us)


def story(*steps, recover_s=20, **fields):
    return Scenario("a test", tuple(steps), recover_within_us=recover_s * SECOND, **fields)


def run(scenario, client="development", *, detector="energy", seed=0, **settings):
    """Play against a reference client (its name) or a client object of the test."""
    if isinstance(client, str):
        return play(scenario, client, find_client(client), detector=detector, seed=seed, settings=settings)
    return play(scenario, "test", lambda _: client, detector=detector, seed=seed)


def verdict(scenario, client="development", **options):
    return judge(run(scenario, client, **options).journal, scenario)


def kinds(journal, lane):
    return [entry.kind for entry in journal.select(lane)]


def times(journal, lane, kind):
    return [entry.t for entry in journal.select(lane, kind)]


def remedies(journal):
    return [entry.fields["remedy"] for entry in journal.select("client", "remedy")]


class Mute:
    """A client that does nothing; tests override what they are about."""

    def hear(self, chunk, now):
        return []

    def receive(self, event, now):
        return []

    def wake(self, now):
        return []

    def next_wake(self):
        return None


class Open(Mute):
    """A client that sends everything and plays everything, and keeps what it is told with the time."""

    def __init__(self):
        self.told = []
        self.chunks = []

    def hear(self, chunk, now):
        self.chunks.append((now, chunk.samples.copy()))
        return [events.InputAudioBufferAppend(audio=chunk.pcm)]

    def receive(self, event, now):
        self.told.append((now, event))
        if isinstance(event, events.ResponseOutputAudioDelta):
            return [Play(event.delta, event.item_id, event.response_id)]
        return []

    def times_of(self, kind):
        return [now for now, event in self.told if isinstance(event, kind)]


__all__ += ["MAN", "MS", "SECOND", "WOMAN", "Mute", "Open", "at", "kinds", "remedies", "run", "say", "story"]
__all__ += ["strike", "times", "verdict"]

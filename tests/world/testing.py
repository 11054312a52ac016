"""Small scenarios and clients, and readers of journals, for the tests of the world, the clients and the verdicts.

The energy detector is used unless a test is about what the server makes of a voice: it is the fastest.
"""

from harness.clients.interface import Play
from harness.clients.registry import NamedClient
from harness.faults import CATALOGUE
from harness.journal import ClientLog, EventEntry
from harness.journal.entries import CLOSED, OPEN
from harness.protocol import events
from harness.scenario.model import (
    After,
    App,
    At,
    BeforeEnd,
    Inject,
    Noise,
    Reply,
    Say,
    Scenario,
    ServerSetup,
    Step,
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


def inject(fault, lasts_us=None, **parameters):
    """The fault of this name; its parameters are the fields of its class."""
    return Inject(CATALOGUE[fault](**parameters), lasts_us)


def story(*steps, recover_s=20, **fields):
    return Scenario("a test", tuple(steps), recover_within_us=recover_s * SECOND, **fields)


def run(scenario, client="development", *, detector="energy", seed=0, **settings):
    """Play against a reference client (its name) or a client object of the test."""
    if isinstance(client, str):
        return play(scenario, client, detector=detector, seed=seed, settings=settings)
    return play(scenario, NamedClient("test", lambda _: client), detector=detector, seed=seed)


def verdict(scenario, client="development", **options):
    return judge(run(scenario, client, **options).journal, scenario)


LANES = {each.lane for each in (*CLOSED, *OPEN)}


def kinds(journal, lane):
    """The kind of each entry of this lane, as its line on disk names it."""
    assert lane in LANES, f"no entry has the lane {lane!r}"
    return [entry.kind for entry in journal.entries if entry.lane == lane]


def times(journal, entry_class, *what):
    """When the entries of a class were written.

    ``what`` chooses among those of an open class: classes of events, or names of faults or of a client's log lines.
    """
    if issubclass(entry_class, EventEntry):
        return [entry.t for entry in journal.events(entry_class, *what)]
    return [entry.t for entry in journal.select(entry_class) if not what or entry.kind in what]


def logged(journal, kind):
    """The fields of each line of this kind that the client logged."""
    return [entry.fields for entry in journal.select(ClientLog) if entry.kind == kind]


def remedies(journal):
    return [fields["remedy"] for fields in logged(journal, "remedy")]


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
    """A client that sends everything and plays everything, and keeps what it receives with the time."""

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


class Clock(Open):
    """Wants to be woken every 100 ms, and keeps when it is."""

    def __init__(self, every_us=100 * MS):
        super().__init__()
        self.woken, self.every_us, self.due = [], every_us, every_us

    def wake(self, now):
        self.woken.append(now)
        self.due = now + self.every_us
        return []

    def next_wake(self):
        return self.due

    def between(self, begin_s, end_s):
        return [now for now in self.woken if begin_s * SECOND < now < end_s * SECOND]


REPLY = ServerSetup(reply=Reply(lasts_us=3 * SECOND))
BUSY = story(
    say(1),
    Step(BeforeEnd(1, SECOND), Noise("thocks", SECOND, level_dbfs=-30.0)),
    at(8, inject("near-silent", 3 * SECOND)),
    at(12, inject("stall", SECOND)),
    say(14, MAN),
    server=REPLY,
)
"""Two questions, a noise and two faults."""

__all__ += ["MAN", "MS", "SECOND", "WOMAN", "Mute", "Open", "at", "kinds", "remedies", "run", "say", "story"]
__all__ += ["BUSY", "REPLY", "Clock", "inject", "logged", "times", "verdict"]

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.clients.interface import Ping, Pong
from harness.faults import ActiveFault
from harness.faults.half_open import HalfOpen
from harness.faults.mute import Mute
from harness.faults.stall import Stall
from harness.protocol.events import InputAudioBufferAppend, InputAudioBufferSpeechStarted
from harness.units import MS, SECOND
from harness.world.scheduler import Scheduler
from harness.world.seeds import generator
from harness.world.wire import Link, Wire


def activated(fault):
    return ActiveFault(fault, generator(0, "fault"))


class Ends:
    """A wire whose both ends write down what arrives and when."""

    def __init__(self, *, seed=0, latency_ms=40, jitter_ms=10, number=1):
        self.scheduler = Scheduler()
        self.arrived = {"up": [], "down": []}
        links = []
        for direction in ("up", "down"):
            name = f"link/{number}/{direction}"
            links.append(Link(self.scheduler, seed, name, latency_ms * MS, jitter_ms * MS, self._taker(direction)))
        self.wire = Wire(*links, lambda: self.scheduler.now)

    def _taker(self, direction):
        return lambda message: self.arrived[direction].append((self.scheduler.now, message))

    def at(self, time, action, *arguments):
        self.scheduler.at(time, lambda _: action(*arguments))

    def run(self):
        self.scheduler.run()
        return self

    def messages(self, direction):
        return [message for _, message in self.arrived[direction]]


def spaced(gap, *, skip=(), **options):
    """200 messages up, so far apart that none overtakes; the latency of each by its number."""
    ends = Ends(**options)
    sent = {}
    for number in range(200):
        if number not in skip:
            sent[number] = number * gap
            ends.at(number * gap, ends.wire.up.send, number)
    ends.run()
    return {number: time - sent[number] for time, number in ends.arrived["up"]}


def test_latency_lies_within_the_jitter():
    latencies = spaced(SECOND).values()
    assert all(30 * MS <= latency <= 50 * MS for latency in latencies)
    assert len(set(latencies)) > 150
    assert set(spaced(SECOND, jitter_ms=0).values()) == {40 * MS}


def test_the_latency_of_the_kth_message_depends_on_seed_link_and_k_alone():
    latencies = spaced(SECOND)
    assert spaced(7 * SECOND) == latencies
    other_traffic = Ends()
    for number in range(200):
        other_traffic.at(number * SECOND, other_traffic.wire.down.send, "noise")
        other_traffic.at(number * SECOND, other_traffic.wire.up.send, number)
    other_traffic.run()
    assert {number: time - number * SECOND for time, number in other_traffic.arrived["up"]} == latencies
    assert spaced(SECOND, seed=1) != latencies
    assert spaced(SECOND, number=2) != latencies


def test_the_kth_latency_stays_beyond_the_first_thousand_messages():
    ends = Ends()
    for number in range(3_000):
        ends.at(number * SECOND, ends.wire.up.send, number)
    ends.run()
    latencies = [time - number * SECOND for time, number in ends.arrived["up"]]
    assert latencies[:1_024] != latencies[1_024:2_048]
    assert all(30 * MS <= latency <= 50 * MS for latency in latencies)


@settings(max_examples=50)
@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=60), st.integers(0, 60), st.integers(0, 5))
def test_property_messages_arrive_in_the_order_they_were_sent(gaps_us, jitter_ms, seed):
    ends, now = Ends(jitter_ms=jitter_ms, seed=seed), 0
    for number, gap in enumerate(gaps_us):
        now += gap
        ends.at(now, ends.wire.down.send, number)
    ends.run()
    assert ends.messages("down") == list(range(len(gaps_us)))
    arrivals = [time for time, _ in ends.arrived["down"]]
    assert arrivals == sorted(arrivals)


def test_half_open_loses_both_ways_for_ever():
    ends, fault = Ends(), activated(HalfOpen())
    ends.at(SECOND, ends.wire.inject, fault)
    for second in (0, 2, 60):
        for direction in ("up", "down"):
            ends.at(second * SECOND, getattr(ends.wire, direction).send, Ping() if second == 2 else second)
    ends.run()
    assert ends.messages("up") == [0]
    assert ends.messages("down") == [0]


def test_a_message_on_its_way_when_the_fault_begins_still_arrives():
    ends = Ends()
    ends.at(SECOND, ends.wire.up.send, "early")
    ends.at(SECOND + 1, ends.wire.inject, activated(HalfOpen()))
    assert ends.run().messages("up") == ["early"]


def test_a_stall_delivers_everything_in_order_afterwards():
    ends, fault = Ends(), activated(Stall())
    ends.at(SECOND, ends.wire.inject, fault)
    ends.at(5 * SECOND, ends.wire.release, fault)
    for tenth in range(100):
        ends.at(tenth * SECOND // 10 + 1, ends.wire.up.send, tenth)
    ends.run()
    assert ends.messages("up") == list(range(100))
    stalled = [time for time, tenth in ends.arrived["up"] if 10 <= tenth < 50]
    assert min(stalled) >= 5 * SECOND + 30 * MS
    assert max(stalled) <= 5 * SECOND + 50 * MS


def test_what_a_stall_holds_is_lost_if_the_connection_died_meanwhile():
    ends, stall = Ends(), activated(Stall())
    ends.at(0, ends.wire.inject, stall)
    ends.at(1, ends.wire.up.send, "held")
    ends.at(2, ends.wire.inject, activated(HalfOpen()))
    ends.at(3, ends.wire.release, stall)
    assert ends.run().messages("up") == []


def test_the_longer_of_two_stalls_holds_on():
    ends, short, long = Ends(jitter_ms=0), activated(Stall()), activated(Stall())
    ends.at(0, ends.wire.inject, short)
    ends.at(0, ends.wire.inject, long)
    ends.at(1, ends.wire.up.send, "held")
    ends.at(SECOND, ends.wire.release, short)
    ends.at(9 * SECOND, ends.wire.release, long)
    assert ends.run().arrived["up"] == [(9 * SECOND + 40 * MS, "held")]


def test_a_mute_server_still_hears_and_answers_pings():
    ends = Ends()
    ends.wire.inject(activated(Mute()))
    append = InputAudioBufferAppend(audio=bytes(960))
    ends.wire.up.send(append)
    ends.wire.up.send(Ping())
    ends.wire.down.send(InputAudioBufferSpeechStarted(event_id="event_1", audio_start_ms=0, item_id="item_1"))
    ends.wire.down.send(Pong())
    ends.run()
    assert ends.messages("up") == [append, Ping()]
    assert ends.messages("down") == [Pong()]

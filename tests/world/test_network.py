"""The network: dials in one step and in two, several connections at once, faults on them, damaged messages."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from harness.clients.interface import Closed, Ping, Pong
from harness.faults import CATALOGUE, ActiveFault
from harness.journal import ConnectionClosed, ConnectionDialFailed, ConnectionDialled, Journal
from harness.protocol.events import SessionCreated
from harness.server.session import SessionSetup
from harness.units import MS, SECOND
from harness.world.connection import Connection
from harness.world.damage import Damaged
from harness.world.network import Dial, Network
from harness.world.scheduler import Scheduler

LATENCY_US = 40 * MS


@dataclass
class End:
    """An end that notes what it is told."""

    network: Network
    seen: list[Any] = field(default_factory=list)
    connection: Connection | None = None

    def reached(self, dial: Dial) -> None:
        self.seen.append("reached")

    def failed(self, dial: Dial, reason: str) -> None:
        self.seen.append(reason)

    def opened(self, dial: Dial, connection: Connection) -> None:
        self.connection = connection

    def receive(self, connection: Connection, message: Any) -> None:
        assert connection is self.connection
        self.seen.append(message)


class Net:
    def __init__(self) -> None:
        self.scheduler = Scheduler()
        self.journal = Journal({})
        self.network = Network(
            self.scheduler,
            self.journal,
            SessionSetup(detector="energy"),
            lambda event: None,
            lambda event: None,
            seed=0,
            latency_us=LATENCY_US,
            jitter_us=0,
        )

    def end(self) -> End:
        return End(self.network)

    def until(self, time: int) -> None:
        self.scheduler.at(time, lambda _: None)
        while self.scheduler.due is not None and self.scheduler.due <= time:
            self.scheduler.step()

    def inject(self, fault: str, lasts_us: int | None = None) -> None:
        self.network.inject(ActiveFault(CATALOGUE[fault](), np.random.default_rng(0)), lasts_us)

    def dialled(self) -> list[int]:
        return [entry.connection for entry in self.journal.select(ConnectionDialled)]


@pytest.fixture
def net() -> Net:
    return Net()


def test_a_dial_in_two_steps_opens_when_one_in_one_step_does(net):
    at_once, in_steps = net.end(), net.end()
    net.network.dial(at_once, 5 * SECOND)
    dial = net.network.connect(in_steps, 5 * SECOND)
    assert in_steps.seen == ["reached"] and net.dialled() == [1], "TCP alone is no dial of a WebSocket"
    net.network.upgrade(dial)
    net.until(3 * LATENCY_US)
    assert at_once.connection is not None and in_steps.connection is not None
    assert net.dialled() == [1, 2] and list(net.network.open) == [1, 2]


def test_several_connections_are_open_at_once_and_each_has_its_own_session(net):
    old, new = net.end(), net.end()
    net.network.dial(old, 5 * SECOND)
    net.until(SECOND)
    net.network.dial(new, 5 * SECOND)
    net.until(2 * SECOND)
    (one,), (other,) = ([each for each in end.seen if isinstance(each, SessionCreated)] for end in (old, new))
    assert one.session["id"] != other.session["id"]
    assert net.network.connection is new.connection, "the newest one"
    assert net.network.leave(new.connection, 1000) is True
    assert net.network.connection is old.connection and old.connection.open


def test_a_fault_on_the_wire_applies_to_all_of_them_and_one_of_the_server_to_the_newest(net):
    old, new = net.end(), net.end()
    for end in (old, new):
        net.network.dial(end, 5 * SECOND)
    net.until(SECOND)
    net.inject("ignored-commit")
    assert [end.connection.session.policy.manual_commit for end in (old, new)] == ["taken", "ignored"]
    net.inject("reset")
    assert [end.seen[-1] for end in (old, new)] == [Closed(1006, "connection reset")] * 2
    assert [(entry.connection, entry.code) for entry in net.journal.select(ConnectionClosed)] == [(1, 1006), (2, 1006)]


def test_a_half_open_connection_answers_no_ping_and_no_close(net):
    end = net.end()
    net.network.dial(end, 5 * SECOND)
    net.until(SECOND)
    end.connection.send(Ping())
    net.until(2 * SECOND)
    assert isinstance(end.seen[-1], Pong)
    net.inject("half-open", SECOND)
    end.connection.send(Ping())
    net.until(9 * SECOND)
    assert sum(isinstance(each, Pong) for each in end.seen) == 1
    assert net.network.leave(end.connection, 1000) is False


def test_what_is_in_the_way_of_a_dial_is_in_the_journal_at_once(net):
    net.inject("reset", SECOND)
    end = net.end()
    net.network.connect(end, 5 * SECOND)
    assert net.dialled() == [1]
    net.until(SECOND)
    assert end.seen == ["refused"]
    assert [entry.connection for entry in net.journal.select(ConnectionDialFailed)] == [1]


def test_a_dial_that_was_given_up_is_never_answered(net):
    net.inject("half-open", 2 * SECOND)
    end = net.end()
    dial = net.network.connect(end, 127 * SECOND)
    net.until(SECOND // 2)
    net.network.give_up(dial)
    net.until(9 * SECOND)
    assert end.seen == [] and dial.is_over
    assert [entry.t for entry in net.journal.select(ConnectionDialFailed)] == [SECOND // 2]


def test_a_dial_that_hangs_connects_when_tcp_asks_again(net):
    """SYNs go out at 0, 1, 3 and 7 s (RFC 6298); the network is back after 2 s."""
    net.inject("half-open", 2 * SECOND)
    end = net.end()
    net.network.connect(end, 127 * SECOND)
    net.until(3 * SECOND - 1)
    assert end.seen == []
    net.until(3 * SECOND)
    assert end.seen == ["reached"]


def test_damaged_bytes_reach_the_client_as_they_are(net):
    end = net.end()
    net.inject("corrupted-events")
    net.network.dial(end, 5 * SECOND)
    net.until(SECOND)
    found = [each for each in end.seen if isinstance(each, Damaged)]
    assert found and all(b"~" in each.text or each.event is None for each in found)

from harness.clients.interface import Connect, DialFailed
from harness.journal import ConnectionDialled
from harness.units import SECOND
from tests.verdict.journals import Tale
from tests.verdict.properties.testing import Talker, found
from tests.world.testing import at, inject, run, say, story


def dialled(*times_s):
    tale = Tale()
    for number, at_s in enumerate(times_s, start=2):
        tale.add(at_s, ConnectionDialled, connection=number)
    return found("dials_calmly", tale.end(60))


def test_thirteen_dials_in_ten_seconds_are_a_storm():
    assert not dialled(*(10 + 0.9 * number for number in range(12))), "twelve, in 9.9 s"
    assert not dialled(*(10 + number for number in range(30))), "one each second"
    (finding,) = dialled(*(10 + 0.5 * number for number in range(30)))
    assert finding.reason == "the client dialled 21 times in the 10 s from 10.000 s on"
    assert finding.at_us == 16 * SECOND


class DialsAtOnce(Talker):
    """A failed dial is followed by the next one."""

    def receive(self, event, now):
        return [Connect()] if isinstance(event, DialFailed) else super().receive(event, now)


def test_clients_without_a_network():
    outage = story(say(1), at(5, inject("reset", 20 * SECOND)))
    assert found("dials_calmly", run(outage, DialsAtOnce()).journal)
    for client in ("reported", "resilient"):
        assert not found("dials_calmly", run(outage, client).journal)

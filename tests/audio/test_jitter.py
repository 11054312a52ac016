"""The jitter buffer: what comes out, and when, for packets that come late, not at all, or not any more."""

import pytest

from harness.audio.jitter import PACKET_US, JitterBuffer
from harness.units import MS


def heard(arrivals, until_ms, **options):
    """What is pulled: the number that went in, ``-number`` where it was recovered from the one behind, None: lost."""
    buffer = JitterBuffer(**options)
    out, arrivals = [], sorted(arrivals)
    for now in range(0, until_ms * MS, 5 * MS):
        while arrivals and arrivals[0][0] <= now:
            at, number = arrivals.pop(0)
            buffer.push(number, number, at)
        for pulled in buffer.pull(now):
            value = pulled.data if pulled.how == "packet" else -(pulled.data - 1) if pulled.how == "recovered" else None
            out.append((now // MS, "dry" if pulled.how == "dry" else value))
    return out, buffer


def steady(count, lost=(), begin=0):
    return [((begin + number) * PACKET_US, begin + number) for number in range(count) if begin + number not in lost]


def test_packets_come_out_in_order_a_target_later():
    out, _ = heard([(0, 0), (45 * MS, 1), (40 * MS, 2), (60 * MS, 3)], 125)
    assert out == [(60, 0), (80, 1), (100, 2), (120, 3)]


def test_a_lost_packet_is_recovered_from_the_next_one_and_two_in_a_row_once():
    out, _ = heard(steady(8, lost=(2, 4, 5)), 205)
    assert [value for _, value in out] == [0, 1, -2, 3, None, -5, 6, 7]


def test_a_packet_after_its_turn_is_dropped():
    out, buffer = heard([(0, 0), (20 * MS, 1), (105 * MS, 2), (60 * MS, 3)], 125)
    assert ([value for _, value in out], buffer.late) == ([0, 1, -2, 3], 1)


def test_a_stream_that_stops_is_dry_and_goes_on_after_a_new_target():
    packets = [*steady(3), *steady(2, begin=100)]
    out, buffer = heard(packets, 2_200, gap_packets=4)
    assert out == [
        (60, 0), (80, 1), (100, 2), (120, None), (140, None), (160, None), (180, "dry"), (2060, 100), (2080, 101),
        (2100, None), (2120, None), (2140, None), (2160, "dry"),
    ]  # fmt: skip
    assert buffer.next_due is None


@pytest.mark.parametrize("target_ms", [0, 20, 120])
def test_the_target_is_the_delay(target_ms):
    out, _ = heard(steady(3), 200, target_us=target_ms * MS, gap_packets=2)
    assert out[0] == (target_ms, 0)

import numpy as np
import pytest

from harness.journal import UplinkAudio
from harness.units import MS
from harness.world.tape import Tape


class Recorded:
    """A tape, and the entries that it writes."""

    def __init__(self):
        self.entries = []
        self.ages_ms = []
        self.tape = Tape(self._write)

    def _write(self, began, connection, levels, age_ms):
        self.ages_ms.append(age_ms)
        self.entries.append(UplinkAudio(t=began, connection=connection, **levels))


def taped(*chunks):
    """Entries of chunks given as (end in ms, samples)."""
    recorded = Recorded()
    for at_ms, samples in chunks:
        values = np.asarray(samples, np.int64)
        recorded.tape.add(at_ms * MS, values.size, int((values**2).sum()), int(abs(values).max()))
    recorded.tape.flush()
    return recorded.entries


def test_one_entry_for_each_half_second():
    entries = taped(*[(at_ms, [1] * 480) for at_ms in range(20, 1_601, 20)])
    assert [entry.t // MS for entry in entries] == [20, 500, 1000, 1500]
    assert [entry.chunks for entry in entries] == [24, 25, 25, 6]
    assert [entry.samples for entry in entries] == [24 * 480, 25 * 480, 25 * 480, 6 * 480]


def test_the_level_is_that_of_all_samples():
    (entry,) = taped((20, [3, -3, 3, -3]), (40, [4, -4, 4, -5]))
    assert entry.peak == 5
    assert entry.rms == pytest.approx((4 * 9 + 3 * 16 + 25) ** 0.5 / 8**0.5, abs=0.001)


def test_chunks_of_zeros_are_counted():
    (entry,) = taped((20, [0] * 480), (40, [0] * 479 + [1]), (60, [0] * 480))
    assert entry.zeros == 2
    (silent,) = taped((20, [0] * 480), (40, [0] * 480))
    assert (silent.rms, silent.peak, silent.zeros) == (0, 0, 2)


def test_chunks_of_zeros_are_counted_whatever_their_length():
    (entry,) = taped((20, [0] * 480), (40, [0] * 240), (60, [0] * 960))
    assert entry.zeros == 3


def test_no_audio_no_entry():
    assert taped() == []


def test_another_connection_begins_a_new_entry():
    recorded = Recorded()
    for at_ms, connection in ((20, 1), (40, 1), (60, 2)):
        recorded.tape.add(at_ms * MS, 480, 0, 0, connection)
    recorded.tape.flush()
    found = [(entry.t // MS, entry.chunks, entry.connection) for entry in recorded.entries]
    assert found == [(20, 2, 1), (60, 1, 2)]


def test_without_a_connection_its_number_is_0():
    (entry,) = taped((20, [1] * 480))
    assert entry.connection == 0

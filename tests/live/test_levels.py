"""The levels of the live stage are those of the virtual stage, whose tape computes them independently."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.audio.chunk import Chunk
from harness.audio.formats import FORMATS, PCM24K, PCMU
from harness.live.levels import MOST_WINDOW_BYTES, UplinkLevels
from harness.units import MS, SECOND
from harness.world.tape import Tape


def levels_of(chunks, audio_format=PCM24K):
    """``chunks`` are pairs of a time and a payload; what is written of them, each with its time."""
    written = []
    levels = UplinkLevels(lambda t, fields: written.append((t, fields)))
    for now, payload in chunks:
        levels.add(now, payload, audio_format)
    levels.flush()
    return written


def by_tape(chunks, audio_format):
    written = []
    tape = Tape(lambda began, _, levels, __: written.append((began, levels)))
    for now, payload in chunks:
        chunk = Chunk.of(audio_format.decode(payload))
        tape.add(now, chunk.samples.size, chunk.energy, chunk.peak)
    tape.flush()
    return written


@pytest.mark.parametrize("name", FORMATS)
@given(
    st.lists(st.tuples(st.integers(1, 300 * MS), st.integers(1, 600), st.sampled_from([0, 1, 50, 32_767])), max_size=30)
)
def test_same_as_the_virtual_stage(name, steps):
    audio_format, rng, now, chunks = FORMATS[name], np.random.default_rng(1), 0, []
    for step, size, loudness in steps:
        now += step
        samples = rng.integers(-loudness, loudness + 1, size).astype(np.int16)
        chunks.append((now, audio_format.encode(samples)))
    assert levels_of(chunks, audio_format) == by_tape(chunks, audio_format)


def test_bytes_that_are_no_whole_samples():
    ((_, fields),) = levels_of([(0, b"\x01"), (0, b"\x00\x02\x00"), (0, b"\x07"), (0, b"")])
    assert (fields["chunks"], fields["samples"], fields["peak"]) == (4, 2, 2)


def test_only_half_a_sample():
    ((_, fields),) = levels_of([(0, b"\x01")])
    assert (fields["chunks"], fields["samples"], fields["rms"], fields["peak"], fields["zeros"]) == (1, 0, 0.0, 0, 1)


def test_another_format_begins_a_new_entry():
    written = []
    levels = UplinkLevels(lambda t, fields: written.append(fields["samples"]))
    levels.add(0, bytes(960), PCM24K)
    levels.add(10 * MS, bytes(160), PCMU)
    levels.flush()
    assert written == [480, 160]
    assert levels.received_us == 40 * MS


def test_much_audio_at_once_is_not_kept():
    written = levels_of([(0, bytes(MOST_WINDOW_BYTES)) for _ in range(10)])
    assert len(written) >= 5
    assert sum(fields["samples"] for _, fields in written) == 10 * MOST_WINDOW_BYTES // 2


def test_windows_are_half_seconds():
    written = levels_of([(t * 100 * MS, bytes(96)) for t in range(20)])
    assert [t for t, _ in written] == [0, SECOND // 2, SECOND, 3 * SECOND // 2]

"""All levels are RMS of square waves, so energies are worked out by hand: 0.03125 of full scale is 1024 LSB."""

import pytest

from harness.clients.gate import FirstChunkLog, Gate
from harness.clients.settings import ClientSettings
from harness.units import MS, SECOND

EXACT = 0.03125


def gate(**settings):
    return Gate(ClientSettings(**{"gate_mode": "zeros", "gate_threshold": EXACT, **settings}))


@pytest.mark.parametrize("samples", [1, 480, 24_000])
def test_a_chunk_exactly_at_the_threshold_passes_and_one_energy_less_does_not(samples):
    assert gate().passes(1024**2 * samples, samples, False, 0)
    assert not gate().passes(1024**2 * samples - 1, samples, False, 0)


@pytest.mark.parametrize(("rms", "passes"), [(983, False), (984, True)])
def test_the_gate_of_the_report_lies_between_983_and_984_lsb(rms, passes):
    """0.03 of 32768 is 983.04."""
    assert gate(gate_threshold=0.03).passes(rms**2 * 480, 480, False, 0) is passes


def test_the_interruption_threshold_is_in_force_only_while_the_assistant_is_believed_to_speak():
    strict = gate(interruption_threshold=0.0625)  # 2048 LSB
    assert strict.passes(1024**2, 1, False, 0)
    assert not strict.passes(2048**2 - 1, 1, True, 20 * MS)
    assert strict.passes(2048**2, 1, True, 40 * MS)
    assert strict.passes(1024**2, 1, False, 60 * MS)


def test_a_lower_interruption_threshold_does_not_weaken_the_gate():
    assert not gate(interruption_threshold=0.01).passes(1023**2, 1, True, 0)


def test_off_passes_digital_silence_but_keeps_the_interruption_threshold():
    off = gate(gate_mode="off", interruption_threshold=0.0625)
    assert off.passes(0, 480, False, 0)
    assert not off.passes(2047**2, 1, True, 20 * MS)


def test_hold_keeps_the_gate_open_after_the_last_loud_chunk_and_no_longer():
    held = gate(gate_hold_ms=100)
    assert not held.passes(0, 480, False, 0)
    assert held.passes(1024**2 * 480, 480, False, SECOND)
    assert held.passes(0, 480, False, SECOND + 100 * MS)
    assert not held.passes(0, 480, False, SECOND + 100 * MS + 1)


def test_no_hold_means_the_next_quiet_chunk_is_gated():
    plain = gate()
    assert plain.passes(1024**2 * 480, 480, False, SECOND)
    assert not plain.passes(0, 480, False, SECOND + 20 * MS)


def test_an_opened_gate_passes_everything_even_while_the_assistant_speaks():
    opened = gate(interruption_threshold=0.1)
    assert not opened.is_open
    opened.open()
    assert opened.is_open
    assert opened.passes(0, 480, True, 0)


def test_only_skip_skips():
    assert [gate(gate_mode=mode).skips for mode in ("zeros", "skip", "off")] == [False, True, False]


def lines(chunk_samples, seconds, peak=41):
    log = FirstChunkLog()
    written = []
    for index in range(round(seconds * 24_000 / chunk_samples)):
        line = log.chunk(peak, chunk_samples)
        if line is not None:
            written.append((index * chunk_samples / 24_000, line))
    return written


def test_the_line_of_the_report_stands_once_a_second():
    assert lines(480, 3) == [(second, "First audio chunk is silent (max: 41)") for second in (0.0, 1.0, 2.0)]


@pytest.mark.parametrize("chunk_ms", [30, 64])
def test_the_line_stands_once_a_second_whatever_the_length_of_a_chunk(chunk_ms):
    assert len(lines(24 * chunk_ms, 8)) == 8


def test_the_first_audible_chunk_ends_the_lines_until_listening_begins_again():
    log = FirstChunkLog()
    assert log.chunk(99, 480) == "First audio chunk is silent (max: 99)"
    assert log.chunk(100, 480) is None
    assert not log.waiting
    assert log.chunk(41, 24_000) is None
    log.listen()
    assert log.chunk(0, 480) == "First audio chunk is silent (max: 0)"


@pytest.mark.parametrize(("noise", "settles"), [(0, False), (501, False), (499, True)])
def test_a_raised_gate_is_set_as_before_when_the_noise_is_gone(noise, settles):
    """12 dB below 2000 LSB; of digital zeros nothing is known."""
    raised = gate(interruption_threshold=0.0625)
    raised.raise_over(2000.0**2)
    assert not raised.passes(3999**2, 1, False, 0)
    assert raised.passes(4000**2, 1, False, 0)
    raised.settle(noise**2)
    assert raised.raised != settles
    assert raised.passes(1024**2, 1, False, SECOND) == settles
    assert not raised.passes(1024**2, 1, True, 2 * SECOND)


def test_a_gate_that_was_opened_stays_open():
    opened = gate()
    opened.raise_over(2000.0**2)
    opened.open()
    opened.settle(1.0)
    assert opened.passes(0, 1, False, 0)

import numpy as np
import pytest

from harness.units import SECOND
from harness.world.captured import Captured, SentStream
from tests.world.captures import BYTES, CHUNK_US, chunk, chunks


def stream(pcm):
    """All captured, each chunk at its end."""
    captured = Captured()
    for number, each in enumerate(pcm, start=1):
        captured.add(chunk(each), number * CHUNK_US)
    return SentStream(captured)


def cut(audio, size):
    return [audio[at : at + size] for at in range(0, len(audio), size)]


@pytest.mark.parametrize("size", [BYTES, 24_000, 1_000, 962, 200])
def test_the_end_of_each_append_is_known_however_it_is_cut(size):
    pcm = chunks(100)
    found, sent = stream(pcm), 0
    for append in cut(b"".join(pcm), size):
        sent += len(append)
        pieces = found.pieces(append)
        assert pieces[-1].end_byte == len(append)
        assert pieces[-1].captured_us == pytest.approx(sent / 48_000 * SECOND, abs=2)


def test_what_was_captured_again_with_the_same_bytes_is_told_apart_by_what_follows():
    """The noise of the room repeats; a client is 6 chunks late, the noise repeats every 5."""
    pcm = chunks(40, repeats_after=5)
    captured = Captured()
    found = SentStream(captured)
    for number, each in enumerate(pcm, start=1):
        captured.add(chunk(each), number * CHUNK_US)
        if number > 6:
            (piece,) = found.pieces(pcm[number - 7])
            if number == 7:
                first_us = piece.captured_us
            assert piece.captured_us - first_us == (number - 7) * CHUNK_US


def test_zeros_of_a_gate_keep_the_place():
    pcm = chunks(600, repeats_after=250)
    found = stream(pcm)
    number = found.pieces(pcm[100] + pcm[101])[-1].number
    assert found.pieces(bytes(10 * BYTES)) == ()
    (piece,) = found.pieces(pcm[112])
    assert piece.number == number + 11


def test_a_part_in_the_middle_of_other_sound_is_found():
    pcm = chunks(10)
    (piece,) = stream(pcm).pieces(b"\x01\x02" * 100 + pcm[4])
    assert (piece.begin_byte, piece.captured_us) == (200, 5 * CHUNK_US)


def test_other_sound_is_not_found_and_what_was_captured_is_found_after_it():
    pcm = chunks(200)
    found = stream(pcm)
    for each in pcm[:150]:
        assert not found.pieces((np.frombuffer(each, "<i2") // 2).astype("<i2").tobytes())
    assert found.pieces(pcm[150])


def test_chunks_are_forgotten_after_two_minutes():
    pcm = chunks(6_002)
    assert not stream(pcm).pieces(pcm[0])
    assert stream(pcm).pieces(pcm[5])

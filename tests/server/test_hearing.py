"""The ear of a session on its own (§4.2, §4.3), with a detector that plays given probabilities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.audio.formats import PCM24K, PCMA, PCMU
from harness.server.hearing import Hearing
from harness.vad.energy import EnergyDetector
from harness.vad.scripted import ScriptedDetector
from harness.vad.turn import SpeechStarted, SpeechStopped, TurnSettings

FRAME_BYTES = 2 * 768
ONE_TURN = [0.9] + [0.0] * 9
"""One frame of speech at frame 0; 200 ms of silence are complete at the end of frame 7."""


def hearing(script, audio_format=PCM24K, **settings):
    return Hearing(ScriptedDetector(script), audio_format, TurnSettings(**settings))


def heard(ear, payload):
    """All that the turn decided over the payload, and all that the shadow did."""
    frames = list(ear.hear(payload))
    return tuple([each for each in side if each is not None] for side in zip(*frames, strict=True)) or ([], [])


@pytest.mark.behaviour("end-has-silence", "one-frame-turn")
def test_one_speech_frame_is_a_turn():
    """Inferred (§4.2): ``(32k - 300, 32(k + 8))``, since a silence counts from the start of its first frame."""
    decided, shadow = heard(hearing([0.0] * 20 + ONE_TURN), bytes(30 * FRAME_BYTES))
    assert list(decided) == list(shadow) == [SpeechStarted(20 * 32 - 300), SpeechStopped(28 * 32)]


@pytest.mark.behaviour("audio-clock", "formats")
@pytest.mark.parametrize(("audio_format", "frame_bytes"), [(PCM24K, 1536), (PCMU, 256), (PCMA, 256)])
def test_a_frame_is_32_ms_in_every_format(audio_format, frame_bytes):
    """Documented (§4.3): 48 bytes a millisecond for PCM, 8 for G.711."""
    ear = hearing(ONE_TURN, audio_format)
    assert heard(ear, bytes(frame_bytes - 1)) == ([], [])
    assert list(heard(ear, bytes(1))[0]) == [SpeechStarted(0)]


@pytest.mark.behaviour("any-chunks")
@given(st.lists(st.integers(0, 2000), max_size=60))
def test_chunks_change_nothing(sizes):
    """Odd sizes too: half a sample waits for its other half."""
    audio = bytes(10 * FRAME_BYTES)
    ear, decided, done = hearing(ONE_TURN), [], 0
    for size in [*sizes, len(audio)]:
        decided += heard(ear, audio[done : done + size])[0]
        done += min(size, len(audio) - done)
    assert decided == [SpeechStarted(0), SpeechStopped(256)]
    assert ear.buffered_bytes == len(audio)


@given(st.lists(st.sampled_from([0, 3, 900]), min_size=1, max_size=40), st.lists(st.integers(1, 4000), max_size=60))
def test_chunks_change_nothing_for_a_detector_that_knows_silence(levels, sizes):
    """Frames that are silent, quiet or loud, in chunks of any size: the same as all of them in one append."""
    audio = b"".join(level.to_bytes(2, "little") * 768 for level in levels)
    whole, cut = (Hearing(EnergyDetector(), PCM24K, TurnSettings()) for _ in range(2))
    expected, decided, done = heard(whole, audio), ([], []), 0
    for size in [*sizes, len(audio)]:
        for side, found in zip(decided, heard(cut, audio[done : done + size]), strict=True):
            side += found
        done += size
    assert decided == tuple(map(list, expected))
    assert (cut.turn.position_ms, cut.buffered_bytes) == (whole.turn.position_ms, whole.buffered_bytes)
    whole.replace("energy"), cut.replace("energy")  # another ear is told what is heard of the next frame
    assert heard(whole, audio) == heard(cut, audio)


@pytest.mark.behaviour("odd-byte-carried")
def test_half_a_sample_is_not_lost():
    """Loud samples whose halves come in different appends are heard as loud, not as noise between the halves."""
    loud = (8000).to_bytes(2, "little", signed=True) * 768
    ear = Hearing(EnergyDetector(), PCM24K, TurnSettings())
    assert heard(ear, loud[:1]) == ([], [])
    assert list(heard(ear, loud[1:])[0]) == [SpeechStarted(0)]


def test_the_buffer_is_measured_in_audio():
    ear = hearing([])
    heard(ear, bytes(4800))
    assert ear.buffered_us == 100_000
    ear.declare(PCMU)
    assert ear.buffered_us == 100_000
    heard(ear, bytes(80))
    assert ear.buffered_us == 110_000
    ear.empty()
    assert ear.buffered_us == 0


@pytest.mark.behaviour("rest-stays")
def test_what_was_appended_after_a_turn():
    """Assumed (§4.4). The turn ended at 256 ms; 320 ms were appended."""
    ear = hearing(ONE_TURN)
    heard(ear, bytes(10 * FRAME_BYTES + 1))
    assert ear.bytes_after(256) == 2 * FRAME_BYTES + 1
    ear.empty()
    assert ear.bytes_after(256) == 0


def test_a_distortion_reaches_the_turn_and_not_the_shadow():
    ear = hearing(ONE_TURN)
    ear.distort = lambda probability: 0.0
    decided, shadow = heard(ear, bytes(10 * FRAME_BYTES))
    assert list(decided) == [] and list(shadow) == [SpeechStarted(0), SpeechStopped(256)]


@pytest.mark.behaviour("clock-while-off")
@pytest.mark.parametrize("distort", [None, lambda probability: 1.0])
def test_deaf_while_not_listening(distort):
    """The clock runs on; nothing is decided, whatever a distortion claims."""
    ear = hearing([0.0] * 5 + ONE_TURN)
    ear.distort, ear.listening = distort, False
    assert heard(ear, bytes(4 * FRAME_BYTES)) == ([], [])
    ear.distort, ear.listening = None, True
    assert list(heard(ear, bytes(2 * FRAME_BYTES))[0]) == [SpeechStarted(0)]
    assert ear.turn.position_ms == ear.shadow.position_ms == 6 * 32


def test_new_settings_hold_for_both():
    ear = hearing([0.4, 0.0, 0.4])
    ear.configure(TurnSettings(threshold=0.3, prefix_padding_ms=0))
    decided, shadow = heard(ear, bytes(FRAME_BYTES))
    assert list(decided) == list(shadow) == [SpeechStarted(0)]


@pytest.mark.behaviour("format-changes")
def test_another_format_is_heard_from_now_on():
    ear = hearing([0.0, 0.9])
    heard(ear, bytes(FRAME_BYTES + 1))
    ear.declare(PCMU)
    assert list(heard(ear, bytes(256))[0]) == [SpeechStarted(0)]
    ear.declare(PCMU)
    assert ear.turn.position_ms == 64


@pytest.mark.behaviour("clear-restarts-clock")
def test_the_clock_can_be_restarted_within_a_turn():
    """A policy (§4.4): the turn stays open, and ends at a position on the new clock."""
    ear = hearing([0.9] * 40)
    heard(ear, bytes(40 * FRAME_BYTES))
    ear.distort = lambda probability: 0.0
    ear.restart_clock()
    decided, _ = heard(ear, bytes(10 * FRAME_BYTES))
    assert list(decided) == [SpeechStopped(7 * 32)] and ear.bytes_after(7 * 32) == 3 * FRAME_BYTES


def test_a_dropped_byte_is_dropped_in_every_append():
    """A policy (§4.3): two appends of 961 bytes are 960 samples, or 961 where halves are carried."""
    for carries, samples in ((True, 961), (False, 960)):
        ear = hearing([])
        ear.carries_odd_bytes = carries
        for _ in range(2):
            heard(ear, bytes(961))
        assert ear.buffered_bytes == 2 * samples

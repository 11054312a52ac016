import pytest

from harness.journal import AudioArrived, FaultInjected, MicrophoneAudio, RoomNoise, UplinkAudio
from harness.protocol.events import InputAudioBufferAppend
from harness.verdict.properties.one_capture import PROPERTY
from harness.verdict.record import RunRecord
from tests.verdict.journals import Tale
from tests.world.testing import SECOND, Open, at, inject, run, say, story


def findings(journal):
    return list(PROPERTY.find(RunRecord(journal)))


def audio(tale, cls, begin_s, end_s, samples=12_000, **fields):
    for half in range(2 * begin_s, 2 * end_s):
        tale.add(half / 2, cls, chunks=25, samples=samples, rms=300.0, peak=900, zeros=0, **fields)


def arrives(tale, seconds_and_ms):
    for second, arrived_ms, repeated_ms in seconds_and_ms:
        tale.add(second, AudioArrived, connection=1, arrived_ms=arrived_ms, repeated_ms=repeated_ms)


def test_twice_the_audio_is_two_captures():
    tale = Tale()
    audio(tale, MicrophoneAudio, 0, 20)
    audio(tale, UplinkAudio, 0, 20, samples=24_000, connection=1)
    (finding,) = findings(tale.end())
    assert finding.at_us < 4 * SECOND
    assert "on connection 1 the client had sent" in finding.reason


def test_catching_up_after_a_stall_is_no_second_capture():
    tale = Tale()
    audio(tale, MicrophoneAudio, 0, 20)
    audio(tale, UplinkAudio, 0, 8, connection=1)
    tale.add(16, UplinkAudio, chunks=400, samples=8 * 24_000, rms=300.0, peak=900, zeros=0, connection=1)
    audio(tale, UplinkAudio, 16, 20, connection=1)
    assert not findings(tale.end())


def test_a_microphone_that_delivers_too_much_is_not_blamed_on_the_client():
    tale = Tale()
    audio(tale, MicrophoneAudio, 0, 20, samples=24_000)
    audio(tale, UplinkAudio, 0, 20, samples=24_000, connection=1)
    assert not findings(tale.end())


def test_the_same_at_the_pace_of_the_capture_is_a_loop():
    tale = Tale()
    arrives(tale, [(second, 1_000 * second, 500 * (second - 9)) for second in range(10, 20)])
    (finding,) = findings(tale.end())
    assert finding.at_us == 15 * SECOND - SECOND


def test_an_utterance_that_is_sent_again_at_once_while_it_awaits_its_answer_is_no_loop():
    tale = Tale().speaks(5, probe=False)
    arrives(tale, [(10, 10_000, 0), (11, 14_000, 3_000), (12, 15_000, 3_000)])
    assert not findings(tale.end())


def test_nobody_waits_for_what_is_sent_again_without_need():
    tale = Tale()
    arrives(tale, [(10, 10_000, 0), (11, 14_000, 3_000), (12, 15_000, 3_000)])
    assert findings(tale.end())


def test_what_the_wire_duplicates_is_not_blamed_on_the_client():
    tale = Tale()
    tale.add(9, FaultInjected, kind="duplicated-events", length_us=10 * SECOND)
    arrives(tale, [(second, 1_000 * second, 1_000 * (second - 9)) for second in range(10, 20)])
    assert not findings(tale.end())


class Twice(Open):
    """A second capture was opened, and both append."""

    def hear(self, chunk, now):
        return [InputAudioBufferAppend(audio=chunk.pcm)] * (2 if now > 5 * SECOND else 1)


def test_a_client_with_two_captures_breaks_it():
    (finding,) = findings(run(story(say(1)), Twice()).journal)
    assert 7 * SECOND <= finding.at_us <= 8 * SECOND


@pytest.mark.parametrize("client", ["reported", "development", "resilient"])
@pytest.mark.parametrize("fault", ["looped", "burst", "duplicated-events", "closed"])
def test_the_reference_clients_keep_it(client, fault):
    lasts_us = None if fault == "closed" else 4 * SECOND
    story_ = story(say(1), say(9), at(10, inject(fault, lasts_us)))
    assert not findings(run(story_, client).journal)


def test_a_burst_whose_end_is_told_with_the_next_audio_is_one_burst():
    """2.2 s of what the user says are sent again at once, and the journal tells of the last second 0.7 s later."""
    tale = Tale().speaks(5, probe=False)
    arrives(tale, [(4, 4_000, 0), (6.3, 6_300, 0), (6.9, 7_500, 1_200), (7.6, 9_100, 2_200), (8.6, 10_100, 2_200)])
    assert not findings(tale.end())


def test_the_same_again_at_the_pace_of_the_capture_is_no_burst():
    tale = Tale().speaks(5, probe=False, length_s=9)
    arrives(tale, [(5 + n, 5_000 + 2_000 * n, 1_000 * n) for n in range(6)])
    (finding,) = findings(tale.end())
    assert "had arrived on it before" in finding.reason


def test_a_noise_that_is_sent_again_at_once_was_taken_for_a_voice():
    tale = Tale().add(6, RoomNoise, kind="thocks", length_us=2 * SECOND)
    arrives(tale, [(9, 9_000, 0), (10, 12_400, 2_400), (11, 13_400, 2_400)])
    assert not findings(tale.end())


def test_the_same_twice_at_the_begin_of_a_session_is_no_second_try():
    """Who tries again waits for an answer before."""
    for repeats_at, is_broken in ((1.0, True), (9.0, False)):
        tale = Tale().speaks(0.2, probe=False, length_s=0.5)
        arrives(tale, [(repeats_at - 0.5, 8_000, 0), (repeats_at, 16_000, 8_000)])
        assert bool(findings(tale.end())) is is_broken

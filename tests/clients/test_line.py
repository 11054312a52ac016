"""A telephone line: packets, marks, and the formats of a session."""

import numpy as np
import pytest

from harness.audio.formats import PCM24K, PCMU
from harness.audio.resampling import resample
from harness.clients.interface import MarkPlayback, Play
from harness.clients.line import PACKET_BYTES, AssistantAudio, CallerAudio, MarkedPlayback
from harness.units import MS

TONE = np.rint(8000 * np.sin(2 * np.pi * 440 * np.arange(24_000) / 24_000)).astype(np.int16)


@pytest.mark.parametrize("chunk", [480, 240, 4_800])
def test_the_caller_s_audio_is_one_stream_of_whole_packets(chunk):
    """However it is cut, it is what the whole is when converted at once; but for a packet that waits."""
    caller, sent = CallerAudio(), b""
    for start in range(0, TONE.size, chunk):
        caller.add(PCM24K.encode(TONE[start : start + chunk]))
        taken = caller.take(PCMU)
        assert len(taken) % PACKET_BYTES == 0
        sent += taken
    assert 7_840 <= len(sent) < 8_000
    assert sent == PCMU.encode(resample(TONE, 24_000, 8_000))[: len(sent)]


def test_what_is_held_is_sent_later_and_has_an_end():
    caller = CallerAudio()
    for _ in range(40):
        caller.add(bytes(48_000))
    assert len(caller.take(PCM24K)) == 30 * 48_000
    caller.add(bytes(48_000))
    caller.drop()
    assert caller.take(PCM24K) == b""


def test_mu_law_goes_to_the_line_as_it_is():
    assistant = AssistantAudio()
    assistant.response_created("r", "audio/pcmu")
    audio = bytes(range(250)) + bytes(150)
    *packets, mark = assistant.packets("r", "i", audio, "m")
    assert mark == MarkPlayback("m") and [len(packet.audio) for packet in packets] == [160, 160, 80]
    assert packets[0] == Play(audio[:160], "i", "r", "audio/pcmu")
    assert b"".join(packet.audio for packet in packets) == audio


def test_an_answer_in_pcm_is_converted():
    """Reported (PatterAI/Patter#154): a session answers in PCM all the same."""
    assistant = AssistantAudio()
    assistant.response_created("r", "audio/pcm")
    *packets, _ = assistant.packets("r", "i", PCM24K.encode(TONE), "m")
    played = PCMU.decode(b"".join(packet.audio for packet in packets))
    wanted = resample(TONE, 24_000, 8_000)
    assert played.size == wanted.size and np.corrcoef(played, wanted)[0, 1] > 0.999


def test_what_was_played_is_what_the_marks_say():
    meter = MarkedPlayback()
    marks = []
    for _ in range(3):
        assert meter.accept("a", bytes(4_800), 0)
        marks.append(meter.mark())
    assert meter.heard_us(10_000 * MS) == 0, "whatever the clock says"
    assert not meter.returned(marks[0]) and not meter.returned(marks[1])
    assert meter.interrupt(10_000 * MS) == ("a", 200)
    assert not meter.returned(marks[2]), "it came back because the line was cleared"
    assert meter.interrupt(10_000 * MS) is None


def test_the_last_mark_says_that_all_was_played():
    meter = MarkedPlayback()
    meter.accept("a", bytes(4_800), 0)
    first = meter.mark()
    meter.accept("b", bytes(4_800), 0)
    second = meter.mark()
    assert not meter.returned(first) and meter.heard_us(0) == 0, "nothing of the item b yet"
    assert meter.returned(second) and meter.heard_us(0) == 100 * MS
    assert not meter.returned(second) and not meter.returned("unknown")

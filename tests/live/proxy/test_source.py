"""Faults of the microphone on appends: in the client's own format, whatever the length of an append."""

import base64
import json

import numpy as np
import pytest

from harness.audio.formats import FORMATS, PCM24K, PCMU
from harness.faults import ActiveFault
from harness.faults.dropped_chunks import DroppedChunks
from harness.faults.muted_softly import MutedSoftly
from harness.faults.suspended import Suspended
from harness.faults.wrong_rate import WrongRate
from harness.faults.zeroed import Zeroed
from harness.live.proxy.source import SourceFaults, appends

TONE = (8_000 * np.sin(np.arange(48_000) * 2 * np.pi * 440 / 24_000)).astype(np.int16)


def started(fault) -> tuple[SourceFaults, ActiveFault]:
    faults, active = SourceFaults(), ActiveFault(fault, np.random.default_rng(1))
    faults.begin(active)
    return faults, active


@pytest.mark.parametrize("size", [960, 961, 4_800, 50_000])
def test_appends_of_any_length_are_distorted_as_a_whole(size):
    faults, _ = started(MutedSoftly(-20.0))
    audio = TONE.tobytes()
    passed = b"".join(
        out for at in range(0, len(audio), size) for out in faults.distorted(audio[at : at + size], PCM24K)
    )
    assert len(passed) == len(audio)
    assert np.abs(PCM24K.decode(passed) - TONE / 10).max() <= 1, "a tenth of the amplitude, rounded"


def test_g711_is_distorted_in_its_own_format():
    faults, _ = started(Zeroed())
    payload = PCMU.encode(np.full(8_000, 9_000, np.int16))
    passed = b"".join(faults.distorted(payload, PCMU))
    assert abs(len(passed) - len(payload)) < 200, "as long, but for what a filter keeps"
    assert not FORMATS["audio/pcmu"].decode(passed).any()


def test_a_rate_that_is_wrong_changes_the_length():
    faults, _ = started(WrongRate("48 kHz"))
    passed = b"".join(out for _ in range(10) for out in faults.distorted(TONE.tobytes(), PCM24K))
    assert len(passed) == pytest.approx(2 * 10 * len(TONE.tobytes()), rel=0.01)


def test_nothing_is_passed_on_while_the_capture_is_suspended():
    faults, active = started(Suspended())
    assert faults.distorted(TONE.tobytes(), PCM24K) == []
    faults.end(active)
    assert not faults


def test_several_faults_act_one_after_the_other():
    faults, _ = started(DroppedChunks(0.0))
    faults.begin(ActiveFault(Zeroed(), np.random.default_rng(2)))
    assert faults.distorted(TONE.tobytes(), PCM24K) == [bytes(len(TONE.tobytes()))]


def test_the_messages_keep_what_else_the_client_said():
    text = json.dumps({"type": "input_audio_buffer.append", "event_id": "e1", "audio": "AAAA", "more": [1]}).encode()
    first, second = map(json.loads, appends(text, [b"\1\0", b"\2\0"]))
    assert first == {"type": "input_audio_buffer.append", "event_id": "e1", "audio": "AQA=", "more": [1]}
    assert (base64.b64decode(second["audio"]), "event_id" in second) == (b"\2\0", False)
    assert appends(text, []) == []

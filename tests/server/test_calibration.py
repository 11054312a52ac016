"""The captured pairs of the live service (§4.2): a detector scripted with each turn's frames gives the same times."""

import pytest

from harness.vad.turn import SpeechStarted, SpeechStopped, TurnDetector, TurnSettings
from tests.protocol.service import CALIBRATION

FRAME_MS = 32


@pytest.mark.behaviour("grid", "captured-turns", "prefix")
@pytest.mark.parametrize("pair", CALIBRATION, ids=lambda pair: f"{pair['audio_start_ms']}-{pair['audio_end_ms']}")
def test_a_captured_turn(pair):
    """Speech from the frame of the start until the silence begins; where the capture lacks the setting, 200 ms."""
    silence_ms = pair["silence_duration_ms"] or 200
    settings = TurnSettings(prefix_padding_ms=pair["prefix_padding_ms"], silence_duration_ms=silence_ms)
    quiet_frames = -(-silence_ms // FRAME_MS)
    turn, said = TurnDetector(settings), []
    for frame in range(pair["end_frame"] + 20):
        speaks = pair["start_frame"] <= frame < pair["end_frame"] - quiet_frames
        said.append(turn.step(1.0 if speaks else 0.0))
    assert [each for each in said if each] == [
        SpeechStarted(pair["audio_start_ms"]),
        SpeechStopped(pair["audio_end_ms"]),
    ]


@pytest.mark.behaviour("grid")
def test_there_are_sixteen_and_all_are_on_the_grid():
    assert len(CALIBRATION) == 16
    assert all((pair["audio_start_ms"] + pair["prefix_padding_ms"]) % FRAME_MS == 0 for pair in CALIBRATION)
    assert all(pair["audio_end_ms"] % FRAME_MS == 0 for pair in CALIBRATION)

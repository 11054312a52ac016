"""A verdict over virtual WebRTC is that over aiortc; so are the turns that are heard, with packets lost."""

import statistics

import pytest

from benchmarks.webrtc.calibration import calibrate
from benchmarks.webrtc.cases import CASES
from benchmarks.webrtc.compared import compare
from benchmarks.webrtc.jumping import run
from benchmarks.webrtc.page import FRAME_MS

SOME = [case for case in CASES if case.client == "reported" and case.name != "reported_freeze"]
"""The others are on the page."""


@pytest.mark.parametrize("case", SOME, ids=lambda case: f"{case.name}, {case.client}")
def test_the_verdict_is_the_same(case):
    found = compare(case)
    assert found.virtual == found.aiortc


@pytest.mark.parametrize("percent", [0, 20])
def test_the_turns_are_the_same(percent):
    """Four of the 24 trials of the page."""
    edges = run(calibrate(percent, 4))
    assert edges.different == 0 and edges.turns_virtual == edges.turns_aiortc >= 4
    assert abs(statistics.mean(edges.starts)) <= FRAME_MS
    assert abs(statistics.mean(edges.ends)) <= FRAME_MS

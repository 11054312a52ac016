"""Labels for Audacity: its format, and the moments of the run."""

import io

import numpy as np
import soundfile

from harness.journal import ClientTellsUser, RunEnded
from harness.picture.lanes import lanes
from harness.report.labels import labels, stereo
from tests.report.testing import add, cured, deaf, journal


def parsed(text):
    """As Audacity reads it: begin, end and label of each line, behind tabs."""
    rows = [line.split("\t") for line in text.splitlines()]
    assert all(len(row) == 3 for row in rows)
    return [(float(begin), float(end), label) for begin, end, label in rows]


def test_spans_and_moments_are_labels_in_the_order_of_time():
    found = parsed(labels(cured()))
    assert found == sorted(found, key=lambda label: label[:2])
    assert all(begin <= end for begin, end, _ in found)
    assert (2.0, 4.0, "user speaks: speaks") in found
    assert (12.0, 13.0, "faults: microphone near-silent") in found
    assert (13.0, 13.0, "▲ the client reopened the capture, because only near-silence was captured") in found


def test_nothing_of_the_picture_is_left_out():
    seen = lanes(deaf())
    assert len(parsed(labels(deaf()))) == sum(len(lane.spans) for lane in seen.lanes) + len(seen.marks)


def test_what_a_client_says_cannot_break_the_lines():
    of = journal()
    add(of, 1, ClientTellsUser, text="a\tb\nc\u2028d")
    add(of, 2, RunEnded)
    assert [label for _, _, label in parsed(labels(of)) if label.startswith("!")] == [
        "! the client tells the user: a b c d"
    ]


def test_the_sound_is_stereo_and_the_shorter_side_is_followed_by_silence():
    left, right = np.arange(-3, 3, dtype=np.int16), np.array([32_767, -32_768], np.int16)
    sound, rate = soundfile.read(io.BytesIO(stereo(left, right)), dtype="int16")
    assert rate == 24_000
    assert sound[:, 0].tolist() == left.tolist()
    assert sound[:, 1].tolist() == [32_767, -32_768, 0, 0, 0, 0]

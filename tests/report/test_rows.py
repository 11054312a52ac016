import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.picture.lanes import Level, Mark
from harness.picture.spans import Span
from harness.picture.words import plain
from harness.report.rows import Scale, axis, bars, levels, marks
from harness.units import SECOND

TEN = Scale(10 * SECOND, 20)


def level(begin_s, end_s, dbfs):
    return Level(round(begin_s * SECOND), round(end_s * SECOND), dbfs)


def span(begin_s, end_s, label="", style="hears", short=""):
    return Span(round(begin_s * SECOND), round(end_s * SECOND), label, style, short)


def test_the_axis_puts_a_second_where_the_second_is():
    row = axis(Scale(60 * SECOND, 120)).plain
    assert row.index("╷30") == 60
    assert row.startswith("╷0 s")


@pytest.mark.parametrize("seconds", [1, 7, 99, 100, 3_600, 86_400, 10_000_000])
def test_the_axis_never_cuts_a_number(seconds):
    ticks = axis(Scale(seconds * SECOND, 66)).plain.replace(" s", "").split("╷")[1:]
    numbers = [int(tick) for tick in ticks if tick.strip()]
    assert numbers == [index * (numbers[1] if len(numbers) > 1 else 1) for index in range(len(numbers))]


def test_levels_go_from_the_floor_to_full_scale():
    found = [level(0, 2.5, -70), level(2.5, 5, -35), level(5, 7.5, 0), level(7.5, 10, -120)]
    assert levels(found, TEN).plain == "▁▁▁▁▁▅▅▅▅▅█████·····"


def test_no_audio_is_blank_and_digital_zeros_are_not():
    assert levels([level(0, 5, -120)], TEN).plain == "·" * 10 + " " * 10


def test_a_column_shows_its_loudest_moment():
    assert levels([level(0, 10, -70), level(4, 4.1, 0)], Scale(10 * SECOND, 5)).plain == "▁▁█▁▁"


def test_a_dead_capture_is_red():
    text = levels([level(0, 10, -60)], TEN, [span(5, 10, style="capture")])
    red = [part for part in text.spans if "red" in str(part.style)]
    assert (min(part.start for part in red), max(part.end for part in red)) == (10, 20)


def test_bars_stand_where_their_spans_are_and_the_shortest_is_seen():
    [row] = bars([span(1, 3), span(5, 5.001)], TEN)
    assert row.plain == "  ███▌    █         "


def test_labels_stand_inside_if_they_fit_else_short_else_beside_if_they_may():
    assert " microphone " in bars([span(0, 8, "microphone")], TEN)[0].plain
    assert " mic " in bars([span(0, 4, "microphone", short="mic")], TEN)[0].plain
    assert "mic" not in bars([span(0, 2, "microphone")], TEN)[0].plain
    assert bars([span(0, 2, "microphone")], TEN, aside=True)[0].plain == "███▌ microphone     "


def test_a_label_beside_never_runs_into_the_next_bar():
    row = bars([span(0, 1, "microphone"), span(5, 7)], TEN, aside=True)[0].plain
    assert "microphone" not in row


def test_spans_that_overlap_get_rows_of_their_own():
    assert len(bars([span(0, 5), span(2, 7), span(5, 9)], TEN)) == 2


def test_marks_that_matter_cover_those_that_do_not():
    found = [Mark(0, "•", ""), Mark(0, "▼", ""), Mark(SECOND, "▲", ""), Mark(SECOND, "○", "")]
    assert marks(found, TEN).plain.split() == ["▼", "▲"]


@example(length=0, columns=2, times=[], label="")
@given(
    st.integers(0, 10**9),
    st.integers(1, 140),
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), max_size=8),
    st.text(max_size=12).map(plain),
)
def test_every_row_is_as_wide_as_its_scale(length, columns, times, label):
    """Property: whatever is drawn, a row has as many cells as columns."""
    scale = Scale(length, columns)
    ordered = sorted((min(a, b, length), min(max(a, b), length)) for a, b in times)
    spans = [Span(start, end, label, "capture") for start, end in ordered]
    drawn = [axis(scale), levels([], scale), *bars(spans, scale, aside=True), marks([], scale)]
    assert {row.cell_len for row in drawn} == {columns}

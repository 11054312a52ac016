"""``--vary``: the values of an axis, their units, and one sentence for what is wrong."""

import math

import pytest

from harness.errors import SettingError
from harness.search.sweep.axes import read_axes
from harness.search.sweep.knobs import read_settings


def values(text, client="reported"):
    (axis,) = read_axes([text], client)
    return axis.values


def test_a_linear_range_has_both_ends_and_equal_steps():
    assert values("gate_threshold=0.01..0.05:5") == (0.01, 0.02, 0.03, 0.04, 0.05)


@pytest.mark.parametrize("text", ["log:gate_threshold=0.001..0.1:3", "gate_threshold=log:0.001..0.1:3"])
def test_a_logarithmic_range_has_equal_ratios(text):
    assert values(text) == (0.001, 0.01, 0.1)


def test_a_threshold_may_be_given_as_a_level():
    """RMS relative to full scale: -20 dBFS is a tenth, -40 dBFS a hundredth; equal steps in dB are equal ratios."""
    low, middle, high = values("gate_threshold=-60..-20dBFS:3")
    assert (low, middle, high) == pytest.approx((0.001, 0.01, 0.1))


def test_durations_have_the_units_of_scenarios():
    assert values("gate_hold_ms=0ms..1s:3") == (0, 500, 1000)
    assert values("watchdog_ms=5s|30s|never") == (5_000, 30_000, None)
    assert values("latency=10ms|200ms") == (10_000, 200_000)


def test_whole_numbers_are_rounded_and_duplicates_merged():
    (axis,) = read_axes(["gate_hold_ms=0..2:9"], "reported")
    assert axis.values == (0, 1, 2)
    assert axis.merged == 6


def test_words_of_the_server_and_of_the_client():
    assert values("gate_mode=zeros|skip|off") == ("zeros", "skip", "off")
    assert values("server.create_response=true|false") == (True, False)
    assert values("server.threshold=0.3..0.7:3") == (0.3, 0.5, 0.7)
    assert values("room=-70..-50dBFS:3") == (-70.0, -60.0, -50.0)


def test_settings_of_a_users_own_class_are_taken_as_written():
    assert values("hold=1..3:3", "tests.search.sweep.clients:Gated") == (1.0, 2.0, 3.0)
    assert values("mode=soft|hard", "tests.search.sweep.clients:Gated") == ("soft", "hard")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gate_treshold=0.1..0.2:3", "nothing that can be set has this name; did you mean 'gate_threshold'?"),
        ("gate_threshold", "--vary 'gate_threshold' is not NAME=LO..HI:N, such as gate_threshold=0.001..0.1:20"),
        ("gate_threshold=0.1..0.2", "--vary gate_threshold: '0.1..0.2' is not LO..HI:N; say how many values"),
        ("gate_threshold=0.2..0.1:3", "a range goes from low to high (got 0.2..0.1)"),
        ("gate_threshold=0.2..2:3", "client setting gate_threshold is 2.0; give a value from 0 to 1"),
        ("gate_threshold=log:0..1:3", "a logarithmic range cannot begin at 0; begin above 0"),
        ("gate_threshold=0..1:1", "1 values; give from 2 to"),
        ("gate_hold_ms=0.5|1", "write a whole number of ms (got '0.5')"),
        ("gate_mode=zeros..skip:3", "there is nothing between words; write a list such as gate_mode=A|B"),
        ("gate_mode=zeroes", "client setting gate_mode is 'zeroes'; use zeros, skip or off"),
        ("watchdog_ms=3 fortnights", "write a duration"),
        ("server.treshold=0.1|0.2", "the server has no such setting; did you mean 'server.threshold'?"),
        ("server.threshold=0.1|2", "--vary server.threshold:"),
        ("gate_hold_ms=-20dBFS", "gate_hold_ms"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence(text, told):
    with pytest.raises(SettingError) as error:
        read_axes([text], "reported")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_an_axis_occurs_once():
    with pytest.raises(SettingError, match="--vary chunk_ms occurs twice; leave one out"):
        read_axes(["chunk_ms=20|40", "chunk_ms=60|80"], "reported")


def test_a_class_that_takes_no_settings_cannot_be_swept():
    with pytest.raises(SettingError, match="takes no settings, so all cells would be the same"):
        read_axes(["hold=1|2"], "tests.search.sweep.clients:Fixed")


def test_splitting_keeps_the_values_and_puts_halves_between():
    (axis,) = read_axes(["gate_threshold=log:0.01..0.1:2"], "reported")
    assert axis.split(1).values == pytest.approx((0.01, 0.1 / math.sqrt(10), 0.1))
    (axis,) = read_axes(["gate_mode=zeros|off"], "reported")
    assert axis.split(3).values == ("zeros", "off")


def test_fixed_settings_have_the_types_of_the_settings():
    given = {"gate_threshold": "-40dBFS", "watchdog_ms": "5s", "gate_mode": "skip"}
    assert read_settings(given, "reported") == {"gate_threshold": 0.01, "watchdog_ms": 5_000, "gate_mode": "skip"}
    with pytest.raises(SettingError, match="--set latency: this is no client setting"):
        read_settings({"latency": "5ms"}, "reported")

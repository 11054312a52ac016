"""The kinds of parameters: what is written is read back, and a mistake is one sentence."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.errors import SettingError
from harness.faults import SourceFault, parameters
from harness.faults.parameters import make, parameter
from harness.ranges import between
from tests.faults.strategies import values

KINDS = {
    "duration": parameters.DURATION,
    "peaks": parameters.PEAKS,
    "decibels": parameters.DECIBELS,
    "events": parameters.EVENT_TYPE,
    "text": parameters.TEXT,
    "number": parameters.number(-1, 8.5),
    "whole": parameters.whole(1, 20),
    "one of": parameters.one_of(["first", "last"]),
    "numbers": parameters.numbers(0, 1),
}


@dataclass(frozen=True, slots=True)
class Slow(SourceFault):
    """A fault of the tests, with a parameter of each way of spelling."""

    name = "slow"
    delay_us: int = parameter(1_000_000, parameters.DURATION, "How late.")
    wait_first: int = parameter(1, parameters.whole(1, 20), "How many pass.")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@given(data=st.data())
def test_property_what_is_written_is_read_back(kind, data):
    value = data.draw(values(kind))
    assert kind.read(kind.write(value)) == value


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@given(data=st.data())
def test_property_the_schema_allows_whatever_is_written(kind, data):
    assert Draft202012Validator(kind.written).is_valid(kind.write(data.draw(values(kind))))


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        ("duration", "500ms", 500_000),
        ("duration", "2min", 120_000_000),
        ("peaks", "41..96 LSB", (41, 96)),
        ("peaks", "12000 LSB", (12_000, 12_000)),
        ("decibels", "-34 dB", -34.0),
        ("decibels", "+6.5 dB", 6.5),
        ("decibels", "-40..-20 dB", between(-40.0, -20.0)),
        ("decibels", "-40 dB .. -20 dB", between(-40.0, -20.0)),
        ("duration", "1s..3s", between(1_000_000, 3_000_000)),
        ("number", "-0.5..1", between(-0.5, 1.0)),
        ("number", "2..2", 2.0),
        ("whole", "2..5", between(2, 5)),
        ("numbers", ["0.1..0.2", 1], (between(0.1, 0.2), 1.0)),
        ("events", "response.*", "response.*"),
        ("number", 8, 8.0),
        ("numbers", [0.1, 1], (0.1, 1.0)),
    ],
)
def test_what_is_written(kind, written, read):
    assert KINDS[kind].read(written) == read


@pytest.mark.parametrize(
    ("kind", "written", "message"),
    [
        ("duration", 500, "write a duration with its unit, such as 500ms or 1.2s (got 500)"),
        ("duration", "61min", "a duration is at most an hour, 60min (got '61min')"),
        ("peaks", "96..41 LSB", "peaks go from low to high and up to 32767 LSB (got '96..41 LSB')"),
        ("peaks", 41, "write a peak with its unit, such as 12000 LSB or 41..96 LSB (got 41)"),
        ("decibels", -34, "write decibels with their unit, such as -34 dB (got -34)"),
        ("decibels", "121 dB", "decibels go from -120 to 120 dB (got '121 dB')"),
        ("decibels", "-20..-40 dB", "a range goes from low to high (got '-20..-40 dB')"),
        ("decibels", "-20..121 dB", "decibels go from -120 to 120 dB (got '121 dB')"),
        ("number", "0.5", "give a number from -1 to 8.5 (got '0.5')"),
        ("number", "0.5..9", "give a number from -1 to 8.5 (got 9.0)"),
        ("number", "5..1", "a range goes from low to high (got '5..1')"),
        ("whole", "0..5", "give a whole number from 1 to 20 (got 0)"),
        ("whole", "2..2.5", "give a whole number from 1 to 20 (got '2..2.5')"),
        ("text", " ", "write some text (got ' ')"),
        ("number", True, "give a number from -1 to 8.5 (got True)"),
        ("number", float("nan"), "give a number from -1 to 8.5 (got nan)"),
        ("whole", 0, "give a whole number from 1 to 20 (got 0)"),
        ("whole", 1.5, "give a whole number from 1 to 20 (got 1.5)"),
        ("one of", "frist", "'frist' is unknown; did you mean 'first'?"),
        ("numbers", [], "write a list of numbers, such as [0.1, 0.9] (got [])"),
        ("numbers", [0.5, 2], "give a number from 0 to 1 (got 2)"),
    ],
)
def test_mistakes(kind, written, message):
    with pytest.raises(ValueError) as caught:
        KINDS[kind].read(written)
    assert str(caught.value) == message


def test_a_parameter_is_written_without_its_unit_and_with_blanks():
    assert make(Slow, {"delay": "2s", "wait first": 3}) == Slow(2_000_000, 3)
    assert parameters.given(Slow(2_000_000, 3)) == {"delay": "2s", "wait first": 3}
    assert parameters.given(Slow()) == {}
    assert parameters.documentation(Slow) == {"delay": "How late.", "wait first": "How many pass."}


def test_a_mistake_names_the_parameter_and_the_fault():
    with pytest.raises(SettingError) as caught:
        make(Slow, {"wait first": 0})
    assert str(caught.value) == "'wait first' of the fault 'slow': give a whole number from 1 to 20 (got 0)"
    with pytest.raises(SettingError) as caught:
        make(Slow, {"wait_first": 3})
    assert str(caught.value) == "the fault 'slow' has no parameter 'wait_first'; did you mean 'wait first'?"

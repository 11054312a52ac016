"""What an answer takes from the words and results that its rule matches."""

import json

import pytest

from harness.server.captures import LONGEST_CAPTURE, Captures, NotCaptured, filled, filled_json, longest, names_in

RESULT = json.dumps({"sky": "clear", "high": 21.5, "days": [{"high": 18}], "windy": False})
CAPTURES = Captures({"city": "Oslo", "unit": None}, RESULT, '{"city": "Bergen"}')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is {city}.", "It is Oslo."),
        ("{result.sky} in {arguments.city}", "clear in Bergen"),
        ("{result.high} and {result.days.0.high}, windy: {result.windy}", "21.5 and 18, windy: false"),
        ("{result}", RESULT),
        ("{{city}}, { city }, {}, {1}", "{city}, { city }, {}, {1}"),
    ],
)
def test_a_text(text: str, expected: str) -> None:
    assert filled(text, CAPTURES) == expected


@pytest.mark.parametrize(
    "name", ["town", "unit", "result.cloud", "result.days.7", "result.sky.colour", "arguments.unit", "city.name"]
)
def test_what_was_not_captured(name: str) -> None:
    with pytest.raises(NotCaptured, match=name):
        filled(f"It is {{{name}}}.", CAPTURES)


def test_a_result_that_is_no_json_has_no_fields() -> None:
    assert filled("{result}", Captures({}, "sunny")) == "sunny"
    for broken in ("sunny", "[" * 100_000, ""):
        with pytest.raises(NotCaptured):
            filled("{result.sky}", Captures({}, broken))


def test_arguments_keep_the_type_of_a_capture_that_stands_alone() -> None:
    document = '{"city": "{city}", "high": "{result.high}", "all": [{"note": "{result.high} degrees"}], "n": 1}'
    assert json.loads(filled_json(document, CAPTURES)) == {
        "city": "Oslo", "high": 21.5, "all": [{"note": "21.5 degrees"}], "n": 1,
    }  # fmt: skip


def test_a_capture_with_quotes_cannot_leave_its_string() -> None:
    captured = Captures({"city": '", "admin": true, "x": "'})
    assert json.loads(filled_json('{"city": "{city}"}', captured)) == {"city": '", "admin": true, "x": "'}


def test_a_number_beyond_a_float_is_null() -> None:
    """JSON has no infinity: a client that parses the arguments of its call would fail."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    for huge in ("1e999", "-1e999", "Infinity"):
        captured = Captures({}, f'{{"high": {huge}}}')
        assert json.loads(filled_json('{"high": "{result.high}"}', captured), parse_constant=refuse) == {"high": None}


def test_what_a_client_sends_has_an_end() -> None:
    """However long a text is that a client sends, and whatever is in it, the answer can be spoken and sent."""
    huge = Captures({"all": "x" * 10**6}, json.dumps({"many": list(range(10**5)), "half": "\ud800"}))
    for text in ("{all}", "{result}", "{result.many}", "{result.half}"):
        assert 1 <= len(filled(text, huge).encode()) <= LONGEST_CAPTURE
        assert len(filled_json(json.dumps({"a": text}), huge).encode()) <= 2 * LONGEST_CAPTURE
    assert len(longest("It is {all} here").split()) == 3 + LONGEST_CAPTURE // 2


def test_the_names_in_a_text() -> None:
    assert [*names_in("{city} and {{town}} and {result.a.0}")] == ["city", "result.a.0"]

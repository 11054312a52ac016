"""Damaged texts are still texts."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.faults.damage import damaged_text


def test_corrupt_changes_one_character():
    assert damaged_text(b'{"audio": "AAAA"}', "corrupt") == b'{"audio": "~AAA"}'


def test_truncate_leaves_the_first_half():
    assert damaged_text(b"123456789", "truncate") == b"1234"


@given(st.text(min_size=1), st.sampled_from(["corrupt", "truncate"]))
def test_property_text_stays_text(text, damage):
    damaged_text(text.encode(), damage).decode()


@pytest.mark.parametrize("text", ["{}", '{"type": "response.done", "text": "こんにちは"}'])
def test_half_an_event_is_no_json(text):
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(damaged_text(text.encode(), "truncate"))

"""The ids of a session."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.server.shared import IdSource


@pytest.mark.behaviour("ids")
@given(st.text())
def test_ids_have_the_captured_shape(name):
    """Captured (§2.3, notes): a prefix and 21 base62 characters; recordings of 2026-07/08: 16 of a call."""
    source = IdSource(name)
    assert re.fullmatch(r"event_[0-9A-Za-z]{21}", source.mint("event"))
    assert re.fullmatch(r"call_[0-9A-Za-z]{16}", source.mint("call"))


@pytest.mark.behaviour("ids")
def test_ids_are_unique_and_ordered_in_time():
    """Captured (§2.3): their leading characters are time-ordered."""
    source = IdSource("7/1")
    minted = [source.mint("item") for _ in range(2000)]
    assert minted == sorted(set(minted))


def test_the_name_decides():
    assert IdSource("7/1").mint("item") == IdSource("7/1").mint("item") != IdSource("7/2").mint("item")


@given(st.sampled_from(["item", "call"]), st.text(max_size=40), st.integers(1, 2_000_000_000))
def test_a_source_knows_its_own_ids(prefix, text, count):
    source, other = IdSource("live/1"), IdSource("live/2")
    mine = source.mint(prefix).replace("000000001", f"{count:09d}")
    assert source.is_of(mine) and not other.is_of(mine)
    assert not source.is_of(text) and not source.is_of(f"{text} {mine}") and not source.is_of(f"{mine}x")

"""Text in lines that fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from harness.report.fitting import fitted


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("", 5, []),
        ("one two  three", 7, ["one two", "three"]),
        ("abcdefgh ij", 4, ["abcd", "efgh", "ij"]),
        ("日本語", 4, ["日本", "語"]),
        ("日本", 1, ["日", "本"]),  # a character is never broken
    ],
)
def test_words_stand_in_lines(text, cells, lines):
    assert fitted(text, cells) == lines


@given(st.text(), st.integers(2, 40))
def test_no_line_is_wider_and_no_character_is_lost(text, cells):
    lines = fitted(text, cells)
    assert all(cell_len(line) <= cells for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())

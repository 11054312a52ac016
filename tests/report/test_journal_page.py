"""docs/journal.md: every kind of entry is there, and its example line is one that the reader takes for it."""

import json
from pathlib import Path

import pytest

from harness.journal.entries import CLOSED, OPEN
from harness.journal.files import entry_of
from harness.report.journal_page import EXAMPLES, page

PAGE = (Path(__file__).parent.parent.parent / "docs" / "journal.md").read_text()


def test_the_page_is_fresh():
    assert page().rstrip() + "\n" == PAGE


def test_there_is_one_example_of_each_class():
    assert sorted(type(example).__name__ for example in EXAMPLES) == sorted(each.__name__ for each in (*CLOSED, *OPEN))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: type(example).__name__)
def test_an_example_is_on_the_page_and_is_read_back(example):
    lines = [line for line in PAGE.splitlines() if line.startswith('{"t":')]
    (line,) = (line for line in lines if json.loads(line) == example.document())
    assert entry_of(json.loads(line)) == example


@pytest.mark.parametrize("entry_class", [*CLOSED, *OPEN], ids=lambda entry_class: entry_class.__name__)
def test_each_kind_says_who_writes_it_and_what_its_fields_mean(entry_class):
    section = PAGE.split(f"— `{entry_class.__name__}`")[1].split("\n### ")[0].split("\n## ")[0]
    assert f"Written by {entry_class.written_by}." in section
    for name in entry_class.__struct_fields__:
        assert name in ("t", "kind") or f"| `{name}` | " in section
    assert "|  |" not in section

"""The journal: the same bytes for the same happenings, and back."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.journal import FORMAT, Entry, Journal, parse, read

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
fields = st.dictionaries(
    st.text(max_size=6).filter(lambda name: name not in ("t", "lane", "kind", "self")), values, max_size=4
)
entries = st.lists(st.tuples(st.integers(0, 2**53), st.text(max_size=5), st.text(max_size=8), fields), max_size=6)


def journal_of(header, written):
    journal = Journal(header)
    for t, lane, kind, more in written:
        journal.write(t, lane, kind, **more)
    return journal


def test_the_lines_of_a_small_journal():
    journal = journal_of({"seed": 7}, [(0, "server", "session.created", {}), (1_500, "user", "speaks", {"clip": "é"})])
    assert b"".join(journal.lines()).decode() == (
        f'{{"stillthere":{FORMAT},"seed":7}}\n'
        '{"t":0,"lane":"server","kind":"session.created"}\n'
        '{"t":1500,"lane":"user","kind":"speaks","clip":"é"}\n'
    )


@given(entries)
def test_the_digest_is_that_of_the_lines(written):
    journal = journal_of({"seed": 1}, written)
    assert journal.sha256() == hashlib.sha256(b"".join(journal.lines())).hexdigest()
    assert journal.sha256() == journal_of({"seed": 1}, written).sha256() != journal_of({"seed": 2}, written).sha256()


@given(entries, fields.filter(lambda header: "stillthere" not in header))
def test_a_journal_is_read_back_as_it_was_saved(tmp_path_factory, written, header):
    """Texts come from clients: whatever line breaks of Unicode they hold, an entry stays one line."""
    path = tmp_path_factory.mktemp("journal") / "deep" / "run.jsonl"
    journal = journal_of(header, written)
    journal.save(path)
    again = read(path)
    assert again.header == journal.header and again.entries == journal.entries and again.sha256() == journal.sha256()


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x1c", "\r", "\r\n"])
def test_line_breaks_within_a_text(tmp_path, separator):
    journal = journal_of({}, [(0, "server", "error", {"message": f"a{separator}b"})])
    journal.save(tmp_path / "run.jsonl")
    assert read(tmp_path / "run.jsonl").entries == journal.entries


def test_entries_by_lane_and_kind():
    journal = journal_of({}, [(0, "a", "x", {}), (1, "b", "x", {}), (2, "a", "y", {}), (3, "a", "z", {})])
    assert [entry.t for entry in journal.select("a")] == [0, 2, 3]
    assert [entry.t for entry in journal.select("a", "x", "z")] == [0, 3]
    assert list(journal.select("c")) == []
    assert journal.entries[2] == Entry(2, "a", "y", {})


HEADER = json.dumps({"stillthere": FORMAT})


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (["hello"], "run:1:1:"),
        (['{"stillthere": 99}'], "run:1:1:"),
        (["[]"], "run:1:1:"),
        (['{"t": 0, "lane": "a", "kind": "x"}'], "run:1:1:"),
        ([HEADER, '{"t": 0, "lane": "a"}'], "run:2:1:"),
        ([HEADER, '{"t": 0, "lane": "a", "kind": "x"}', "{"], "run:3:1:"),
        ([HEADER, "5"], "run:2:1:"),
        ([HEADER, "[" * 200_000], "run:2:1:"),
        ([], "run is empty"),
    ],
)
def test_what_is_no_journal(lines, place):
    with pytest.raises(InputError) as raised:
        parse(lines, "run")
    assert str(raised.value).startswith(place)


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty").write_bytes(b"")
    for name, words in [("missing", "cannot be read"), ("binary", "cannot be read"), ("empty", "is empty")]:
        with pytest.raises(InputError, match=words) as raised:
            read(tmp_path / name)
        assert name in str(raised.value)

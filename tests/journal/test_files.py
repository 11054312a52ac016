"""Journals from files: read as they were saved, old ones too, and a mistake has its place."""

import json
from pathlib import Path

import pytest
from hypothesis import given

from harness.errors import InputError
from harness.journal import (
    FORMAT,
    ClientLog,
    ClientPong,
    ClientReopensCapture,
    ClientTellsUser,
    EventAtClient,
    FaultInjected,
    UnknownEntry,
    parse,
    read,
)
from harness.journal.entries import CLOSED
from harness.verdict.diagnosis import diagnose
from harness.verdict.links import PERHAPS, SURE
from tests.journal.strategies import fields, unknown_kinds, unknown_lanes, written
from tests.journal.testing import journal_of, lines

FORMATS = Path(__file__).parent / "formats"
HEADER = json.dumps({"stillthere": FORMAT})


def parsed(**document):
    """The entry of a line."""
    (entry,) = parse([HEADER, json.dumps(document)], "run").entries
    return entry


@given(written, fields("stillthere"))
def test_a_journal_is_read_back_as_it_was_saved(tmp_path_factory, entries, header):
    """Texts come from clients: whatever line breaks of Unicode they hold, an entry stays one line."""
    path = tmp_path_factory.mktemp("journal") / "deep" / "run.jsonl"
    journal = journal_of(header, entries)
    journal.save(path)
    again = read(path)
    assert again.header == journal.header and again.entries == journal.entries and again.sha256() == journal.sha256()


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x1c", "\r", "\r\n"])
def test_line_breaks_within_a_text(tmp_path, separator):
    journal = journal_of({}, [ClientTellsUser(t=0, text=f"a{separator}b")])
    journal.save(tmp_path / "run.jsonl")
    assert read(tmp_path / "run.jsonl").entries == journal.entries


@given(unknown_lanes | unknown_kinds)
def test_what_a_later_version_wrote_is_kept_and_written_back_the_same(entry):
    (again,) = parse([HEADER, *lines(entry)], "run").entries
    assert type(again) is UnknownEntry and again == entry
    assert lines(again) == lines(entry)


@pytest.mark.parametrize("kind", sorted(str(each.kind) for each in CLOSED if each.lane == "client"))
def test_a_clients_own_log_may_use_a_kind_of_the_lane(kind):
    entry = parsed(t=5, lane="client", kind=kind, mine=1)
    assert entry == ClientLog(t=5, kind=kind, fields={"mine": 1})
    assert json.loads(*lines(entry)) == {"t": 5, "lane": "client", "kind": kind, "mine": 1}


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("tells_user", {"text": "sorry"}, ClientTellsUser(t=5, text="sorry")),
        ("tells_user", {"text": 7}, ClientLog(t=5, kind="tells_user", fields={"text": 7})),
        ("pong", {"connection": 1}, ClientPong(t=5, connection=1)),
        ("pong", {}, ClientLog(t=5, kind="pong", fields={})),
        ("reopens_capture", {}, ClientReopensCapture(t=5)),
        ("reopens_capture", {"why": "x"}, ClientLog(t=5, kind="reopens_capture", fields={"why": "x"})),
        ("response.create", {"connection": 1}, EventAtClient(t=5, kind="response.create", connection=1, fields={})),
        ("response.create", {"why": "x"}, ClientLog(t=5, kind="response.create", fields={"why": "x"})),
    ],
)  # fmt: skip
def test_the_fields_decide_whether_an_entry_of_the_client_is_its_own(kind, fields, expected):
    assert parsed(t=5, lane="client", kind=kind, **fields) == expected


FIELDS = [(each, name) for each in CLOSED if each.lane != "client" for name in each.__struct_fields__ if name != "kind"]


@pytest.mark.parametrize(("cls", "field"), FIELDS, ids=lambda part: getattr(part, "__name__", part))
def test_a_field_of_another_type_is_a_mistake_with_its_place(cls, field):
    right = dict.fromkeys(cls.__struct_fields__, 0)
    document = {**right, "lane": cls.lane, "kind": cls.kind, field: {"a": []}}
    with pytest.raises(InputError, match=r"^run:3:1: "):
        parse([HEADER, '{"t":0,"lane":"world","kind":"heal"}', json.dumps(document)], "run")


@pytest.mark.parametrize(
    "document",
    [
        {"lane": "speaker", "kind": "heard"},
        {"lane": "room", "kind": "typing", "length_us": "2 s"},
        {"lane": "fault", "kind": "mute"},
        {"lane": "fault", "kind": "mute", "length_us": 0.5},
        {"lane": "server", "kind": "response.created"},
        {"lane": "server", "kind": "response.created", "connection": "1"},
        {"lane": 5, "kind": "response.created"},
        {"lane": "new", "kind": None},
    ],
)
def test_missing_and_wrong_fields_are_mistakes_with_their_place(document):
    with pytest.raises(InputError, match=r"^run:2:1: "):
        parse([HEADER, json.dumps({"t": 0, **document})], "run")


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (["hello"], "run:1:1:"),
        (['{"stillthere": 99}'], "run:1:1:"),
        (["[]"], "run:1:1:"),
        (['{"t": 0, "lane": "a", "kind": "x"}'], "run:1:1:"),
        ([HEADER, '{"t": 0, "lane": "a"}'], "run:2:1:"),
        ([HEADER, '{"t": "0", "lane": "a", "kind": "x"}'], "run:2:1:"),
        ([HEADER, "{", '{"t": 0, "lane": "a", "kind": "x"}'], "run:2:1:"),
        ([HEADER, "{", "{"], "run:2:1:"),
        ([HEADER, "", '{"t": 0, "lane": "a", "kind": "x"}'], "run:2:1:"),
        ([HEADER, "\0\0", '{"t": 0, "lane": "a", "kind": "x"}'], "run:2:1:"),
        ([HEADER, "and more"], "run:2:1:"),
        (['{"stillth'], "run:1:1:"),
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


# --- a last line that is torn ---


TORN = ("run.jsonl:3: the last line is torn", "its writer ended in it")
WHOLE = HEADER.encode() + b'\n{"t":0,"lane":"client","kind":"tells_user","text":"first"}\n'
LAST = '{"t":1,"lane":"client","kind":"tells_user","text":"né 🙂"}\n'.encode()


def written_as(tmp_path, data):
    path = tmp_path / "run.jsonl"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("length", range(1, len(LAST) - 1))
@pytest.mark.parametrize("end", [b"", b"\n", b"\0" * 5_000], ids=["", "newline", "zeros"])
def test_a_last_line_that_is_cut_anywhere_is_left_out_with_a_note(tmp_path, length, end):
    """Within a character of several bytes too; zeros are what some file systems leave after a loss of power."""
    found = read(written_as(tmp_path, WHOLE + LAST[:length] + end))
    assert found.entries == [ClientTellsUser(t=0, text="first")]
    (note,) = found.notes
    assert all(words in note for words in TORN) and "\n" not in note


@pytest.mark.parametrize("zeros", [b"\0", b"\0" * 4_096, b"\0\0\n"])
def test_zeros_after_the_last_line_are_a_note(tmp_path, zeros):
    found = read(written_as(tmp_path, WHOLE + LAST + zeros))
    assert len(found.entries) == 2 and "run.jsonl:4: the last line is torn" in found.notes[0]


@pytest.mark.parametrize("data", [WHOLE + LAST, WHOLE + LAST[:-1], WHOLE + LAST + b"\n\n", WHOLE + LAST + b" \r\n"])
def test_a_whole_journal_has_no_note(tmp_path, data):
    found = read(written_as(tmp_path, data))
    assert [entry.t for entry in found.entries] == [0, 1] and found.notes == []


@pytest.mark.parametrize(
    "change", [lambda data: b"\xef\xbb\xbf" + data, lambda data: data.replace(b"\n", b"\r\n")], ids=["BOM", "CRLF"]
)
def test_what_an_editor_makes_of_a_journal_is_read(tmp_path, change):
    found = read(written_as(tmp_path, change(WHOLE + LAST)))
    assert [entry.t for entry in found.entries] == [0, 1] and found.notes == []


@pytest.mark.parametrize("cut", [LAST[:20], LAST.replace(b"\xa9", b"")], ids=["half a line", "half a character"])
def test_a_broken_line_before_the_last_is_a_mistake_with_its_place(tmp_path, cut):
    with pytest.raises(InputError, match=r"run\.jsonl:3:1: "):
        read(written_as(tmp_path, WHOLE + cut.rstrip() + b"\n" + LAST))


def test_two_journals_in_one_file_are_a_mistake_with_its_place(tmp_path):
    with pytest.raises(InputError, match=r"run\.jsonl:3:1: another journal begins here; write each journal to a file"):
        read(written_as(tmp_path, WHOLE + WHOLE))


# --- journals of each format, see formats/README.md ---


def test_the_journals_of_the_format_in_use_are_there():
    assert [path.name for path in sorted((FORMATS / str(FORMAT)).iterdir())] == [
        "half_open_socket.jsonl",
        "live.jsonl",
        "reported_freeze.jsonl",
    ]


@pytest.mark.parametrize("path", sorted(FORMATS.glob("*/*.jsonl")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_old_journal_is_read_and_nothing_of_it_is_lost(path):
    journal = read(path)
    assert not list(journal.select(UnknownEntry))
    written, kept = path.read_bytes(), b"".join(journal.lines())
    if journal.header["stage"] == "live":  # there `connection` stands first in every line
        assert [*map(json.loads, kept.splitlines())] == [*map(json.loads, written.splitlines())]
    else:
        assert kept == written


@pytest.mark.parametrize(
    ("name", "state", "cause", "since_us", "confidence", "evidence"),
    [
        ("half_open_socket", "answered", None, None, SURE, ("what the user said last was answered",)),
        (
            "reported_freeze",
            "silent",
            "capture_dead",
            90_670_422,
            SURE,
            (
                "the user spoke at -13 dBFS from 90.670 s",
                "the microphone delivered 200 chunks that peak at 96 of 32768",
            ),
        ),
    ],
)
def test_an_old_journal_is_diagnosed_as_it_was(name, state, cause, since_us, confidence, evidence):
    found = diagnose(read(FORMATS / "1" / f"{name}.jsonl"))
    assert (found.state, found.cause, found.since_us, found.confidence) == (state, cause, since_us, confidence)
    assert found.evidence == evidence


def test_an_old_live_journal_is_diagnosed_as_it_was():
    journal = read(FORMATS / "1" / "live.jsonl")
    (fault,) = journal.select(FaultInjected)
    assert (fault.kind, fault.connection, fault.length_us) == ("mute", 1, 1_000_000)
    found = diagnose(journal)
    assert (found.state, found.cause, found.confidence) == ("answered", None, PERHAPS)
    assert found.evidence == (
        "the answer was sent whole at 3.156 s",
        "the fault mute was injected at 3.001 s",
        "the journal of a live server holds neither the user nor what the client captured, received and played",
    )

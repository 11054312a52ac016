"""What is wrong with a log is said in one sentence, and what could be read of it is used."""

import codecs
import gzip
import json
import os
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import InputError
from harness.logs import gathering
from harness.logs.logged import SessionLog
from harness.logs.read import read_log
from harness.logs.redacted import redacted

from .testing import BEGAN_S, EVENTS, FIXTURES, INSPECT, flow, har, json_lines, kinds, messages, tnet

ALL = [event["type"] for _, event in EVENTS]
RECORDS = [{"ts": BEGAN_S + t, "event": event} for t, event in EVENTS]
JOURNAL = (
    '{"stillthere":2,"stage":"virtual"}\n{"t":0,"lane":"connection","kind":"open","connection":1}\n'
    '{"t":32729,"lane":"client","kind":"session.created","connection":1}\n'
    '{"t":400000,"lane":"uplink","kind":"audio","connection":1,"chunks":19,"samples":9120,"rms":12.5,"peak":41,"zeros":0}\n'
    '{"t":900000,"lane":"world","kind":"end"}\n'
)
LOGS = {
    "HAR": har(messages()).encode(),
    "flow": flow(),
    "two flows": tnet({b"type": b"http", b"request": {b"host": b"a"}}) + flow(),
    "lines": json_lines(RECORDS).encode(),
    "array": json.dumps(RECORDS, indent=1).encode(),
    "object": json.dumps({"events": RECORDS}).encode(),
    "packed": gzip.compress(json_lines(RECORDS).encode()),
    "text": INSPECT.encode(),
    "journal": JOURNAL.encode(),
    "UTF-16": codecs.BOM_UTF16_LE + json_lines(RECORDS).encode("utf-16-le"),
}
RECORDED = {path.name: gzip.decompress(path.read_bytes()) for path in sorted(FIXTURES.glob("*.gz"))}


@st.composite
def damaged(draw):
    """A log that was cut, overwritten, doubled, or had a part taken out or put in."""
    data = draw(st.sampled_from([*LOGS.values(), *RECORDED.values()]))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)))
        end = min(len(data), at + draw(st.sampled_from([1, 2, 7, 60, 5000])))
        how = draw(st.sampled_from(["cut", "behead", "remove", "double", "write", "put"]))
        bytes_put = draw(st.one_of(st.binary(max_size=8), st.sampled_from(WEIRD)))
        data = {
            "cut": data[:at],
            "behead": data[at:],
            "remove": data[:at] + data[end:],
            "double": data[:end] + data[at:],
            "write": data[:at] + bytes_put + data[at + len(bytes_put) :],
            "put": data[:at] + bytes_put + data[at:],
        }[how]
    return data


WEIRD = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"\\",
    b"\n",
    b"\0" * 50,
    b"\xff\xfe",
    b"NaN",
    b"-1e999",
    b"9" * 400,
    b"[" * 3000,
    b'{"a":' * 3000,
    b"\\ud800",
    b"'",
]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=damaged())
def test_no_damage_is_a_traceback(tmp_path, data):
    path = tmp_path / "a.log"
    path.write_bytes(data)
    try:
        log = read_log(path)
    except InputError as error:
        assert "\n" not in str(error) and "a.log" in str(error)
    else:
        assert isinstance(log, SessionLog)
        for session in log.sessions:
            known = [event.t for event in session.events if event.t is not None]
            assert known == sorted(known)


@pytest.mark.parametrize("name", ["HAR", "flow", "lines", "array", "object", "packed", "UTF-16"])
def test_the_first_half_of_a_log_is_used(tmp_path, name):
    data = LOGS[name]
    (tmp_path / "a").write_bytes(data[: len(data) * 3 // 5])
    log = read_log(tmp_path / "a")
    found = kinds(log)
    assert 5 < len(found) < len(ALL) and found == ALL[: len(found)]
    assert len(log.notes) >= 1 and all("\n" not in note for note in log.notes)


def test_a_broken_record_in_the_middle_is_left_out(tmp_path):
    lines = json_lines(RECORDS).splitlines()
    lines[3] = lines[3][:50]
    lines[6] = "ERROR: could not write the log"
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    log = read_log(tmp_path / "a.jsonl")
    assert len(kinds(log)) == len(ALL) - 2
    assert log.notes == ("2 records are no JSON, the first in line 4; what could not be read is left out.",)


def test_a_broken_message_of_a_har_is_left_out(tmp_path):
    text = har(messages()).replace(
        '"opcode": 1, "data": "{\\"type\\": \\"session.created',
        '"opcode": 1 "data": "{\\"type\\": \\"session.created',
        1,
    )
    (tmp_path / "a.har").write_text(text)
    log = read_log(tmp_path / "a.har")
    assert kinds(log) == [kind for kind in ALL if kind != "session.created"]
    assert log.notes == ("1 of 25 messages of socket 2 are no JSON; they are left out.",)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings(tmp_path, encoding):
    """PowerShell's `>` writes UTF-16."""
    (tmp_path / "a.jsonl").write_bytes(json_lines(RECORDS).encode(encoding))
    assert kinds(read_log(tmp_path / "a.jsonl")) == ALL


def test_zeros_of_a_lost_disk_are_skipped(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(json_lines(RECORDS).encode() + b"\0" * 5000)
    assert kinds(read_log(tmp_path / "a.jsonl")) == ALL


EMPTY_HAR = b'{"log":{"version":"1.2","creator":{"name":"%s","version":"1"},"entries":[]}}'
NO_LOGS = {
    "empty": (b"", "is empty"),
    "spaces": (b" \n\n", "is empty"),
    "noise": (bytes(range(256)) * 40, "holds no events"),
    "webrtc-internals": (b'{"getUserMedia":[],"PeerConnections":{}}', "chrome://webrtc-internals.*data channel"),
    "pipecat": (b"10:00:00.123 | DEBUG | pipecat.frame_processor:link:178 - Linking A\n", "pipecat.*docs/logs.md"),
    "openai-agents": (b"DEBUG:openai.agents:Tracing is disabled\n", "openai-agents.*docs/logs.md"),
    "chrome-har": (EMPTY_HAR % b"chrome-har", "leaves out WebSockets"),
    "HAR without sockets": (EMPTY_HAR % b"WebInspector", "open DevTools before"),
    "wscat": (b"Connected (press CTRL+C to quit)\n< hi\n", "wscat"),
    "pcap": (b"\xd4\xc3\xb2\xa1" + bytes(40), "encrypted"),
    "pcapng": (b"\x0a\x0d\x0d\x0a" + bytes(40), "encrypted"),
    "zip": (b"PK\x03\x04" + bytes(40), "unpack"),
    "sentry": (b'{"event_id":"a","breadcrumbs":{"values":[]}}', "Sentry"),
    "page": (b"<!DOCTYPE html><p>log in", "a web page"),
}


@pytest.mark.parametrize("name", NO_LOGS)
def test_what_is_no_log_of_events_is_told(tmp_path, name):
    data, said = NO_LOGS[name]
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(InputError, match=said) as raised:
        read_log(tmp_path / "a")
    assert "\n" not in str(raised.value)


def test_what_is_no_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "missing", "a\0b"):
        with pytest.raises(InputError, match=r"holds a log|cannot be read"):
            read_log(path)


def test_a_small_file_that_unpacks_to_much_is_read_in_little_memory(tmp_path):
    with gzip.open(tmp_path / "bomb.gz", "wb", compresslevel=1) as file:
        for _ in range(60):
            file.write(b"[" * 1_000_000)
    with pytest.raises(InputError):
        read_log(tmp_path / "bomb.gz")


MEASURE = """
import resource, sys
from pathlib import Path
from benchmarks.logs import memory
from harness.logs.read import read_log
from harness.logs.redacted import redacted
path = Path(sys.argv[1])
(memory.write_har if sys.argv[2] == "har" else memory.write_jsonl)(path, 40_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
log = read_log(path)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, sum(len(each.events) for each in log.sessions))
"""


@pytest.mark.parametrize("form", ["har", "jsonl"])
def test_memory_is_bounded(tmp_path, form):
    """40 MB, of which the audio alone is 29 MB; `benchmarks/logs/memory.py` measures 200 MB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "log"), form], capture_output=True, text=True, check=True
    )
    grown_kib, count = map(int, done.stdout.split())
    assert count > 9_000 and grown_kib < 48 * 1024


@pytest.mark.parametrize("depth", [50, 400, 900, 5000])
@pytest.mark.parametrize("brackets", [("[", "]"), ('{"a":', "}"), ('{"item":', "}"), ('[{"session":', "}]")])
@pytest.mark.parametrize("form", ["event", "record", "text"])
def test_what_is_nested_deeply(tmp_path, depth, brackets, form):
    """Python's own parser gives up somewhere above 900 brackets; what it still reads must not be too deep for us."""
    deep = brackets[0] * depth + "1" + brackets[1] * depth
    event = {"event": f'{{"type":"response.done","response":{deep}}}', "record": deep, "text": json.dumps(deep)}[form]
    (tmp_path / "a").write_text(json_lines(RECORDS) + f'{{"ts":{BEGAN_S + 9},"event":{event}}}\n')
    log = read_log(tmp_path / "a")
    assert kinds(log)[: len(ALL)] == ALL
    assert "response.done" in "".join(redacted(log))


def test_a_log_of_too_many_events_is_used_up_to_there(tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "MOST_TEXT_BYTES", 900)
    (tmp_path / "a.jsonl").write_text(json_lines(RECORDS))
    log = read_log(tmp_path / "a.jsonl")
    found = kinds(log)
    assert 2 < len(found) < len(ALL) and found == ALL[: len(found)]
    assert log.notes == (f"The log has more than {len(found)} events; what comes later is missing.",)


def test_packed_logs_that_were_put_together(tmp_path):
    middle = len(RECORDS) // 2
    (tmp_path / "a.gz").write_bytes(
        gzip.compress(json_lines(RECORDS[:middle]).encode()) + gzip.compress(json_lines(RECORDS[middle:]).encode())
    )
    assert kinds(read_log(tmp_path / "a.gz")) == ALL


ENDLESS = {
    "an object that never ends": "x {" + '"a": {\n},\n' * 20_000,
    "a quote that never ends": 'x {"a": "' + "b" * 3_000_000,
    "brackets": "[" * 2_000_000,
    "objects in objects": '{"a":' * 400_000,
    "one long line": "socket closed " * 300_000,
    "many quotes": "x {'" + "\\'" * 1_000_000,
    "numbers": "[" + "1," * 500_000,
    "a HAR of brackets": '{"log":{"entries":[' + "{" * 1_000_000,
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_is_given_up(tmp_path, name):
    """Some megabytes take seconds at most: what is looked at again is bounded."""
    (tmp_path / "a").write_text(ENDLESS[name])
    began = time.process_time()
    with pytest.raises(InputError):
        read_log(tmp_path / "a")
    assert time.process_time() - began < 30

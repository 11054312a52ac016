"""The same session in many forms is the same session."""

import gzip
import itertools
import json

import pytest

from harness.errors import InputError, StillthereError
from harness.logs.read import read_log

from .testing import BEGAN_S, CHUNK, EVENTS, FIXTURES, flow, har, is_client, json_lines, kinds, messages, times

ALL = [event["type"] for _, event in EVENTS]
AT = [t for t, _ in EVENTS]


def iso(t, zone="Z"):
    return f"2026-11-28T17:12:{t:06.3f}{zone}"


FORMS = {
    "epoch s, event": lambda t, event: {"ts": BEGAN_S + t, "event": event},
    "epoch ms, data": lambda t, event: {"time": round((BEGAN_S + t) * 1000), "data": event},
    "epoch us, flat": lambda t, event: {**event, "timestamp": round((BEGAN_S + t) * 1e6)},
    "ISO with a zone": lambda t, event: {"timestamp": iso(t), "payload": {"event": event}},
    "ISO with another zone": lambda t, event: {"timestamp": iso(t, "+01:00"), "event": event},
    "ISO without a zone": lambda t, event: {"timestamp": iso(t, ""), "event_data": event},
    "ISO with a space": lambda t, event: {"asctime": iso(t, "").replace("T", " "), "message": json.dumps(event)},
    "ISO with a comma": lambda t, event: {"asctime": iso(t, "").replace(".", ","), "message": json.dumps(event)},
    "monotonic s": lambda t, event: {"timestamp_monotonic": 81234.5 + t, "payload": {"dir": "in", "event": event}},
    "performance.now()": lambda t, event: {"t": 4211.25 + t * 1000, "event": event},
    "relative ms": lambda t, event: {"t_ms": round(t * 1000), "msg": json.dumps(event)},
    "time as text": lambda t, event: {"ts": str(BEGAN_S + t), "event": event},
    "type beside it": lambda t, event: {"ts": BEGAN_S + t, "event_type": event["type"], "event_data": event},
    "type of the record": lambda t, event: {"type": event["type"], "at": BEGAN_S + t, "data": event},
    "logger": lambda t, event: {"level": 20, "time": (BEGAN_S + t) * 1000, "lk.pii.event": event, "msg": "sent"},
}


def records_of(form):
    return [FORMS[form](t, event) for t, event in EVENTS]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("layout", ["lines", "array", "pretty", "object"])
def test_json_of_any_layout_is_the_same_session(tmp_path, form, layout):
    records = records_of(form)
    text = {
        "lines": json_lines(records),
        "array": json.dumps(records),
        "pretty": "\n".join(json.dumps(record, indent=2) for record in records),
        "object": json.dumps({"exported": "by hand", "events": records}),
    }[layout]
    (tmp_path / "a.txt").write_text(text)
    log = read_log(tmp_path / "a.txt")
    assert kinds(log) == ALL
    assert times(log) == pytest.approx(AT, abs=0.0015)
    assert log.clock == "recorded" and log.notes == ()
    assert [event.by_client for event in log.sessions[0].events] == [is_client(event) for _, event in EVENTS]
    assert log.sessions[0].name == "sess_1"
    appends = [event for event in log.sessions[0].events if event.type == "input_audio_buffer.append"]
    assert all(each.audio == CHUNK and each.audio_bytes == 1920 and "audio" not in each.event for each in appends)


@pytest.mark.parametrize("form", ["epoch s, event", "ISO with a zone", "ISO with another zone"])
def test_absolute_times_say_when_it_was(tmp_path, form):
    (tmp_path / "a.jsonl").write_text(json_lines(records_of(form)))
    earlier = 3600 if "another" in form else 0
    assert read_log(tmp_path / "a.jsonl").began_s == BEGAN_S - earlier


@pytest.mark.parametrize("form", ["ISO without a zone", "monotonic s"])
def test_times_without_a_zone_or_an_origin_do_not(tmp_path, form):
    (tmp_path / "a.jsonl").write_text(json_lines(records_of(form)))
    assert read_log(tmp_path / "a.jsonl").began_s is None


def test_times_of_day_newest_first(tmp_path):
    """The console and its copies: locale times, no date, the newest event on top; here over midnight."""
    days = ["11:59:59\u202fPM", "12:00:00\u202fAM", "12:00:01\u202fAM", "12:00:02\u202fAM"]
    records = [{**event, "timestamp": days[int(t)]} for t, event in EVENTS if not event["type"].endswith("append")]
    (tmp_path / "a.json").write_text(json.dumps(records[::-1], ensure_ascii=False))
    log = read_log(tmp_path / "a.json")
    assert kinds(log) == [kind for kind in ALL if not kind.endswith("append")]
    assert times(log)[0] == 0 and times(log)[-1] == 3 and log.tick_us == 1_000_000
    assert not log.has_appends and log.has_client_events


def test_a_label_does_not_tell_who_sent_it(tmp_path):
    """Chainlit's says `server` for everything."""
    (tmp_path / "a.jsonl").write_text(
        json_lines({"time": iso(t), "source": "server", "event": event} for t, event in EVENTS)
    )
    assert [event.by_client for event in read_log(tmp_path / "a.jsonl").sessions[0].events] == [
        is_client(e) for _, e in EVENTS
    ]


def test_the_console_counts_what_follows(tmp_path):
    """`count` is 1 for two events (openai-realtime-console, ConsolePage.tsx), and N is the length of the base64."""
    told = {"type": "input_audio_buffer.append", "audio": "[trimmed: 2560 bytes]"}
    records = [
        {"time": iso(0.0), "source": "client", "event": told, "count": 4},
        {"time": iso(0.2), "source": "server", "event": EVENTS[1][1]},
        {"time": iso(0.3), "source": "client", "event": told},
    ]
    (tmp_path / "a.json").write_text(json.dumps(records))
    log = read_log(tmp_path / "a.json")
    assert times(log) == [0, 0.04, 0.08, 0.12, 0.16, 0.2, 0.3]
    assert {event.audio_bytes for event in log.sessions[0].events if event.by_client} == {1920}
    assert not log.has_audio


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("[trimmed: 2560 bytes]", 1920),
        ("<2560 chars>", 1920),
        ("<audio 1920 bytes>", 1920),
        ("...", None),
        ("[base64 audio]", None),
        ("base64:2560", 1920),
        ("AAAAA", None),
        ("AAAA…", None),
        ("", 0),
        (None, None),
    ],
)
def test_what_stands_in_place_of_audio(tmp_path, text, size):
    records = [
        {"ts": 1, "event": EVENTS[1][1]},
        {"ts": 2, "event": {"type": "input_audio_buffer.append", "audio": text}},
    ]
    (tmp_path / "a.json").write_text(json.dumps(records))
    assert read_log(tmp_path / "a.json").sessions[0].events[1].audio_bytes == size


def test_names_of_the_beta_are_those_of_today(tmp_path):
    old = {"type": "response.audio.delta", "response_id": "resp_1", "delta": "AAAA"}
    (tmp_path / "a.json").write_text(json.dumps([{"ts": 1, "event": EVENTS[1][1]}, {"ts": 2, "event": old}]))
    event = read_log(tmp_path / "a.json").sessions[0].events[1]
    assert event.type == "response.output_audio.delta" and event.audio == b"\0\0\0"


def test_a_second_session_begins_another(tmp_path):
    again = [
        (t + 10, event if "session" not in event else {**event, "session": {**event["session"], "id": "sess_2"}})
        for t, event in EVENTS
    ]
    (tmp_path / "a.jsonl").write_text(json_lines({"ts": t, "event": event} for t, event in [*EVENTS, *again]))
    log = read_log(tmp_path / "a.jsonl")
    assert [session.name for session in log.sessions] == ["sess_1", "sess_2"]
    assert [[event.type for event in session.events] for session in log.sessions] == [ALL, ALL]


def test_sessions_that_a_log_names_are_kept_apart(tmp_path):
    mixed = [
        {"ts": t + shift, "sessionId": name, "event": event}
        for t, event in EVENTS
        for shift, name in ((0, "a"), (0.01, "b"))
    ]
    (tmp_path / "a.jsonl").write_text(json_lines(mixed))
    log = read_log(tmp_path / "a.jsonl")
    assert [[event.type for event in session.events] for session in log.sessions] == [ALL, ALL]


def test_a_record_of_a_close_is_kept(tmp_path):
    lines = [{"ts": t, "event": event} for t, event in EVENTS] + [
        {"ts": 4.5, "event": "closed", "code": 1011, "reason": "gone"}
    ]
    (tmp_path / "a.jsonl").write_text(json_lines(lines))
    close = read_log(tmp_path / "a.jsonl").sessions[0].close
    assert close is not None and (close.t, close.code, close.reason) == (4_500_000, 1011, "gone")


HARS = {
    "DevTools": (har(messages()), "HAR of Chromium's DevTools"),
    "Playwright": (har(messages(scale=1000), "Playwright"), "HAR of Playwright"),
    "mitmproxy": (har(messages(), "mitmproxy"), "HAR of mitmproxy"),
}


@pytest.mark.parametrize("name", HARS)
def test_har(tmp_path, name):
    text, form = HARS[name]
    (tmp_path / "a.bin").write_text(text)
    log = read_log(tmp_path / "a.bin")
    assert (kinds(log), log.form, log.notes) == (ALL, form, ())
    assert times(log) == pytest.approx(AT, abs=0.001)
    assert log.sessions[0].opened_us == 0 and log.began_s == BEGAN_S
    assert log.has_audio


def test_har_without_times(tmp_path):
    """Playwright's `omitTiming`: -1."""
    (tmp_path / "a.har").write_text(har([{**each, "time": -1} for each in messages()], "Playwright"))
    log = read_log(tmp_path / "a.har")
    assert kinds(log) == ALL and log.clock == "none" and set(times(log)) == {None}


def test_har_with_binary_messages(tmp_path):
    import base64

    binary = [{**each, "opcode": 2, "data": base64.b64encode(each["data"].encode()).decode()} for each in messages()]
    (tmp_path / "a.har").write_text(har(binary))
    assert kinds(read_log(tmp_path / "a.har")) == ALL


def test_har_with_messages_beside_it(tmp_path):
    """Playwright with `content: attach` names a file where the body of a response would be."""
    document = json.loads(har([], "Playwright", response={"status": 101, "content": {"size": -1, "_file": "ws.jsonl"}}))
    del document["log"]["entries"][1]["_webSocketMessages"]
    document["log"]["entries"][1]["_resourceType"] = "websocket"
    (tmp_path / "a.har").write_text(json.dumps(document))
    (tmp_path / "ws.jsonl").write_text(json_lines(messages(scale=1000)))
    assert kinds(read_log(tmp_path / "a.har")) == kinds(read_log(tmp_path / "ws.jsonl")) == ALL
    (tmp_path / "ws.jsonl").unlink()
    with pytest.raises(InputError, match=r"'ws\.jsonl', which is not beside the HAR"):
        read_log(tmp_path / "a.har")


def test_har_with_other_sockets(tmp_path):
    document = json.loads(har(messages()))
    other = {
        "request": {"url": "ws://127.0.0.1/hot-reload"},
        "_webSocketMessages": [{"type": "receive", "time": 1, "opcode": 1, "data": '{"type":"ping"}'}],
    }
    document["log"]["entries"] = [other, *document["log"]["entries"], *document["log"]["entries"][1:]]
    (tmp_path / "a.har").write_text(json.dumps(document))
    log = read_log(tmp_path / "a.har")
    assert [[event.type for event in session.events] for session in log.sessions] == [ALL, ALL]
    assert log.notes == ("1 socket holds no events of the Realtime protocol; what went over them is left out.",)


@pytest.mark.parametrize("packed", [False, True])
def test_flow(tmp_path, packed):
    (tmp_path / "a").write_bytes(gzip.compress(flow()) if packed else flow())
    log = read_log(tmp_path / "a")
    assert (kinds(log), log.form, log.notes) == (ALL, "flow file of mitmproxy", ())
    assert times(log) == pytest.approx(AT, abs=0.001)
    close = log.sessions[0].close
    assert close is not None and (close.code, close.by_client, close.t) == (1006, False, 3_200_000)


@pytest.mark.parametrize(
    ("name", "form", "appends", "code"),
    [
        ("devtools.har.gz", "HAR of Chromium's DevTools", 92, None),
        ("playwright.har.gz", "HAR of Playwright", 75, None),
        ("mitmproxy.har.gz", "HAR of mitmproxy", 75, None),
        ("mitmproxy.flow.gz", "flow file of mitmproxy", 75, 1000),
        ("python-logger.jsonl.gz", "log of JSON", 75, None),
    ],
)
def test_logs_of_real_recorders(name, form, appends, code):
    """What recorders wrote of a session of 3 s with chunks of 40 ms (one of them of 3.7 s)."""
    log = read_log(FIXTURES / name)
    assert (log.form, log.clock, log.notes) == (form, "recorded", ())
    (session,) = log.sessions
    sent = [event for event in session.events if event.type == "input_audio_buffer.append"]
    assert len(sent) == appends and all(event.audio_bytes == len(event.audio) == 1920 for event in sent)
    done = next(event for event in session.events if event.type == "response.done")
    assert done.event["response"]["status"] == "completed"
    assert (session.close.code if session.close else None) == code
    stretches = [(later.t - sooner.t) / 1e6 for sooner, later in itertools.pairwise(sent[5:])]
    assert sum(stretches) / len(stretches) == pytest.approx(0.04, abs=0.006)


def test_mapping(tmp_path):
    from harness.logs.mapping import parse_map

    records = [
        {"w": {"clock": BEGAN_S + t, "in": {"deep": {"er": {"still": json.dumps(event)}}}}} for t, event in EVENTS
    ]
    (tmp_path / "a.jsonl").write_text(json_lines(records))
    log = read_log(tmp_path / "a.jsonl", parse_map("time=w.clock, event=w.in.deep.er.still"))
    assert kinds(log) == ALL and times(log) == pytest.approx(AT, abs=0.001)
    with pytest.raises(InputError, match=r"By --map event=data no record holds an event; the first record has w"):
        read_log(tmp_path / "a.jsonl", parse_map("event=data"))
    for wrong in ("time", "when=ts", "time="):
        with pytest.raises(StillthereError, match="--map has"):
            parse_map(wrong)


def test_mapping_of_a_type_apart_from_its_fields(tmp_path):
    from harness.logs.mapping import parse_map

    records = [
        {"k": event["type"], "body": {key: value for key, value in event.items() if key != "type"}, "when": t}
        for t, event in EVENTS
    ]
    (tmp_path / "a.jsonl").write_text(json_lines(records))
    log = read_log(tmp_path / "a.jsonl", parse_map("time=when,type=k,event=body"))
    assert kinds(log) == ALL and times(log) == pytest.approx(AT, abs=0.001)

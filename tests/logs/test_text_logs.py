"""Text logs, as programs and people's reports have them."""

import json

import pytest

from harness.logs.read import read_log

from .testing import BEGAN_S, EVENTS, INSPECT, is_client, kinds, times

ALL = [event["type"] for _, event in EVENTS]
AT = [t for t, _ in EVENTS]
SERVER = [(t, event) for t, event in EVENTS if not is_client(event)]


def clock(t):
    return f"2026-11-28T17:12:{t:06.3f}Z"


def realtime_api_beta(t, event):
    label = "sent:" if is_client(event) else "received:"
    return f"[Websocket/{clock(t)}] {label} {event['type']} {json.dumps(event, indent=2)}"


def acs(t, event):
    """Azure Communication Services: the repr of aiohttp's message."""
    return f"WSMessage(type=<WSMsgType.TEXT: 1>, data={json.dumps(event)!r}, extra='')"


def livekit(t, event):
    mark = ">>>" if is_client(event) else "<<<"
    return f"{clock(t).replace('T', ' ')[:-1]} - DEBUG livekit.plugins.openai - {mark} {json.dumps(event)}"


WITH_TIMES = {
    "realtime-api-beta": realtime_api_beta,
    "livekit": livekit,
    "python logging": lambda t, event: f"{clock(t)[:10]} {clock(t)[11:-1].replace('.', ',')} DEBUG rt: event {event!r}",
    "websocat": lambda t, event: f"{BEGAN_S + t:.6f} {json.dumps(event)}",
    "quoted twice": lambda t, event: f'time="{clock(t)}" level=debug msg={json.dumps(json.dumps(event))}',
    "time on the line above": lambda t, event: f"--- {clock(t)} ---\n{json.dumps(event)}",
}


@pytest.mark.parametrize("form", WITH_TIMES)
def test_lines_that_hold_events(tmp_path, form):
    (tmp_path / "a.log").write_text(
        "starting\n" + "\n".join(WITH_TIMES[form](t, event) for t, event in EVENTS) + "\nbye {"
    )
    log = read_log(tmp_path / "a.log")
    assert kinds(log) == ALL and times(log) == pytest.approx(AT, abs=0.0015)
    assert log.has_audio and log.clock == "recorded"
    transcript = next(
        event for event in log.sessions[0].events if event.type == "response.output_audio_transcript.done"
    )
    assert transcript.event["transcript"] == "It's \"fine\", isn't it?"


WITHOUT_TIMES = {
    "Twilio's sample, Python": lambda event: f"Received event: {event['type']} {event!r}",
    "ACS": lambda event: acs(0, event),
    "raw": lambda event: f"Raw message from OpenAI: {json.dumps(event)}",
    "over lines": lambda event: f"Message out to OpenAI:\n{json.dumps(event, indent=4)}",
    "console paste": lambda event: f"Type: {event['type']} Data: {json.dumps(event)}",
}


@pytest.mark.parametrize("form", WITHOUT_TIMES)
def test_lines_without_times(tmp_path, form):
    (tmp_path / "a.log").write_text("\n".join(WITHOUT_TIMES[form](event) for _, event in SERVER))
    log = read_log(tmp_path / "a.log")
    assert kinds(log) == [event["type"] for _, event in SERVER]
    assert log.clock == "none" and not log.has_client_events
    done = log.sessions[0].events[-1].event
    assert done["response"]["status"] == "completed"


def test_what_node_prints(tmp_path):
    (tmp_path / "a.log").write_text(INSPECT)
    log = read_log(tmp_path / "a.log")
    assert kinds(log) == ["session.created", "input_audio_buffer.speech_started", "response.done"]
    created, started, done = (event.event for event in log.sessions[0].events)
    assert created["session"]["instructions"] == 'You are helpful, witty and don\'t say "no"'
    assert started["audio_start_ms"] == 20 and done["response"]["status"] == "failed"
    assert log.sessions[0].close is not None and log.sessions[0].close.code == 1005


def test_names_alone(tmp_path):
    lines = [
        "listening for session.created, response.done and others",
        "12:00:00.500 INFO EVT session.created",
        "12:00:01.000 INFO EVT input_audio_buffer.speech_started",
        "12:00:04.250 INFO EVT response.done (status ok)",
        "12:00:05.000 INFO response.create() returned",
    ]
    (tmp_path / "a.log").write_text("\n".join(lines))
    log = read_log(tmp_path / "a.log")
    assert kinds(log) == ["session.created", "input_audio_buffer.speech_started", "response.done"]
    assert times(log) == [0, 0.5, 3.75]
    assert log.notes == ("3 events are named in the log without what they held.",)


def test_a_name_above_its_event_is_one_event(tmp_path):
    lines = "\n".join(
        f"12:00:0{number} got {event['type']}\n  {json.dumps(event)}" for number, (_, event) in enumerate(SERVER)
    )
    (tmp_path / "a.log").write_text(lines)
    assert kinds(read_log(tmp_path / "a.log")) == [event["type"] for _, event in SERVER]


def test_an_object_that_is_cut(tmp_path):
    text = INSPECT.replace("    tools: [],\n", "    tools: [],\n12:00 [truncated]\n", 1).replace(
        "    modalities: [ 'audio', 'text' ]\n  }\n}\n", ""
    )
    (tmp_path / "a.log").write_text(text)
    assert kinds(read_log(tmp_path / "a.log")) == [
        "session.created",
        "input_audio_buffer.speech_started",
        "response.done",
    ]


VENDOR = ["event_C9G5QJ3kTqdP7mWZbLYpc", "event_C9G5QNYyXrDaeRj2xVhTn", "event_C9G5TWk8sVbnQpLmZxRtA"]
"""Ids as OpenAI makes them. `C9G5Q` was a session's whose `expires_at` was 1756317516 (the API's documentation)."""


def test_times_from_the_vendors_ids(tmp_path):
    kinds_of = ["session.created", "input_audio_buffer.speech_started", "response.done"]
    lines = [
        f"Received event: {kind} {{'type': '{kind}', 'event_id': '{name}'}}"
        for kind, name in zip(kinds_of, VENDOR, strict=True)
    ]
    (tmp_path / "a.log").write_text("\n".join(lines))
    log = read_log(tmp_path / "a.log")
    assert log.clock == "ids" and log.tick_us == 1_000_000
    assert times(log) == [0, 0, 3]
    assert log.began_s == 1_576_800_000 + ((((12 * 62 + 9) * 62 + 16) * 62 + 5) * 62 + 26)


@pytest.mark.parametrize(
    "ids",
    [["event_000000002SgUqlO8avVIf"], ["event_9G5QJ"], ["event_C9G5QJ3kTqdP7mWZbLYpc", "event_A9G5QJ3kTqdP7mWZbLYpc"]],
)
def test_ids_that_tell_no_time(tmp_path, ids):
    """Before 2024 (as our own server's are), too short, or months apart."""
    lines = [json.dumps({"type": "session.created", "event_id": name}) for name in ids]
    (tmp_path / "a.log").write_text("x\n" + "\n".join(lines))
    assert read_log(tmp_path / "a.log").clock == "none"


def test_a_media_stream_of_twilio_beside_the_events(tmp_path):
    """A mark that Twilio sends back says that the audio before it was played."""
    caller = {
        "event": "media",
        "sequenceNumber": "3",
        "streamSid": "MZ1",
        "media": {"track": "inbound", "chunk": "1", "timestamp": "20", "payload": "/39/fw=="},
    }
    reply = {"event": "media", "streamSid": "MZ1", "media": {"payload": "/39/"}}
    records = [
        {"t": 1.0, "event": {"type": "session.created", "session": {"id": "sess_1"}}},
        {"t": 1.02, "msg": {"event": "start", "sequenceNumber": "1", "start": {"callSid": "CA1"}, "streamSid": "MZ1"}},
        {"t": 1.04, "msg": json.dumps(caller)},
        {"t": 1.06, "msg": reply},
        {"t": 1.08, "msg": {"event": "mark", "streamSid": "MZ1", "mark": {"name": "responsePart"}}},
        {
            "t": 1.5,
            "msg": {"event": "mark", "sequenceNumber": "4", "streamSid": "MZ1", "mark": {"name": "responsePart"}},
        },
        {"t": 1.6, "msg": {"event": "clear", "streamSid": "MZ1"}},
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (session,) = read_log(tmp_path / "a.jsonl").sessions
    assert [(each.kind, each.by_twilio, each.t) for each in session.telephone] == [
        ("start", True, 20_000),
        ("media", True, 40_000),
        ("media", False, 60_000),
        ("mark", False, 80_000),
        ("mark", True, 500_000),
        ("clear", False, 600_000),
    ]
    assert [each.audio_bytes for each in session.telephone[1:3]] == [4, 3]
    assert {each.mark for each in session.telephone[3:5]} == {"responsePart"}


def test_a_media_stream_alone_has_its_own_clock(tmp_path):
    lines = [
        json.dumps(
            {
                "event": "media",
                "sequenceNumber": str(n),
                "media": {"timestamp": str(20 * n), "chunk": str(n), "payload": "/39/fw=="},
            }
        )
        for n in range(1, 6)
    ]
    (tmp_path / "a.log").write_text("Client connected\n" + "\n".join(f"Received: {line}" for line in lines))
    (session,) = read_log(tmp_path / "a.log").sessions
    assert session.events == () and [each.t for each in session.telephone] == [0, 20_000, 40_000, 60_000, 80_000]

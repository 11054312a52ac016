"""One short session, and functions that write it down in the forms that logs have."""

import base64
import json
from pathlib import Path

FIXTURES = Path(__file__).parents[2] / "fixtures" / "logs"
BEGAN_S = 1_795_885_920.0
"""28 Nov 2026, 17:12:00 UTC."""
CHUNK = b"\x10\x00\xf0\xff" * 480
"""40 ms of sound, 24 kHz, 16 bits."""


def append():
    return {"type": "input_audio_buffer.append", "audio": base64.b64encode(CHUNK).decode()}


def server(kind, number, **fields):
    return {"type": kind, "event_id": f"event_{number}", **fields}


RESPONSE = {"id": "resp_1", "object": "realtime.response", "status": "in_progress", "output": []}
DONE = {
    **RESPONSE,
    "status": "completed",
    "output": [{"id": "item_2", "type": "message", "role": "assistant", "content": []}],
}
SESSION = {
    "type": "realtime",
    "id": "sess_1",
    "instructions": "Be brief.",
    "audio": {"input": {"format": {"type": "audio/pcm", "rate": 24000}}},
}

EVENTS = [
    (0.0, {"type": "session.update", "session": {"type": "realtime", "instructions": "Be brief."}}),
    (0.1, server("session.created", 1, session=SESSION)),
    (0.2, server("session.updated", 2, session=SESSION)),
    *((0.24 + 0.04 * number, append()) for number in range(10)),
    (0.66, server("input_audio_buffer.speech_started", 3, audio_start_ms=40, item_id="item_1")),
    *((0.68 + 0.04 * number, append()) for number in range(5)),
    (1.5, server("input_audio_buffer.speech_stopped", 4, audio_end_ms=400, item_id="item_1")),
    (1.51, server("input_audio_buffer.committed", 5, item_id="item_1", previous_item_id=None)),
    (1.52, server("response.created", 6, response=RESPONSE)),
    (
        2.5,
        server(
            "response.output_audio.delta",
            7,
            response_id="resp_1",
            item_id="item_2",
            output_index=0,
            content_index=0,
            delta=append()["audio"],
        ),
    ),
    (
        2.9,
        server(
            "response.output_audio_transcript.done",
            8,
            response_id="resp_1",
            item_id="item_2",
            transcript="It's \"fine\", isn't it?",
        ),
    ),
    (3.0, server("response.done", 9, response=DONE)),
]
"""Time in seconds and event, in order."""


def kinds(log):
    """The types of the events of a log's only session."""
    (session,) = log.sessions
    return [event.type for event in session.events]


def times(log):
    """Their times in seconds."""
    return [None if event.t is None else round(event.t / 1e6, 3) for event in log.sessions[0].events]


def is_client(event):
    return event["type"] in ("session.update", "input_audio_buffer.append")


def json_lines(records):
    return "".join(json.dumps(record) + "\n" for record in records)


def har(messages, creator="WebInspector", **entry):
    """A HAR with one socket, and a page before it."""
    page = {
        "startedDateTime": "2026-11-28T17:11:59.000Z",
        "request": {"url": "http://127.0.0.1/"},
        "response": {"content": {"text": "{}]["}},
    }
    socket = {
        "startedDateTime": "2026-11-28T17:12:00.000Z",
        "request": {"url": "ws://127.0.0.1/v1/realtime"},
        "_webSocketMessages": messages,
        **entry,
    }
    return json.dumps(
        {
            "log": {
                "version": "1.2",
                "creator": {"name": creator, "version": "1"},
                "pages": [],
                "entries": [page, socket],
            }
        }
    )


def messages(events=EVENTS, *, scale=1.0):
    return [
        {
            "type": "send" if is_client(event) else "receive",
            "time": (BEGAN_S + t) * scale,
            "opcode": 1,
            "data": json.dumps(event),
        }
        for t, event in events
    ]


def tnet(value):
    """A value as mitmproxy writes it."""
    if isinstance(value, bool):
        body, kind = (b"true" if value else b"false"), b"!"
    elif value is None:
        body, kind = b"", b"~"
    elif isinstance(value, int):
        body, kind = str(value).encode(), b"#"
    elif isinstance(value, float):
        body, kind = repr(value).encode(), b"^"
    elif isinstance(value, bytes):
        body, kind = value, b","
    elif isinstance(value, str):
        body, kind = value.encode(), b";"
    elif isinstance(value, list):
        body, kind = b"".join(map(tnet, value)), b"]"
    else:
        body, kind = b"".join(tnet(key) + tnet(each) for key, each in value.items()), b"}"
    return b"%d:%s%s" % (len(body), body, kind)


def flow(events=EVENTS, **websocket):
    """A flow file with one flow."""
    written = [[1, is_client(event), json.dumps(event).encode(), BEGAN_S + t, False, False] for t, event in events]
    socket = {
        b"messages": written,
        b"close_code": 1006,
        b"close_reason": "",
        b"closed_by_client": False,
        b"timestamp_end": BEGAN_S + 3.2,
        **websocket,
    }
    return tnet({b"websocket": socket, b"request": {b"host": b"127.0.0.1", b"content": None}, b"type": "http"})


INSPECT = """Connected to the OpenAI Realtime API
Received event: session.created {
  type: 'session.created',
  event_id: 'event_1',
  session: {
    id: 'sess_1',
    instructions: 'You are helpful, witty and ' +
      'don\\'t say "no"',
    tools: [],
    audio: { input: [Object], output: [Object] },
    modalities: [ 'audio', 'text' ]
  }
}
Received event: input_audio_buffer.speech_started {
  type: 'input_audio_buffer.speech_started',
  audio_start_ms: 20,
  item_id: 'item_1'
}
Received event: response.done {
  type: 'response.done',
  response: {
    object: 'realtime.response',
    id: 'resp_1',
    status: 'failed',
    status_details: { type: 'failed', error: [Object] },
    output: [ [Object], ... 2 more items ],
    usage: undefined
  }
}
Client disconnected. WebSocket closed with code 1005
"""
"""What Node prints of three events, by the sample that Twilio ships."""

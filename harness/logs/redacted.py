"""Writes a log anew, blotted out: what is written holds nothing but what was understood."""

import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .blotting import blot
from .logged import LoggedEvent, LoggedSession, LoggedTelephone, SessionLog
from .vocabulary import AUDIO_FIELDS


def redacted(log: SessionLog, *, keep_audio: bool = False) -> Iterator[str]:
    """The log without secrets, piece by piece: a HAR of a HAR, JSON lines of anything else."""
    plain = blot(log, keep_audio=keep_audio)
    return _har(plain) if log.form.startswith("HAR") else _lines(plain)


def _lines(log: SessionLog) -> Iterator[str]:
    for session in log.sessions:
        several = {"session": session.name} if len(log.sessions) > 1 else {}
        merged: list[LoggedEvent | LoggedTelephone] = [*session.events, *session.telephone]
        if session.telephone:
            merged.sort(key=lambda each: each.t or 0)
        for each in merged:
            way = {} if isinstance(each, LoggedTelephone) else {"dir": "out" if each.by_client else "in"}
            document = _telephone(each) if isinstance(each, LoggedTelephone) else event_with_audio(each)
            yield _line({**_time(log, each.t), **several, **way, "event": document})
        if session.close is not None:
            close = {"event": "closed", "code": session.close.code, "reason": session.close.reason}
            yield _line({**_time(log, session.close.t), **several, **close})


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, separators=(",", ":")) + "\n"


def _time(log: SessionLog, t: int | None) -> dict[str, Any]:
    """When, as the log said it; not at all if that was read from ids, which still say it."""
    if t is None or log.clock != "recorded":
        return {}
    if log.began_s is not None:
        return {"ts": round(log.began_s + t / 1e6, 6) if log.tick_us < 1_000_000 else round(log.began_s + t / 1e6)}
    return {"t_ms": t / 1000} if log.tick_us < 1_000_000 else {"t_s": t // 1_000_000}


def event_with_audio(event: LoggedEvent) -> dict[str, Any]:
    """The event as it goes over the wire; where its audio is not kept, its length stands there."""
    document = dict(event.event)
    field = AUDIO_FIELDS.get(event.type)
    if field is not None:
        document[field] = _audio(event.audio, event.audio_bytes)
    return document


def _audio(audio: bytes | memoryview | None, size: int | None) -> str:
    if audio is not None:
        return binascii.b2a_base64(audio, newline=False).decode()
    return "..." if size is None else f"[{size} bytes]"


def _telephone(message: LoggedTelephone) -> dict[str, Any]:
    document: dict[str, Any] = {"event": message.kind, "streamSid": "MZ0"}
    if message.by_twilio:
        document["sequenceNumber"] = "0"
    if message.kind == "media":
        document["media"] = {"payload": _audio(message.audio, message.audio_bytes)}
    if message.mark:
        document["mark"] = {"name": message.mark}
    return document


def _har(log: SessionLog) -> Iterator[str]:
    creator = {"name": "stillthere", "version": "redacted"}
    yield f'{{"log":{{"version":"1.2","creator":{json.dumps(creator)},"pages":[],"entries":[\n'
    for number, session in enumerate(log.sessions):
        yield from _entry(log, session, ",\n" if number else "")
    yield "\n]}}\n"


def _entry(log: SessionLog, session: LoggedSession, before: str) -> Iterator[str]:
    request = {"method": "GET", "url": "wss://redacted.invalid/v1/realtime", "httpVersion": "HTTP/1.1", "headers": []}
    entry: dict[str, Any] = {"_resourceType": "websocket", "request": request, "response": {"status": 101}}
    if log.began_s is not None and session.opened_us is not None:
        opened = np.datetime64(round(log.began_s * 1e6) + session.opened_us, "us")
        entry["startedDateTime"] = f"{opened}Z"
        if session.ended_us is not None:
            entry["time"] = (session.ended_us - session.opened_us) / 1000
    yield before + json.dumps(entry)[:-1] + ',"_webSocketMessages":[\n'
    for number, event in enumerate(session.events):
        message = {
            "type": "send" if event.by_client else "receive",
            "time": -1 if event.t is None or log.began_s is None else round(log.began_s + event.t / 1e6, 6),
            "opcode": 1,
            "data": json.dumps(event_with_audio(event), separators=(",", ":")),
        }
        yield (",\n" if number else "") + json.dumps(message, separators=(",", ":"))
    if session.close is not None and session.close.t is not None and log.began_s is not None:
        close = {
            "type": "receive",
            "time": log.began_s + session.close.t / 1e6,
            "opcode": 8,
            "code": session.close.code,
        }
        yield (",\n" if session.events else "") + json.dumps(close)
    yield "]}"

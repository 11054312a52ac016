"""Messages of a media stream of Twilio: what a telephone network says to an app, and the app to it."""

from collections.abc import Mapping
from typing import Any

from .clips import Clips, clip_of_text
from .logged import LoggedTelephone
from .times import Stamp

_KINDS = frozenset({"connected", "start", "media", "mark", "clear", "dtmf", "stop"})


def is_telephone(document: Mapping[str, Any]) -> bool:
    """Whether an object is a message of a media stream."""
    kind = document.get("event")
    if not isinstance(kind, str) or kind not in _KINDS:
        return False
    return "streamSid" in document or isinstance(document.get(kind), dict) or "protocol" in document


def by_twilio(document: Mapping[str, Any]) -> bool:
    """Whether Twilio sent it: only its messages have numbers, and some only it sends."""
    if document.get("event") in ("connected", "start", "dtmf", "stop") or "sequenceNumber" in document:
        return True
    media = document.get("media")
    return isinstance(media, dict) and ("chunk" in media or "timestamp" in media or "track" in media)


def stream_stamp(document: Mapping[str, Any]) -> Stamp | None:
    """The time in the stream, in milliseconds since its start, which ``media`` of Twilio has."""
    media = document.get("media")
    timestamp = media.get("timestamp") if isinstance(media, dict) else None
    try:
        return Stamp("elapsed", int(timestamp) * 1000) if isinstance(timestamp, str | int) else None
    except ValueError:
        return None


def logged_telephone(document: Mapping[str, Any], place: str, clips: Clips) -> LoggedTelephone:
    """The message as a log shows it, without ids and addresses."""
    kind = str(document["event"])
    media, mark = document.get("media"), document.get("mark")
    payload = media.get("payload") if isinstance(media, dict) else None
    clip = clip_of_text(payload, clips) if isinstance(payload, str) else None
    name = mark.get("name") if isinstance(mark, dict) else mark
    return LoggedTelephone(
        place,
        None,
        kind,
        by_twilio(document),
        str(name)[:200] if isinstance(name, str | int) else "",
        clip.size if clip else None,
        clip.audio if clip else None,
    )

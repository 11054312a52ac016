"""What is no log of events, and what to record in its place."""

import re

_LOGGER = "https://github.com/stillthere/stillthere/blob/main/docs/logs.md has a logger of ten lines for it"

_SIGNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r'"PeerConnections"|"getUserMedia"\s*:'),
        "a dump of chrome://webrtc-internals, which has packets and levels and no events; "
        f"log what comes over the data channel: {_LOGGER}",
    ),
    (
        re.compile(r"\bpipecat[.\w]*:\w+:\d+ - "),
        f"a debug log of pipecat, which names frames and no events; log what goes over the socket: {_LOGGER}",
    ),
    (
        re.compile(r"\bopenai\.agents\b|\bopenai-agents(:|\b)"),
        f"a debug log of openai-agents, which names no events; log what its model receives and sends: {_LOGGER}",
    ),
    (
        re.compile(r'"creator"\s*:\s*\{\s*"name"\s*:\s*"(Browsertime|chrome-har|sitespeed)', re.IGNORECASE),
        "a HAR of chrome-har, which leaves out WebSockets; save the HAR in Chromium's DevTools, or with Playwright",
    ),
    (re.compile(r"^Connected \(press CTRL\+C to quit\)"), f"a session of wscat, which has no times; {_LOGGER}"),
    (
        re.compile(r"^\s*<\?xml|^\s*<!DOCTYPE|^\s*<html", re.IGNORECASE),
        f"a web page; save the log itself, not the page that shows it: {_LOGGER}",
    ),
    (
        re.compile(r'"(resourceSpans|trace_id|traceId|run_type)"\s*:'),
        f"a trace of spans, which leaves out most events; log what goes over the socket: {_LOGGER}",
    ),
    (
        re.compile(r'"breadcrumbs"\s*:'),
        f"an event of Sentry, whose breadcrumbs hold no WebSockets; log what goes over the socket: {_LOGGER}",
    ),
)
_CAPTURES = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x0a\x0d\x0d\x0a", b"\x4d\x3c\xb2\xa1")
_OTHERS = (
    (b"PK\x03\x04", "a ZIP archive; unpack it and name the log in it"),
    (b"RIFF", "a sound file; a log of events is needed beside it"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd; unpack it, or use gzip"),
    (b"BZh", "compressed by bzip2; unpack it, or use gzip"),
    (b"\xfd7zXZ", "compressed by xz; unpack it, or use gzip"),
)


def kind_of_bytes(head: bytes) -> str | None:
    """What a file that is no text is, and what to do; None: it may be a log."""
    if head.startswith(_CAPTURES):
        return (
            "a capture of packets, whose events are encrypted; "
            f"save a HAR in the browser, record with mitmproxy, or log in the app: {_LOGGER}"
        )
    return next((text for magic, text in _OTHERS if head.startswith(magic)), None)


def kind_of_text(head: str) -> str:
    """What a text without events is, if that is known, and what to record."""
    for sign, text in _SIGNS:
        if sign.search(head):
            return f"is {text}"
    if head.startswith("{") and '"entries"' in head and '"log"' in head:
        return (
            "is a HAR without events of the Realtime protocol in a WebSocket; open DevTools before the page connects, "
            f"and if the app uses WebRTC, log what comes over the data channel: {_LOGGER}"
        )
    return f"holds no events of the Realtime protocol; {_LOGGER}, and --map says where events are in another form"

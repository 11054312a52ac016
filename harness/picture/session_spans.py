"""Further spans of a run: what an honest detector hears, the user's turns, the state of a call, and a page.

As in :mod:`harness.picture.spans`, each function gives one lane, neither sorted nor clipped.
"""

from collections.abc import Iterator
from typing import TypeGuard

from ..journal import (
    AudioNodeCollected,
    CallStateChanged,
    ConnectionClosed,
    ConnectionDialled,
    ConnectionOpened,
    Entry,
    EventByServer,
    Journal,
    PageContext,
    PageLifecycle,
    PageTrack,
    ResponseForItem,
    ShadowSpeechStarted,
    ShadowSpeechStopped,
    TurnClosed,
    TurnTaken,
)
from ..protocol.events import InputAudioBufferCommitted, InputAudioBufferSpeechStarted
from ..units import MS, SECOND
from .spans import Span, Style
from .words import plain

_CALL_STATES: dict[str, tuple[str, Style]] = {
    "connected": ("call connected", "open"),
    "disconnected": ("call disconnected", "interrupted"),
    "failed": ("call failed", "refused"),
    "channel_closed": ("data channel closed", "refused"),
    "given_up": ("given up by the server", "refused"),
}
_CONTEXT_STYLES: dict[str, Style] = {"running": "open", "suspended": "suspended", "interrupted": "suspended"}
_BEGINS = {"mute": "track", "hidden": "hidden", "freeze": "frozen", "offline": "offline"}
_ENDS = {"unmute": "track", "visible": "hidden", "resume": "frozen", "online": "offline"}
_PAGE_WORDS = {"track": "track muted", "hidden": "hidden", "frozen": "frozen", "offline": "offline"}


def shadow(journal: Journal, length: int) -> Iterator[Span]:
    """What an honest detector hears of the audio that arrived, from each start of speech to its end."""
    started: int | None = None
    for entry in journal.entries:
        if isinstance(entry, ShadowSpeechStarted) and started is None:
            started = entry.t
        elif started is not None and isinstance(entry, ShadowSpeechStopped | ConnectionDialled | ConnectionClosed):
            yield Span(started, entry.t, "speech", "hears")
            started = None
    if started is not None:
        yield Span(started, length, "speech", "hears")


def turns(journal: Journal, length: int) -> Iterator[Span]:
    """The user's turns: from the event of their start, or as far back as their audio reaches, to their commit."""
    answered = {entry.item_id for entry in journal.select(ResponseForItem)}
    measured = {entry.item_id for entry in journal.select(TurnTaken)}
    open_since: dict[str | None, int] = {}
    for entry in journal.entries:
        if isinstance(entry, EventByServer) and entry.is_a(InputAudioBufferSpeechStarted):
            open_since[entry.item_id] = entry.t
        elif isinstance(entry, TurnTaken):
            began = open_since.pop(entry.item_id, max(0, entry.t - (entry.to_ms - entry.from_ms) * MS))
            speech = f"turn with {entry.speech_ms / 1000:g} s of speech"
            yield _turn(began, entry.t, speech, is_answered=entry.item_id in answered)
        elif _commits(entry) and entry.item_id not in measured and entry.item_id in open_since:
            yield _turn(open_since.pop(entry.item_id), entry.t, "turn", is_answered=entry.item_id in answered)
        elif _ends_turns(entry):
            yield from (Span(began, entry.t, "never committed", "refused", "dropped") for began in open_since.values())
            open_since.clear()
    for began in open_since.values():
        is_long = length - began > 10 * SECOND
        yield Span(began, length, f"open for {(length - began) // SECOND} s", "silence" if is_long else "hears", "open")


def _turn(began: int, committed: int, words: str, *, is_answered: bool) -> Span:
    if is_answered:
        return Span(began, committed, f"{words}, gets a response", "answer", "turn")
    return Span(began, committed, f"{words}, gets no response", "interrupted", "no response")


def _commits(entry: Entry) -> TypeGuard[EventByServer]:
    return isinstance(entry, EventByServer) and entry.is_a(InputAudioBufferCommitted)


def _ends_turns(entry: Entry) -> bool:
    return isinstance(entry, TurnClosed | ConnectionDialled | ConnectionClosed)


def calls(journal: Journal, length: int) -> Iterator[Span]:
    """The states of each call, one after the other; nothing over a WebSocket."""
    changes = list(journal.select(CallStateChanged))
    is_call = bool(changes) or journal.header.get("transport") == "webrtc"
    since: int | None = None
    state = "connected"
    for entry in journal.select(ConnectionOpened, CallStateChanged, ConnectionClosed) if is_call else ():
        if since is not None and not isinstance(entry, ConnectionOpened):
            yield _call(since, entry.t, state)
        if isinstance(entry, CallStateChanged):
            since, state = entry.t, entry.state
        else:
            since, state = (entry.t, "connected") if isinstance(entry, ConnectionOpened) else (None, state)
    if since is not None:
        yield _call(since, length, state)


def _call(begin: int, end: int, state: str) -> Span:
    label, style = _CALL_STATES.get(state, (plain(state), "interrupted"))
    return Span(begin, end, label, style)


def page(journal: Journal, length: int) -> Iterator[Span]:
    """What the browser reports of a page: its audio contexts, muted tracks, hidden and frozen times."""
    contexts: dict[int, PageContext] = {}
    since: dict[str, int] = {}
    for entry in journal.select(PageContext, PageTrack, PageLifecycle):
        if isinstance(entry, PageContext):
            if entry.context in contexts:
                yield _context(contexts[entry.context], entry.t)
            contexts[entry.context] = entry
        elif (begins := _BEGINS.get(entry.event)) is not None:
            since.setdefault(begins, entry.t)
        elif (ends := _ENDS.get(entry.event)) in since:
            yield _page_span(ends, since.pop(ends), entry.t)
        elif entry.event in ("ended", "crash"):
            yield Span(entry.t, length, "track ended" if entry.event == "ended" else "crashed", "refused", entry.event)
    yield from (_context(entry, length) for entry in contexts.values() if entry.state != "closed")
    yield from (_page_span(what, begin, length) for what, begin in since.items())
    for lost in journal.select(AudioNodeCollected):
        yield Span(lost.t, lost.t, f"{plain(lost.node)} collected", "refused", "collected")


def _context(entry: PageContext, until: int) -> Span:
    state = plain(entry.state)
    return Span(entry.t, until, f"context {entry.context} {state}", _CONTEXT_STYLES.get(state, "dialling"), state)


def _page_span(what: str | None, begin: int, end: int) -> Span:
    words = _PAGE_WORDS[str(what)]
    return Span(begin, end, words, "suspended", words)

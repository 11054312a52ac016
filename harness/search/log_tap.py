"""What the client's end of the wire sees in a run, as a log of it: a client's class with a tap on what goes through.

It is unrealistic in one way: a message that cannot be read is not in it, where a real log has its text.
"""

from typing import Any

import msgspec

from ..audio.chunk import Chunk
from ..clients.interface import Client, Closed, Connect, DialFailed, Disconnect, Opened
from ..clients.registry import ClientChoice, NamedClient, find_client
from ..logs.logged import LoggedClose, LoggedEvent, LoggedSession, SessionLog
from ..protocol.codec import encode
from ..protocol.events import Event, InputAudioBufferAppend, ResponseOutputAudioDelta


class LogTap:
    """Records the sessions of one run. :meth:`client` is what is played."""

    def __init__(self) -> None:
        self._sessions: list[_Session] = []

    def client(self, choice: ClientChoice) -> NamedClient:
        """The client with the tap on its connection."""
        inner = find_client(choice)
        return NamedClient(inner.name, lambda changes: _Tapped(inner.make(changes), self._sessions))

    def log(self, until_us: int) -> SessionLog:
        """What was logged up to a time; time 0 is that of the run."""
        sessions = [each.logged(number, until_us) for number, each in enumerate(self._sessions, 1)]
        kept = tuple(each for each in sessions if each is not None)
        return SessionLog("a log of the run", "recorded", None, kept)


class _Session:
    def __init__(self, opened: int) -> None:
        self.opened = opened
        self.events: list[tuple[int, bool, Event]] = []
        self.close: LoggedClose | None = None
        self.left = False

    def logged(self, number: int, until_us: int) -> LoggedSession | None:
        if self.opened > until_us:
            return None
        kept = [each for each in self.events if each[0] <= until_us]
        events = tuple(
            _logged(t, by_client, event, f"message {place}") for place, (t, by_client, event) in enumerate(kept, 1)
        )
        closed = self.close if self.close is not None and (self.close.t or 0) <= until_us else None
        return LoggedSession(str(number), events, self.opened, None, closed)


def _logged(t: int, by_client: bool, event: Event, place: str) -> LoggedEvent:
    if isinstance(event, InputAudioBufferAppend):
        shown = {"type": "input_audio_buffer.append"}
        return LoggedEvent(place, t, by_client, shown, len(event.audio), event.audio)
    shown = msgspec.json.decode(encode(event))
    if isinstance(event, ResponseOutputAudioDelta):
        shown.pop("delta", None)
        return LoggedEvent(place, t, by_client, shown, len(event.delta), event.delta)
    return LoggedEvent(place, t, by_client, shown)


class _Tapped:
    """A client of which every message is recorded."""

    def __init__(self, client: Client, sessions: list[_Session]) -> None:
        self._client = client
        self._sessions = sessions
        self._open: _Session | None = None
        self.settings = getattr(client, "settings", None) or {}

    def hear(self, chunk: Chunk, now: int) -> list[Any]:
        return self._sent(self._client.hear(chunk, now), now)

    def receive(self, event: Any, now: int) -> list[Any]:
        if isinstance(event, Opened):
            self._open = _Session(now)
            self._sessions.append(self._open)
        elif isinstance(event, Closed) and self._open is not None:
            by_client = True if self._open.left else None
            self._open.close = LoggedClose(now, event.code, event.reason, by_client)
            self._open = None
        elif isinstance(event, DialFailed):
            failed = _Session(now)
            failed.close = LoggedClose(now, None, event.reason)
            self._sessions.append(failed)
        elif isinstance(event, Event) and self._open is not None:
            self._open.events.append((now, False, event))
        return self._sent(self._client.receive(event, now), now)

    def wake(self, now: int) -> list[Any]:
        return self._sent(self._client.wake(now), now)

    def next_wake(self) -> int | None:
        return self._client.next_wake()

    def _sent(self, commands: list[Any], now: int) -> list[Any]:
        for each in commands:
            if isinstance(each, Event) and self._open is not None:
                self._open.events.append((now, True, each))
            elif isinstance(each, Disconnect) and self._open is not None:
                self._open.left = True
            elif isinstance(each, Connect) and self._open is not None:
                self._open.close = LoggedClose(now, 1000, "", True)
                self._open = None
        return commands

"""What the conversation is doing at a moment, from the journal: where a fault strikes decides what it does."""

from collections.abc import Iterator
from typing import Literal, get_args

from harness.journal import Entry, Journal

Phase = Literal["idle", "user speaking", "committed", "responding", "playing tail", "reconnecting"]
PHASES: tuple[Phase, ...] = get_args(Phase)
"""All phases; the one named first in :meth:`Moment.phase` wins where several are true."""


class Moment:
    """Fed with the journal's entries in order, it knows the phase after the last one."""

    def __init__(self) -> None:
        self._connected = False
        self._user_until = 0
        self._hears = self._committed = self._playing = False
        self._responses: dict[str, bool] = {}
        """The open responses, and whether output of theirs has come."""

    def add(self, entry: Entry) -> None:
        """Something happened."""
        if entry.lane == "connection":
            self._connection(entry)
        elif entry.lane == "server":
            self._server(entry)
        elif entry.lane == "user":
            self._user_until = max(self._user_until, entry.t + int(entry.fields["length_us"]))
        elif entry.lane == "speaker" and entry.kind in ("playing", "ended", "stopped", "suspended"):
            self._playing = entry.kind == "playing"

    def phase(self, t: int) -> Phase:
        """The phase at ``t``, which is not before the last entry."""
        if not self._connected:
            return "reconnecting"
        if self._hears:
            return "user speaking"
        if any(self._responses.values()):
            return "responding"
        if self._committed or self._responses:
            return "committed"
        if t < self._user_until:
            return "user speaking"
        return "playing tail" if self._playing else "idle"

    def _connection(self, entry: Entry) -> None:
        if entry.kind in ("open", "closed", "dial"):
            self._connected = entry.kind == "open"
            self._hears = self._committed = False
            self._responses.clear()

    def _server(self, entry: Entry) -> None:
        kind = entry.kind
        if kind == "input_audio_buffer.speech_started":
            self._hears = True
        elif kind in ("input_audio_buffer.speech_stopped", "input_audio_buffer.cleared", "turn_closed"):
            self._hears = False
        elif kind == "input_audio_buffer.committed":
            self._hears, self._committed = False, True
        elif kind == "response.created":
            self._committed = False
            self._responses[entry.fields["response_id"]] = False
        elif kind == "response.output_item.added":
            response_id = entry.fields.get("response_id")
            if response_id in self._responses:
                self._responses[response_id] = True
        elif kind == "response.done":
            self._responses.pop(entry.fields["response_id"], None)


def struck(journal: Journal) -> Iterator[tuple[str, Phase]]:
    """Each fault that struck, by name, and the phase in which it did."""
    moment = Moment()
    for entry in journal.entries:
        if entry.lane == "fault":
            yield entry.kind, moment.phase(entry.t)
        else:
            moment.add(entry)

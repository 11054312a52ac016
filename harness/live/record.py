"""The journal of one live connection, in the form of the virtual stage; times count from the connection's start.

The lane ``client`` holds the events that came from the client, ``server`` those that were sent to it.
"""

import logging
from pathlib import Path

from harness import __version__
from harness.journal import Journal
from harness.protocol.events import Event, InputAudioBufferAppend, ResponseOutputAudioDelta, event_type
from harness.protocol.summary import summary
from harness.server.outputs import Close, Note, Output
from harness.units import SECOND

_log = logging.getLogger("harness.live")


class Record:
    """Tell it what happens, then :meth:`close` it; that writes the file ``path``."""

    def __init__(self, path: Path, number: int, *, detector: str, model: str) -> None:
        self.journal = Journal({"version": __version__, "stage": "live", "detector": detector, "model": model})
        self._path = path
        self._number = number
        self._arrived: int | None = None
        self.journal.write(0, "connection", "open", connection=number)

    def received(self, now: int, event: Event) -> None:
        """An event came from the client. Of audio, one entry for each second in which some arrived."""
        if not isinstance(event, InputAudioBufferAppend):
            self.journal.write(now, "client", event_type(event), connection=self._number, **summary(event))
        elif now // SECOND != self._arrived:
            self._arrived = now // SECOND
            self.journal.write(now, "server", "audio_arrives", connection=self._number)

    def answered(self, now: int, output: Output) -> None:
        """The session gave this; audio has no entry of its own."""
        if isinstance(output, Note):
            self.journal.write(now, output.lane, output.kind, connection=self._number, **output.fields)
        elif not isinstance(output, Close | ResponseOutputAudioDelta):
            self.journal.write(now, "server", event_type(output), connection=self._number, **summary(output))

    def close(self, now: int, code: int | None) -> None:
        """The connection has ended with this close code; write the file. One that cannot be written is logged."""
        self.journal.write(now, "connection", "closed", connection=self._number, code=code)
        try:
            self.journal.save(self._path)
        except OSError as error:
            _log.warning("the journal %s cannot be written: %s", self._path, error)

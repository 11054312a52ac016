"""A client that is not let in: it gets one ``error`` event and, with the same bytes, the Close (captured)."""

from collections.abc import Callable

from harness.live.admission import Dial, Refusal
from harness.live.record import Record
from harness.live.websocket import WebSocket
from harness.protocol.codec import encode
from harness.protocol.events import ErrorEvent
from harness.protocol.objects import ErrorDetails
from harness.server.ids import IdSource


class Refused:
    """The owner of a WebSocket that gets no session. ``ends`` is called at last."""

    def __init__(
        self, number: int, dial: Dial, refusal: Refusal, record: Record, *, ends: Callable[["Refused"], None]
    ) -> None:
        self.number = number
        self.dial = dial
        self.record = record
        self.ending: tuple[int, str] | None = None
        self._refusal = refusal
        self._ends = ends

    def opened(self, websocket: WebSocket) -> None:
        """Say why, and close."""
        error = self._refusal.error
        details = ErrorDetails(
            type=error.error_type, code=error.code, message=error.message, param=error.param, event_id=None
        )
        event = ErrorEvent(event_id=IdSource(f"live/{self.number}").mint("event"), error=details)
        self.record.answered(0, event)
        websocket.send(encode(event))
        websocket.close(self._refusal.close_code, self._refusal.close_reason)

    def text(self, data: bytes) -> None:
        """Nothing that it says is heard."""

    def binary(self) -> None:
        """Nothing that it says is heard."""

    def resumed(self) -> None:
        """There is nothing left to send."""

    def closed(self, code: int, reason: str) -> None:
        """It is gone."""
        self.ending = (code, reason)
        self.record.close(0, code, reason)
        self._ends(self)

"""What a client knows of a call, in which the server keeps the assistant's audio and the browser plays it.

No audio reaches the client. The server says when a response begins and stops to go out, and the browser counts what
arrives; only both together say that the user heard something.
"""

from collections import deque
from typing import Any

from ..protocol.events import ResponseDone
from .interface import MediaReport
from .playback import PlaybackMeter

_REMEMBERED = 64
"""So many responses are remembered: late events are about them."""


class FarEnd:
    """Of one call."""

    def __init__(self, playback: PlaybackMeter) -> None:
        self._playback = playback
        self.server_interrupts = True
        """Whether the server cuts its audio off by itself when the user speaks."""
        self._last: str | None = None
        self._with_audio: deque[str] = deque(maxlen=_REMEMBERED)
        self._stopped: deque[str] = deque(maxlen=_REMEMBERED)
        self._done: dict[str, ResponseDone] = {}
        self._over: list[ResponseDone] = []

    def session(self, session: dict[str, Any]) -> None:
        """``session.created`` or ``session.updated`` arrived."""
        try:
            detection = session["audio"]["input"]["turn_detection"]
        except (KeyError, TypeError):
            return
        self.server_interrupts = isinstance(detection, dict) and detection.get("interrupt_response", True) is not False

    def has_audio(self, response_id: str) -> None:
        """An event about audio of a response arrived."""
        self._with_audio.append(response_id)

    def started(self, response_id: str, now: int) -> None:
        """``output_audio_buffer.started`` arrived."""
        self.has_audio(response_id)
        self._last = response_id
        self._playback.plays(response_id, now)

    def stopped(self, response_id: str) -> None:
        """``output_audio_buffer.stopped`` or ``output_audio_buffer.cleared`` arrived."""
        self._stopped.append(response_id)
        self._playback.ended()
        done = self._done.pop(response_id, None)
        if done is not None:
            self._over.append(done)

    def awaits(self, event: ResponseDone) -> bool:
        """``response.done`` arrived; whether its audio has still to be heard before it counts."""
        response_id = event.response.id
        if response_id not in self._with_audio:
            return False
        if response_id in self._stopped:
            self._over.append(event)
        else:
            self._done[response_id] = event
        return True

    def report(self, report: MediaReport, now: int) -> tuple[str | None, list[ResponseDone]]:
        """The browser reports; gives the response that was heard since the last report, and those that are over."""
        self._playback.reported(report.audible_ms, now)
        over, self._over = self._over, []
        return (self._last if report.audible_ms else None), over

"""The sound card of the stage: what all streams of an app share."""

import os
import sys
from collections.abc import Callable
from typing import Any, Protocol

from ...units import SECOND
from ...user_code import own_line_of
from ..tested_app import ChunkListener, TestedApp
from ..virtual.clock import Clock, Waiter

DEFAULT_RATE_HZ = 48_000
"""The rate of both devices, if an app asks for it."""
CHANNELS = 2
"""How many they say they have."""
LOW_LATENCY_S, HIGH_LATENCY_S = 0.02, 0.1


class DeviceError(Exception):
    """PortAudio's error: a text and a code, which each of the two modules raises in its own way."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text, code)
        self.text, self.code = text, code


class Sounding(Protocol):
    """What plays."""

    until_us: int
    """Until when."""


class SoundCard:
    """One microphone and one speaker, once there is a stage."""

    def __init__(self) -> None:
        self._attached: tuple[TestedApp, Clock] | None = None
        self._captured_at: int | None = None
        self._sounding: Sounding | None = None

    def attach(self, app: TestedApp, clock: Clock) -> None:
        """The devices are those of this app from now on."""
        self._attached = app, clock
        self._captured_at = self._sounding = None

    def _both(self) -> tuple[TestedApp, Clock]:
        if self._attached is None:
            raise DeviceError("Device unavailable: there is no stage whose devices these are", -9985)
        return self._attached

    @property
    def app(self) -> TestedApp:
        """The app whose devices these are. Raises :exc:`DeviceError` without a stage."""
        return self._both()[0]

    @property
    def now(self) -> int:
        """The time of the run in microseconds."""
        return self._both()[1].scheduler.now

    @property
    def time_s(self) -> float:
        """The same in seconds, as PortAudio tells it."""
        return self.now / SECOND

    @property
    def chunk_us(self) -> int:
        """What the microphone captures at a time."""
        return self.app.around.chunk_us

    @property
    def is_suspended(self) -> bool:
        """Whether the system has suspended the output, or nobody is there to play."""
        return self.app.is_gone or self.app.around.speaker.suspended

    def at(self, due_us: int, callback: Callable[[object], Any]) -> None:
        """Call this at a time of the run."""
        self._both()[1].scheduler.at(due_us, callback)

    def capture(self, listener: ChunkListener) -> None:
        """Open the microphone. Whoever opens it once more, later, reopens it."""
        if self._captured_at not in (None, self.now):
            self.app.reopens()
        self._captured_at = self.now
        self.app.captures.append(listener)

    def release(self, listener: ChunkListener) -> None:
        """Close the microphone."""
        if listener in self.app.captures:
            self.app.captures.remove(listener)

    # --- waiting, which the calling thread does in virtual time ---

    def waiter(self) -> Waiter:
        """Something that :meth:`wait` waits for."""
        clock = self._both()[1]
        return Waiter(clock, clock.turn())

    def wait(self, waiter: Waiter) -> None:
        """Wait in the calling thread until it is woken."""
        self._both()[1].wait_unnoted(waiter, None)

    def wait_until(self, due_us: int) -> None:
        """Wait in the calling thread; a device's time is no timer of the app, and not throttled."""
        if due_us > self.now and not self.app.is_over:
            waiter = self.waiter()
            self.at(due_us, lambda _: waiter.wake())
            self.wait(waiter)

    def blocks(self, what: str) -> None:
        """A blocking call is about to wait; on the event loop, that is worth a note."""
        app, clock = self._both()
        if clock.on_loop() and clock.is_running:
            place = os.path.basename(own_line_of(sys._getframe(1)))
            app.fenced(
                f"the event loop was blocked by {what}{f' in {place}' if place else ''}: nothing else of the app ran "
                "meanwhile"
            )

    def sounds(self, playback: "Sounding") -> None:
        """A stream plays: one at a time is what the speaker can do."""
        other = self._sounding
        if other is not None and other is not playback and other.until_us > self.now:
            self.fence("two streams played at once, and one was heard after the other")
        self._sounding = playback

    def fence(self, what: str) -> None:
        """Note what the devices cannot do as real ones would."""
        if self._attached is not None:
            self.app.fenced(what)


CARD = SoundCard()
"""The one of this process, which plays one run."""

"""Mistakes at the end of a session and on the way to the next: deadlines, backoff, queues, and what begins anew."""

from typing import Any

import numpy as np

from harness.audio.chunk import Chunk
from harness.clients.interface import Closed, Command, Play
from harness.protocol import events as e
from harness.units import SECOND

from . import conversations as c
from .conversations import background, fault, talk
from .healthy import Healthy
from .specimen import SILENCE, harms

# --- who dials, and when ----------------------------------------------------------------------------------------------


@harms(SILENCE, "server_mute", in_=talk("The server goes mute twice", fault(9.5, "mute"), fault(39.5, "mute"), turns=5))
class ArmsTheWatchdogOnce(Healthy):
    """The deadline of an answer renews the session; its handler does not arm the deadline again."""

    def setup(self) -> None:
        self.fired = False

    def due_answer(self, now: int) -> list[Command]:
        if self.fired:
            return []
        self.fired = True
        return super().due_answer(now)


@harms("answers_late", in_=c.CUT_OFTEN)
class NeverResetsTheBackoff(Healthy):
    """The backoff doubles with each loss in the app's life: after the fifth the client waits for half a minute."""

    def setup(self) -> None:
        self.losses = 0

    def backoff(self) -> int:
        self.losses += 1
        return SECOND << self.losses


@harms("dials_calmly", in_=c.OUTAGE)
class DialsWithoutAPause(Healthy):
    """A failed dial is followed by the next one at once, for as long as the network is gone."""

    def backoff(self) -> int:
        return 0


@harms("dials_calmly", in_=c.OUTAGE)
class BacksOffInMicroseconds(Healthy):
    """The backoff is counted in milliseconds, and the timer takes microseconds: half a second becomes half a ms."""

    def backoff(self) -> int:
        return super().backoff() // 1_000


@harms("dials_calmly", in_=c.OUTAGE)
class HasTwoTimersToDial(Healthy):
    """A failed dial sets the backoff, and a loop beside it dials every half second as long as there is no session."""

    def setup(self) -> None:
        self.timers["loop"] = SECOND // 2

    def due_loop(self, now: int) -> list[Command]:
        self.timers["loop"] = now + SECOND // 2
        return [] if self.ready or "dial" not in self.timers else super().due_dial(now)


@harms(SILENCE, "client_waiting", in_=talk("The session reaches its limit", fault(9.5, "expired")))
class TakesExpiryForTheEnd(Healthy):
    """``session_expired`` is shown to the user, and the close behind it is expected: nothing dials.

    Seen with phone bridges, which were never up for an hour in their tests.
    """

    def setup(self) -> None:
        self.expired = False

    def on_error(self, error: e.ErrorEvent, now: int) -> list[Command]:
        self.expired = self.expired or error.error.code == "session_expired"
        return super().on_error(error, now)

    def on_closed(self, closed: Closed, now: int) -> list[Command]:
        commands = super().on_closed(closed, now)
        if self.expired:
            self.timers.pop("dial")
        return commands


@harms(SILENCE, "clock_frozen", in_=talk("Responses fail for a while", fault(9.5, "failed-response", 8)))
class StopsAtAFailedResponse(Healthy):
    """A failed response shows an error and stops the recording; nothing starts it again."""

    def setup(self) -> None:
        self.stopped = False

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        return [] if self.stopped else super().uplink(chunk, now)

    def resend(self, since: int, now: int) -> list[Command]:
        return [] if self.stopped else super().resend(since, now)

    def on_done(self, done: e.ResponseDone, now: int) -> list[Command]:
        self.stopped = self.stopped or done.response.status == "failed"
        return super().on_done(done, now)


# --- what the new session is like -------------------------------------------------------------------------------------


@harms(SILENCE, "reply_inaudible", in_=c.CUT_BETWEEN)
class AsksForTextAfterReconnect(Healthy):
    """The settings of a new session are those of the chat beside the call: text only."""

    def session(self) -> dict[str, Any]:
        session = super().session()
        return {**session, "output_modalities": ["text"]} if self.sessions > 1 else session


@harms(SILENCE, "reply_garbled", in_=c.CUT_BETWEEN)
class PlaysAtTwiceTheRate(Healthy):
    """The player that is made after a reconnect runs at 48 kHz: it plays each answer in half its time."""

    def played(self, delta: e.ResponseOutputAudioDelta) -> list[Command]:
        if self.sessions == 1:
            return super().played(delta)
        faster = np.frombuffer(delta.delta, "<i2")[::2].tobytes()
        return [Play(faster, delta.item_id, delta.response_id)]


@harms("one_capture", in_=c.CUT_THROUGH_SPEECH)
class FlushesAndSendsAgain(Healthy):
    """A queue keeps what was captured offline and is flushed into the new session, which also gets the last words."""

    def setup(self) -> None:
        self.queue: list[bytes] = []

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        if not self.ready:
            self.queue.append(chunk.pcm)
        return super().hear(chunk, now)

    def on_session(self, now: int) -> list[Command]:
        queue, self.queue = self.queue, []
        flushed: list[Command] = [e.InputAudioBufferAppend(audio=b"".join(queue))] if queue else []
        return [*super().on_session(now), *flushed]


@harms("words_lost", in_=c.PLAIN)
class RenewsBeforeTheAnswer(Healthy):
    """A session is replaced when it is 26 s old, also between a question and its answer; nothing is sent again.

    LiveKit's plugin renews at 20 minutes.
    """

    def setup(self) -> None:
        self.renews = False

    def on_session(self, now: int) -> list[Command]:
        self.timers["renewal"] = now + 26 * SECOND
        commands = super().on_session(now)
        self.renews = False
        return commands

    def due_renewal(self, now: int) -> list[Command]:
        self.renews = True
        return self.redial(now)

    def sends_again(self, now: int) -> int | None:
        if not self.renews:
            return super().sends_again(now)
        self.settled()
        return None


# --- devices ----------------------------------------------------------------------------------------------------------


@harms(
    SILENCE,
    "client_waiting",
    in_=talk("The connection is cut while the app is away", background(9, 6), fault(9.5, "reset", 1)),
)
class LosesItsTimersInTheBackground(Healthy):
    """Timers that are due in the background are dropped by the system, and the return does not set them anew."""

    def on_app(self, foreground: bool, now: int) -> list[Command]:
        if foreground:
            self.timers.clear()
        return super().on_app(foreground, now)

    def wake(self, now: int) -> list[Command]:
        return super().wake(now) if self.foreground else []

    def next_wake(self) -> int | None:
        return super().next_wake() if self.foreground else None


@harms(SILENCE, "playback_suspended", in_=c.AWAY_TWICE)
class ResumesTheOutputOnce(Healthy):
    """The output is resumed at the first return, by a listener that is removed when it was called."""

    def setup(self) -> None:
        self.resumed = False

    def on_app(self, foreground: bool, now: int) -> list[Command]:
        commands = super().on_app(foreground, now)
        if self.resumed:
            return []
        self.resumed = foreground
        return commands

    def due_resume(self, now: int) -> list[Command]:
        return []


@harms(SILENCE, "gate_closed", in_=c.AWAY_IN_ANSWER)
class UnmutesOnlyInTheQuiet(Healthy):
    """The microphone is muted in the background; a return during an answer leaves the unmuting to its end, in vain."""

    def setup(self) -> None:
        self.muted = False

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        commands = super().hear(Chunk.of(np.zeros_like(chunk.samples)) if self.muted else chunk, now)
        if self.muted:
            self.listening.silent_since = None
        return commands

    def on_app(self, foreground: bool, now: int) -> list[Command]:
        self.muted = not foreground or self.playback.playing
        return super().on_app(foreground, now)


@harms("one_capture", in_=talk("The capture stops for good", fault(9.5, "suspended"), turns=2, detector="silero"))
class KeepsTheOldRate(Healthy):
    """A reopened microphone delivers 48 kHz, and is sent as the 24 kHz of the first: each sound lasts twice as long."""

    detection = {"type": "server_vad", "silence_duration_ms": 500, "threshold": 0.9}  # noqa: RUF012

    def setup(self) -> None:
        self.slow = False

    def microphone_is_silent(self) -> list[Command]:
        self.slow = True
        return super().microphone_is_silent()

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        return super().hear(Chunk.of(np.repeat(chunk.samples, 2)) if self.slow else chunk, now)

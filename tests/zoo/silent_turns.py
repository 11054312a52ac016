"""Silences that begin in a turn: what the client asks for, and what it takes for an answer."""

from harness.clients.interface import Command, Signal, TalkButton
from harness.protocol import events as e
from harness.units import SECOND

from . import conversations as c
from .conversations import fault, talk
from .designs import CreatesItsReplies, PushToTalk
from .healthy import Healthy
from .specimen import SILENCE, harms

# --- the user's turn --------------------------------------------------------------------------------------------------


@harms(SILENCE, "vad_held", in_=c.PLAIN)
class WaitsThirtySecondsForMore(Healthy):
    """``silence_duration_ms`` is 30 000: somebody took it for the length of a turn."""

    detection = {"type": "server_vad", "silence_duration_ms": 30_000}  # noqa: RUF012


@harms(SILENCE, "vad_deaf", in_=c.PLAIN)
class SetsTheThresholdToOne(Healthy):
    """``threshold`` is 1: somebody took it for a factor."""

    detection = {"type": "server_vad", "threshold": 1.0}  # noqa: RUF012


@harms(SILENCE, "vad_deaf", in_=talk("The server hears nobody", fault(9.5, "held-idle")))
class OnlyTheServerHears(Healthy):
    """The deadline of an answer begins with an event of the server, and the server does not hear the user."""

    def on_spoken(self, began: int, now: int) -> None:
        return


@harms(SILENCE, "vad_held", in_=talk("The server hears speech for ever", fault(12.5, "held-active")))
class WaitsForTheEndOfSpeech(Healthy):
    """Once the server has heard speech begin, the client waits until it hears it end."""

    def setup(self) -> None:
        self.waits = False

    def barge_in(self, now: int) -> list[Command]:
        self.waits = True
        return super().barge_in(now)

    def on_committed(self, now: int) -> list[Command]:
        self.waits = False
        return super().on_committed(now)

    def on_spoken(self, began: int, now: int) -> None:
        if not self.waits:
            super().on_spoken(began, now)


@harms(SILENCE, "turn_lost", in_=talk("Turns are committed, and no response starts", fault(9.5, "dropped-response")))
class TakesACommitForAnAnswer(Healthy):
    """What the server has committed it will answer: the deadline ends there."""

    def setup(self) -> None:
        self.committed_at = 0

    def on_committed(self, now: int) -> list[Command]:
        self.committed_at = now
        self.settled()
        return []

    def on_spoken(self, began: int, now: int) -> None:
        if now - self.committed_at > 2 * SECOND:
            super().on_spoken(began, now)


@harms(SILENCE, "client_waiting", in_=c.CUT_BETWEEN)
class AsksOnlyInTheFirstSession(CreatesItsReplies):
    """The handler that asks for responses is registered with the first session object."""

    def create(self) -> list[Command]:
        return super().create() if self.sessions == 1 else []


@harms(SILENCE, "client_waiting", in_=c.CUT_AT_COMMIT)
class AsksNoMoreAfterALostCreate(CreatesItsReplies):
    """A flag says that a response was asked for; the session with that request is gone, the flag stays."""

    def redial(self, now: int) -> list[Command]:
        creating = self.creating
        super().redial(now)
        self.creating = creating
        return []


@harms(SILENCE, "client_waiting", in_=c.CUT_IN_SPEECH)
class HoldsTheButtonForEver(PushToTalk):
    """A cut while the button is held loses its release, and nothing is committed any more."""

    def setup(self) -> None:
        super().setup()
        self.stuck = False

    def redial(self, now: int) -> list[Command]:
        self.stuck = self.stuck or self.down
        return super().redial(now)

    def release(self, now: int) -> list[Command]:
        return [] if self.stuck else super().release(now)


@harms(SILENCE, "gate_closed", in_=c.CUT_AS_SPEECH_BEGINS)
class TogglesTheButton(PushToTalk):
    """Press and release each toggle one flag; a press while there is no session is not noticed, its release is."""

    def on_signal(self, signal: Signal, now: int) -> list[Command]:
        if not isinstance(signal, TalkButton):
            return super().on_signal(signal, now)
        if not self.ready:
            return []
        return super().on_signal(TalkButton(not self.down), now)


# --- the assistant's turn ---------------------------------------------------------------------------------------------


@harms(SILENCE, "response_stuck", in_=talk("An answer stops half-way", fault(11, "stalled-reply"), turns=4))
class WaitsForTheResponseInProgress(Healthy):
    """A response in progress is never cancelled, and the deadline rests as long as there is one."""

    detection = {"type": "server_vad", "interrupt_response": False}  # noqa: RUF012

    def barge_in(self, now: int) -> list[Command]:
        return []

    def due_answer(self, now: int) -> list[Command]:
        if self.active is None:
            return super().due_answer(now)
        self.timers["answer"] = now + SECOND
        return []


@harms(SILENCE, "response_failed", in_=talk("Each response fails", fault(9.5, "failed-response")))
class RetriesInTheSameSession(Healthy):
    """A failed response is asked for again after a second, for ever, in the session in which all fail."""

    def on_done(self, done: e.ResponseDone, now: int) -> list[Command]:
        if done.response.status == "failed":
            self.settled()
            self.failures = 0
            self.timers["retry"] = now + SECOND
        return super().on_done(done, now)

    def due_retry(self, now: int) -> list[Command]:
        self.wants_reply = True
        return self.create()


@harms(SILENCE, "reply_inaudible", in_=talk("Answers are text only", fault(9.5, "text-only-reply")))
class TakesDoneForAnAnswer(Healthy):
    """A response that is completed is an answer, with audio or without."""

    def on_done(self, done: e.ResponseDone, now: int) -> list[Command]:
        if done.response.status == "completed" and not self.calls:
            self.settled()
        return super().on_done(done, now)


@harms(SILENCE, "events_lost", in_=c.AUDIO_LOST)
class TakesTheTranscriptForAnAnswer(Healthy):
    """A response whose words have arrived is an answer, though none of its audio did."""

    def on_event(self, event: e.Event, now: int) -> list[Command]:
        commands = super().on_event(event, now)
        if isinstance(event, e.ResponseOutputAudioTranscriptDone):
            self.settled()
        return commands

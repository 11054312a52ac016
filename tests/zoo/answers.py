"""Mistakes of which an answer tells: it stops coming, misses words, comes late or comes twice."""

from harness.audio.chunk import Chunk
from harness.clients.interface import Command, Play
from harness.protocol import events as e
from harness.units import MS, SECOND

from . import conversations as c
from .designs import CreatesItsReplies
from .healthy import Healthy
from .listening import LOUD
from .samples import silenced
from .specimen import harms

# --- answers that stop coming -----------------------------------------------------------------------------------------


@harms("keeps_answering", in_=c.PLAIN)
class SendsOnlyVoice(Healthy):
    """Quiet chunks are not sent, so the server never hears a pause; only the resend on a new session has one."""

    patience_us = 3 * SECOND

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        return super().uplink(chunk, now) if chunk.rms > LOUD else []


@harms("keeps_answering", in_=c.TWO_TURNS)
class HasThreePlayers(Healthy):
    """Each answer takes a player from a pool of three, and none is given back."""

    def setup(self) -> None:
        self.taken: list[str] = []

    def played(self, delta: e.ResponseOutputAudioDelta) -> list[Command]:
        if delta.response_id not in self.taken:
            self.taken.append(delta.response_id)
        return super().played(delta) if self.taken.index(delta.response_id) < 3 else []


@harms("keeps_answering", in_=c.CUT_BETWEEN)
class AsksOncePerSession(CreatesItsReplies):
    """A flag that a response was asked for is reset with the session only; a deadline of 3 s redials each time."""

    patience_us = 3 * SECOND

    def setup(self) -> None:
        self.asked = False

    def create(self) -> list[Command]:
        if self.asked:
            return []
        commands = super().create()
        self.asked = bool(commands)
        return commands

    def on_session(self, now: int) -> list[Command]:
        self.asked = False
        return super().on_session(now)


@harms("keeps_answering", in_=c.PLAIN)
class StopsSendingAfterAnAnswer(Healthy):
    """Nothing is appended while the assistant speaks, nor afterwards; a redial after 3 s gets the answer."""

    patience_us = 3 * SECOND

    def setup(self) -> None:
        self.spoken = False

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        return [] if self.spoken else super().uplink(chunk, now)

    def on_audio(self, delta: e.ResponseOutputAudioDelta, now: int) -> list[Command]:
        self.spoken = True
        return super().on_audio(delta, now)

    def on_session(self, now: int) -> list[Command]:
        self.spoken = False
        return super().on_session(now)


@harms("keeps_answering", in_=c.PLAIN)
class ThinksBeforeItAsks(CreatesItsReplies):
    """A search of 13 s comes between each turn of the user and the request for its response."""

    search_us = 13 * SECOND

    def on_committed(self, now: int) -> list[Command]:
        self.owe(self.started_at, now)
        self.timers["answer"] = now + 25 * SECOND
        self.timers.setdefault("search", now + self.search_us)
        return []

    def due_search(self, now: int) -> list[Command]:
        self.wants_reply = True
        return self.create()


# --- words ------------------------------------------------------------------------------------------------------------


@harms("words_lost", in_=c.CUT_THROUGH_SPEECH)
class ForgetsWhatWasSaidOffline(Healthy):
    """A new session begins with live audio."""

    def sends_again(self, now: int) -> int | None:
        self.settled()
        return None


@harms("words_lost", in_=c.BARGE_IN)
class HearsNothingWhileItSpeaks(Healthy):
    """The microphone is muted while an answer is played, against echoes."""

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        return super().uplink(silenced(chunk) if self.playback.playing else chunk, now)


@harms("words_lost", in_=c.SPEAKS_DURING_A_TOOL)
class HearsNothingWhileAToolRuns(Healthy):
    """The task that sends audio is the one that waits 5 s for the tool."""

    def setup(self) -> None:
        self.running: list[Command] = []

    def uplink(self, chunk: Chunk, now: int) -> list[Command]:
        return [] if self.running else super().uplink(chunk, now)

    def answer_calls(self, done: e.ResponseDone, now: int) -> list[Command]:
        self.running = super().answer_calls(done, now)
        if self.running:
            self.wants_reply = False
            self.timers["tool"] = now + 5 * SECOND
        return []

    def on_spoken(self, began: int, now: int) -> None:
        if not self.running:
            super().on_spoken(began, now)

    def due_tool(self, now: int) -> list[Command]:
        results, self.running, self.wants_reply = self.running, [], True
        return [*results, *self.create()]


# --- late answers -----------------------------------------------------------------------------------------------------


@harms("answers_late", in_=c.LONG_OUTAGE)
class BacksOffWithoutBound(Healthy):
    """The backoff doubles and has no largest value: when the network is back, the client waits on."""

    def backoff(self) -> int:
        return SECOND // 2 << self.attempts


@harms("answers_late", in_=c.QUIET_FOR_A_WHILE)
class WarmsUpAtTheFirstTurn(ThinksBeforeItAsks):
    """The first turn opens a database, which takes 14 s, and its response is asked for only then."""

    search_us = 14 * SECOND

    def due_search(self, now: int) -> list[Command]:
        self.search_us = 0
        return super().due_search(now)


@harms("answers_late", in_=c.ONE_TOOL_AND_TIME)
class ToolTakesFifteenSeconds(Healthy):
    """A tool call takes 15 s, and nobody speaks meanwhile."""

    def setup(self) -> None:
        self.running: list[Command] = []

    def answer_calls(self, done: e.ResponseDone, now: int) -> list[Command]:
        results = super().answer_calls(done, now)
        if results:
            self.running += results
            self.wants_reply = False
            self.timers["answer"] = now + 30 * SECOND
            self.timers.setdefault("tool", now + 15 * SECOND)
        return []

    def due_tool(self, now: int) -> list[Command]:
        results, self.running, self.wants_reply = self.running, [], True
        return [*results, *self.create()]

    def redial(self, now: int) -> list[Command]:
        self.running.clear()
        return super().redial(now)


# --- one answer -------------------------------------------------------------------------------------------------------


@harms("one_answer", in_=c.PLAIN)
class AsksBesideTheServer(Healthy):
    """The server answers each turn, and the client asks for a response too: it waits for its turn and asks then."""

    def setup(self) -> None:
        self.asks = False

    def on_committed(self, now: int) -> list[Command]:
        self.asks = True
        return super().on_committed(now)

    def on_done(self, done: e.ResponseDone, now: int) -> list[Command]:
        self.wants_reply, self.asks = self.wants_reply or self.asks, False
        return super().on_done(done, now)


@harms("one_answer", in_=c.CUT_BEHIND_AN_ANSWER)
class SendsAnsweredSpeechAgain(Healthy):
    """A new session gets the last utterance, answered or not."""

    def setup(self) -> None:
        self.last_from: int | None = None

    def owe(self, began: int, now: int) -> None:
        super().owe(began, now)
        self.last_from = self.owed_from

    def sends_again(self, now: int) -> int | None:
        since = super().sends_again(now)
        return self.last_from if since is None else since


@harms("one_answer", in_=c.SLOW_START)
class AsksAgainOutOfBand(Healthy):
    """If no audio comes within 1.2 s of the turn, a second response is asked for, out of band; both are played."""

    def on_committed(self, now: int) -> list[Command]:
        self.timers["impatient"] = now + 1_200 * MS
        return super().on_committed(now)

    def on_audio(self, delta: e.ResponseOutputAudioDelta, now: int) -> list[Command]:
        self.timers.pop("impatient", None)
        return super().on_audio(delta, now)

    def due_impatient(self, now: int) -> list[Command]:
        return [e.ResponseCreate(response={"conversation": "none"})]


@harms("one_answer", in_=c.PLAIN)
class PlaysItsRecordingToo(Healthy):
    """Each delta is handled by two listeners: one plays it, the other collects the answer and plays it at the end."""

    def setup(self) -> None:
        self.collected: list[Command] = []

    def played(self, delta: e.ResponseOutputAudioDelta) -> list[Command]:
        play = super().played(delta)
        self.collected += [Play(delta.delta, delta.item_id, delta.response_id)]
        return play

    def on_done(self, done: e.ResponseDone, now: int) -> list[Command]:
        collected, self.collected = self.collected, []
        return [*collected, *super().on_done(done, now)]

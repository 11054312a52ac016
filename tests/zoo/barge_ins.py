"""Mistakes where the user speaks over an answer: flags that stay, ids that are confused, places that are miscounted."""

from harness.audio.chunk import Chunk
from harness.clients.interface import Command, Play, StopPlayback
from harness.protocol import events as e

from . import conversations as c
from .conversations import fault, talk
from .healthy import Healthy
from .samples import silenced
from .specimen import SILENCE, harms

# --- flags that stay --------------------------------------------------------------------------------------------------


@harms(SILENCE, "client_waiting", in_=c.BARGE_IN)
class KeepsTheInterruptedFlag(Healthy):
    """Audio is dropped while the user interrupts; the end of playback resets that flag, and a stopped player has none.

    Seen where players are made anew: the listener for "ended" belongs to the player that was thrown away.
    """

    def setup(self) -> None:
        self.interrupted = False

    def barge_in(self, now: int) -> list[Command]:
        self.interrupted = self.interrupted or self.playback.playing
        return super().barge_in(now)

    def played(self, delta: e.ResponseOutputAudioDelta) -> list[Command]:
        return [] if self.interrupted else super().played(delta)

    def on_played(self, now: int) -> list[Command]:
        self.interrupted = False
        return super().on_played(now)


@harms(SILENCE, "client_waiting", in_=c.BARGE_IN)
class DropsByTheOutputIndex(Healthy):
    """What was cut off is remembered by its place in the response, and the first place is 0 in every later one too."""

    def setup(self) -> None:
        self.cut: set[int] = set()
        self.plays = 0

    def barge_in(self, now: int) -> list[Command]:
        if self.playback.playing:
            self.cut.add(self.plays)
        return super().barge_in(now)

    def on_audio(self, delta: e.ResponseOutputAudioDelta, now: int) -> list[Command]:
        self.plays = delta.output_index
        return [] if delta.output_index in self.cut else super().on_audio(delta, now)


@harms(SILENCE, "output_muted", in_=c.BARGE_IN)
class UnmutesAtACancelledResponse(Healthy):
    """A barge-in mutes the output until the response is reported cancelled; one that was complete never is."""

    def setup(self) -> None:
        self.muted = False

    def barge_in(self, now: int) -> list[Command]:
        self.muted = self.muted or self.playback.playing
        return super().barge_in(now)

    def on_done(self, done: e.ResponseDone, now: int) -> list[Command]:
        if done.response.status == "cancelled":
            self.muted = False
        return super().on_done(done, now)

    def played(self, delta: e.ResponseOutputAudioDelta) -> list[Command]:
        audio = bytes(len(delta.delta)) if self.muted else delta.delta
        return [Play(audio, delta.item_id, delta.response_id)]


@harms(SILENCE, "gate_closed", in_=talk("A response fails", fault(9.5, "failed-response", 8)))
class UnmutesAfterACompleteAnswer(Healthy):
    """Half duplex: the microphone is muted from a response's begin until it is completed; one that fails never is."""

    def setup(self) -> None:
        self.muted = False

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        commands = super().hear(silenced(chunk) if self.muted else chunk, now)
        if self.muted:
            self.listening.silent_since = None
        return commands

    def on_response(self, response_id: str, now: int) -> list[Command]:
        self.muted = True
        return super().on_response(response_id, now)

    def on_done(self, done: e.ResponseDone, now: int) -> list[Command]:
        self.muted = self.muted and done.response.status != "completed"
        return super().on_done(done, now)


# --- what is told to the server ---------------------------------------------------------------------------------------


@harms("truncates_right", in_=c.BARGE_IN)
class TruncatesByTheResponse(Healthy):
    """The id of the response stands where that of the item belongs, and the server refuses it."""

    def setup(self) -> None:
        self.response_of: dict[str, str] = {}

    def on_audio(self, delta: e.ResponseOutputAudioDelta, now: int) -> list[Command]:
        self.response_of[delta.item_id] = delta.response_id
        return super().on_audio(delta, now)

    def truncation(self, item_id: str, played_ms: int) -> Command:
        return super().truncation(self.response_of[item_id], played_ms)


@harms("truncates_right", in_=c.BARGE_IN)
class CountsEncodedBytes(Healthy):
    """The place is counted in bytes of base64, of which there are four for each three of audio."""

    def truncation(self, item_id: str, played_ms: int) -> Command:
        return super().truncation(item_id, played_ms * 4 // 3)


@harms("truncates_right", in_=c.BARGE_IN)
class CountsFromTheFirstAnswer(Healthy):
    """A clock counts what was played; it was started with the first answer, and is never started again."""

    def setup(self) -> None:
        self.first_at = self.now = 0

    def on_audio(self, delta: e.ResponseOutputAudioDelta, now: int) -> list[Command]:
        self.first_at = self.first_at or now
        return super().on_audio(delta, now)

    def barge_in(self, now: int) -> list[Command]:
        self.now = now
        return super().barge_in(now)

    def truncation(self, item_id: str, played_ms: int) -> Command:
        return super().truncation(item_id, (self.now - self.first_at) // 1_000)


# --- talking on -------------------------------------------------------------------------------------------------------


@harms("stops_for_the_user", in_=c.TALKED_OVER)
class TalksOn(Healthy):
    """A barge-in clears the app's own queue; what the device has buffered is the whole answer, and plays on."""

    def barge_in(self, now: int) -> list[Command]:
        return [each for each in super().barge_in(now) if not isinstance(each, StopPlayback)]


@harms("stops_for_the_user", in_=c.TALKED_OVER)
class StopsWhereAResponseIsActive(Healthy):
    """Playback is stopped together with a response in progress; one that is complete is only being played."""

    def barge_in(self, now: int) -> list[Command]:
        return super().barge_in(now) if self.active is not None else []


@harms("stops_for_the_user", in_=c.CUT_AND_TALKED_OVER)
class StopsThePlayerOfTheFirstSession(Healthy):
    """The handler of a barge-in holds the player that was made with the first session."""

    def barge_in(self, now: int) -> list[Command]:
        return super().barge_in(now) if self.sessions == 1 else []

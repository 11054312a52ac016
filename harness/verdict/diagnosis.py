"""Whose fault the silence is, from the journal alone.

An utterance travels: spoken → captured → sent → arrived → heard → answered → delivered → played. The first link that
broke is the cause. Two kinds of evidence are the world's: what was spoken, and the shadow (what an honest server would
have decided over the audio that arrived).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.causes import Cause
from harness.journal import Entry, Journal
from harness.units import SECOND, dbfs

_STARTED = "input_audio_buffer.speech_started"

CAPTURED_SHARE = 0.1
"""A capture with less than this share of the spoken RMS is dead."""
NEAR_SILENCE_LSB = 100
"""A capture that never peaks above this holds no voice (reported: 41 to 96)."""
GATED_SHARE = 0.5
"""Of an utterance's chunks: more zeros than this, or less RMS than this, and the gate took the voice."""
AFTER_US = 2 * SECOND
"""Time that is given to what an utterance brings about."""
CLOCK_SHARE = 0.5
"""With less of the captured audio sent than this, the server's audio clock all but stands still."""
STUCK_US = 10 * SECOND
"""A response that has been open for so long is stuck: answers are sent faster than they are played."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The broken link, since when, and why it is known. ``cause`` None: the user could not be heard by anyone."""

    cause: Cause | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """Audio of a lane over a span."""

    chunks: int
    samples: int
    zeros: int
    rms: float
    peak: int


def diagnose(journal: Journal, utterance: Entry) -> Diagnosis:
    """Why this ``user speaks`` entry stayed unanswered."""
    case = _Case(journal, utterance)
    for link in _LINKS:
        found = link(case)
        if found is not None:
            return found
    return Diagnosis(None, ("the voice was sent as it was spoken, and an honest server does not hear speech in it",))


class _Case:
    """One utterance and what the journal says around it."""

    def __init__(self, journal: Journal, utterance: Entry) -> None:
        self.journal = journal
        self.begin = utterance.t
        self.end = utterance.t + utterance.fields["length_us"]
        self.spoken_rms = float(utterance.fields["rms"])
        self.captured = self._level("microphone", self.begin, self.end)
        self.sent = self._level("uplink", self.begin, self.end)

    def during(self, lane: str, *kinds: str) -> Iterator[Entry]:
        """Entries of a lane from the utterance's begin to :data:`AFTER_US` after its end."""
        return (e for e in self.journal.select(lane, *kinds) if self.begin <= e.t <= self.end + AFTER_US)

    def open_since(self, lane: str, begins: str, *ends: str, connection: int | None = None) -> Entry | None:
        """The entry that began what no later one of ``ends`` had ended :data:`AFTER_US` after the utterance."""
        last: Entry | None = None
        for entry in self.journal.select(lane, begins, *ends):
            if entry.t > self.end + AFTER_US or (
                connection is not None and entry.fields.get("connection") != connection
            ):
                continue
            last = entry if entry.kind == begins else None
        return last

    @property
    def connection(self) -> int | None:
        """The connection that was open during the utterance."""
        opened = self.open_since("connection", "open", "closed", "dial")
        return opened.fields["connection"] if opened else None

    @property
    def clock_stands(self) -> bool:
        """Whether little of what was captured in the silence after the utterance was sent, not even as zeros."""
        silence = self.end, self.end + AFTER_US
        captured, sent = self._level("microphone", *silence), self._level("uplink", *silence)
        return sent.samples < CLOCK_SHARE * captured.samples

    def _level(self, lane: str, begin: int, end: int) -> Level:
        chunks = samples = zeros = peak = 0
        rms = 0.0
        for entry in self.journal.select(lane, "audio"):
            if begin - SECOND // 2 < entry.t < end:
                chunks += entry.fields["chunks"]
                samples += entry.fields["samples"]
                zeros += entry.fields["zeros"]
                rms = max(rms, entry.fields["rms"])
                peak = max(peak, entry.fields["peak"])
        return Level(chunks, samples, zeros, rms, peak)


def _capture(case: _Case) -> Diagnosis | None:
    if case.captured.chunks == 0:
        return Diagnosis("clock_frozen", (f"the capture delivered no chunk from {_s(case.begin)} to {_s(case.end)}",))
    near_silent = case.captured.peak <= NEAR_SILENCE_LSB < case.spoken_rms
    if near_silent or case.captured.rms < CAPTURED_SHARE * case.spoken_rms:
        return Diagnosis(
            "capture_dead",
            (
                f"the user spoke at {dbfs(case.spoken_rms):.0f} dBFS from {_s(case.begin)}",
                f"the microphone delivered {case.captured.chunks} chunks that peak at {case.captured.peak} of 32768",
            ),
        )
    return None


def _connected(case: _Case) -> Diagnosis | None:
    if case.connection is not None:
        return None
    closed = [entry for entry in case.journal.select("connection", "closed") if entry.t <= case.end]
    since = f"since {_s(closed[-1].t)}" if closed else "at all"
    return Diagnosis("client_waiting", (f"the client has had no connection {since}",))


def _arrival(case: _Case) -> Diagnosis | None:
    if case.sent.chunks == 0 or any(case.during("server", "audio_arrives")):
        return None
    last = [entry.t for entry in case.journal.select("server", "audio_arrives") if entry.t < case.begin]
    since = f"since {_s(last[-1])}" if last else "ever"
    return Diagnosis(
        "half_open", (f"{case.sent.chunks} chunks were sent and none arrived; nothing has arrived {since}",)
    )


def _lost(case: _Case) -> Diagnosis | None:
    """Everything the server said is lost on the way."""
    emitted = [entry for entry in case.during("server") if "." in entry.kind]
    received = {entry.kind for entry in case.during("client") if "." in entry.kind}
    if not emitted or any(entry.kind in received for entry in emitted):
        return None
    first = emitted[0]
    return Diagnosis("server_mute", (f"the server decided {first.kind} at {_s(first.t)}; none of its events arrived",))


def _held(case: _Case) -> Diagnosis | None:
    """In speech without an end: the detector holds it, or the clock of the server's ear stands still."""
    ends = ("input_audio_buffer.speech_stopped", "input_audio_buffer.committed", "turn_closed")
    started = case.open_since("server", _STARTED, *ends, connection=case.connection)
    if started is None:
        return None
    since = f"the server has been in speech since {_s(started.t)}"
    if case.clock_stands:
        return Diagnosis("clock_frozen", (since, "in the silence after the utterance hardly any audio was sent"))
    honest = [entry.t for entry in case.journal.select("shadow", "speech_stopped") if entry.t > started.t]
    verdict = f"an honest one would have ended it at {_s(honest[0])}" if honest else "an honest one holds it as well"
    return Diagnosis("vad_held", (since, verdict))


def _deaf(case: _Case) -> Diagnosis | None:
    """An honest server would have heard the user, and this one says nothing."""
    honest = [entry.t for entry in case.during("shadow", "speech_started")]
    if not honest or any(case.during("server", _STARTED)):
        return None
    return Diagnosis("server_mute", (f"an honest server would have heard speech at {_s(honest[0])}",))


def _response(case: _Case) -> Diagnosis | None:
    created = case.open_since("server", "response.created", "response.done", connection=case.connection)
    if created is None or case.end + AFTER_US - created.t < STUCK_US:
        return None
    return Diagnosis("response_stuck", (f"the response begun at {_s(created.t)} has not ended",))


def _gate(case: _Case) -> Diagnosis | None:
    if any(case.during("server", _STARTED)):
        return None
    share = case.sent.zeros / case.sent.chunks if case.sent.chunks else 1.0
    if share < GATED_SHARE and case.sent.rms >= GATED_SHARE * case.captured.rms:
        return None
    loud = f"the microphone delivered the voice, {dbfs(case.captured.rms):.0f} dBFS"
    return Diagnosis("gate_closed", (loud, f"the client sent {share:.0%} of its chunks as zeros or not at all"))


def _playback(case: _Case) -> Diagnosis | None:
    delivered = list(case.during("client", "response.output_audio.done"))
    if delivered:
        answer = f"the answer that arrived whole at {_s(delivered[0].t)}"
        return Diagnosis("client_waiting", (f"{answer} was not heard by the user",))
    created = list(case.during("server", "response.created"))
    if created:
        open_one = case.open_since("server", "response.created", "response.done", connection=case.connection)
        if open_one is not None:
            return Diagnosis("response_stuck", (f"the response begun at {_s(open_one.t)} has not ended",))
        return Diagnosis("server_mute", (f"the answer begun at {_s(created[0].t)} did not arrive",))
    committed = [entry.t for entry in case.during("server", "input_audio_buffer.committed")]
    if committed:
        return Diagnosis("server_mute", (f"the turn committed at {_s(committed[0])} got no response",))
    return None


def _unended(case: _Case) -> Diagnosis | None:
    """The server heard the user, and the turn was broken off before it could end."""
    started = next(case.during("server", _STARTED), None)
    if started is None:
        return None
    evidence = (f"the turn begun at {_s(started.t)} never came to its end",)
    return Diagnosis("clock_frozen" if case.clock_stands else "vad_held", evidence)


_LINKS = (_capture, _connected, _arrival, _lost, _held, _deaf, _response, _gate, _playback, _unended)


def _s(time: int) -> str:
    return f"{time / SECOND:.3f} s"

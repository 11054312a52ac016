"""What a client alone can know about a silence: not its cause, but which causes are possible.

A client sees what it captured, sent and received, its connection and its speaker; it does not see what the server heard
or decided. So some causes look the same to it: they are listed together, and need the same remedy.
"""

from dataclasses import dataclass

from ..causes import Cause
from ..journal import (
    ClientPong,
    ConnectionClosed,
    ConnectionDialFailed,
    Entry,
    EventAtClient,
    Journal,
    SpeakerHeard,
    SpeakerResumed,
    SpeakerSuspended,
    UserSpeaks,
)
from ..protocol.events import (
    ResponseCreated,
    ResponseDone,
    ResponseFunctionCallArgumentsDone,
    ResponseOutputAudioDone,
    TranscriptionCompleted,
)
from ..units import SECOND, dbfs
from .diagnosis import last_spoken
from .evidence import COMMITTED, LOUD_LSB, STARTED, Case
from .links import CAPTURED_SHARE, GATED_SHARE, NEAR_SILENCE_LSB, STUCK_US, DiagnosisState

NO_CHUNK: tuple[Cause, ...] = ("clock_frozen", "capture_graph_collected")
NO_SOUND: tuple[Cause, ...] = ("capture_dead", "capture_graph_collected")
NOTHING_HEARD: tuple[Cause, ...] = ("server_mute", "vad_deaf", "audio_garbled", "events_lost", "uplink_late")
"""The connection is alive and a voice is sent, but no event arrives."""
NO_END: tuple[Cause, ...] = ("vad_held", "turn_lost", "events_lost", "server_mute")
NO_RESPONSE: tuple[Cause, ...] = ("turn_lost", "events_lost", "server_mute")
NO_DONE: tuple[Cause, ...] = ("response_stuck", "events_lost", "server_mute")
NO_AUDIO: tuple[Cause, ...] = ("reply_inaudible", "events_lost")


@dataclass(frozen=True, slots=True)
class Suspects:
    """The causes that are consistent with what a client sees; none if there is no silence."""

    causes: tuple[Cause, ...]
    evidence: str
    state: DiagnosisState = "silent"


def suspects(journal: Journal, utterance: UserSpeaks | None = None) -> Suspects:
    """What a client can know about this utterance, or about the last complete one."""
    chosen = utterance or last_spoken(journal)
    if chosen is None or not chosen.is_audible:
        return Suspects((), "nobody spoke loudly enough to be heard", "quiet")
    case = Case(journal, chosen)
    older = {e.response_id for e in journal.events(EventAtClient, ResponseCreated) if e.t < chosen.t}
    if any(e.response_id not in older for e in journal.select(SpeakerHeard) if e.t >= chosen.t):
        return Suspects((), "the assistant was heard after the user spoke", "answered")
    written = any(e.t >= chosen.t for e in journal.events(EventAtClient, TranscriptionCompleted))
    if written and case.answers.writes(case.connection):
        return Suspects((), "a transcript arrived after the user spoke", "answered")
    return _own_side(case) or _far_side(case)


def _own_side(case: Case) -> Suspects | None:
    """What the client can see of its own side: capture, gate, connection."""
    if case.captured.chunks == 0:
        return Suspects(NO_CHUNK, "no chunk was captured")
    if case.captured.peak <= NEAR_SILENCE_LSB or case.captured.rms < CAPTURED_SHARE * case.spoken_rms:
        return Suspects(NO_SOUND, f"the capture peaks at {case.captured.peak} of 32768")
    if case.connection is None:
        closed = max((e.t for e in case.journal.select(ConnectionClosed) if e.t <= case.end), default=0)
        dialled = any(closed <= e.t <= case.end for e in case.journal.select(ConnectionDialFailed))
        return Suspects(("unreachable",) if dialled else ("client_waiting",), "there is no connection")
    if any(case.events_during(EventAtClient, STARTED)):
        return None
    share = case.sent.zeros / case.sent.chunks if case.sent.chunks else 1.0
    if share >= GATED_SHARE or case.sent.rms < GATED_SHARE * case.captured.rms:
        return Suspects(("gate_closed",), f"{share:.0%} of what was captured was sent as zeros, or was not sent")
    return None


def _far_side(case: Case) -> Suspects:
    """What the events of the server show, or their absence."""
    open_response = case.open_response(EventAtClient)
    turn = case.turn_at(EventAtClient)
    if turn is not None and (turn.ended is None or turn.ended.t > case.until):
        return _held(case, turn.started)
    if open_response is not None and case.until - open_response.t >= STUCK_US:
        return Suspects(NO_DONE, "a response has started and has not ended")
    if turn is None and not any(case.events_during(EventAtClient, COMMITTED)):
        return _nothing(case)
    detection = case.detection_at(EventAtClient)
    created = case.response_at(EventAtClient)
    if created is None and (detection is None or detection.get("create_response") is False):
        return Suspects(("client_waiting",), "the turn was committed, and the client must request the response")
    if created is None:
        return Suspects(NO_RESPONSE, "the turn was committed and no response started")
    done = case.of_response(EventAtClient, ResponseDone, created)
    if done is None:
        return Suspects(NO_DONE, "a response has started and has not ended")
    spoken = case.of_response(EventAtClient, ResponseOutputAudioDone, created)
    status = done.status
    if status == "failed" or (status == "incomplete" and spoken is None):
        return Suspects(("response_failed",), f"the response ended as {status}")
    if status == "cancelled":
        return Suspects(("client_waiting",), "the response was cancelled")
    called = case.of_response(EventAtClient, ResponseFunctionCallArgumentsDone, created)
    if spoken is None and called is not None:
        return Suspects(("client_waiting",), "the response asks for a tool")
    if spoken is None:
        return Suspects(NO_AUDIO, "the response ended without audio")
    if case.open_since(SpeakerSuspended, SpeakerResumed) is not None:
        return Suspects(("playback_suspended",), "the answer arrived and playback is suspended")
    return Suspects(("client_waiting",), "the answer arrived whole and was not played")


def _held(case: Case, started: Entry) -> Suspects:
    since = f"the server has been in speech since {started.t / SECOND:.3f} s"
    if case.clock_stands:
        return Suspects(("clock_frozen",), f"{since}, and hardly any audio is sent")
    if case.sent_after.chunks and case.sent_after.rms >= LOUD_LSB:
        loud = f"{dbfs(case.sent_after.rms):.0f} dBFS is sent while the user is silent"
        return Suspects(("endless_sound", "vad_held"), f"{since}, and {loud}")
    return Suspects(NO_END, since)


def _nothing(case: Case) -> Suspects:
    """No event since the user spoke: only pings, if the client sends any, tell a dead connection from a mute server."""
    if case.detection_at(EventAtClient) is None:
        return Suspects(("client_waiting",), "turn detection is off, and nothing was committed")
    if any(entry.t >= case.begin for entry in case.journal.select(ClientPong)):
        return Suspects(NOTHING_HEARD, "pings are answered, and no event arrived since the user spoke")
    if any(case.journal.select(ClientPong)):
        return Suspects(("half_open",), "pings are no longer answered")
    return Suspects(("half_open", *NOTHING_HEARD), "no event arrived since the user spoke, and no pings were sent")

"""What a client alone can know of a silence: not whose fault it is, but which causes are left.

It sees what it captured, sent and received, its connection and its speaker; not what the server heard or decided. So
some causes look the same: they stand together in one answer, and only a restart of what they share is sure to help.
"""

from dataclasses import dataclass

from harness.causes import Cause
from harness.journal import Entry, Journal
from harness.units import SECOND, dbfs
from harness.verdict.diagnosis import last_spoken
from harness.verdict.evidence import COMMITTED, STARTED, Case
from harness.verdict.links import CAPTURED_SHARE, GATED_SHARE, LOUD_LSB, NEAR_SILENCE_LSB, STUCK_US, State

NOTHING_HEARD: tuple[Cause, ...] = ("server_mute", "vad_deaf", "audio_garbled", "events_lost", "uplink_late")
"""A connection that lives, a voice that is sent, and no event."""
NO_END: tuple[Cause, ...] = ("vad_held", "turn_lost", "events_lost", "server_mute")
NO_RESPONSE: tuple[Cause, ...] = ("turn_lost", "events_lost", "server_mute")
NO_DONE: tuple[Cause, ...] = ("response_stuck", "events_lost", "server_mute")
NO_AUDIO: tuple[Cause, ...] = ("reply_inaudible", "events_lost")


@dataclass(frozen=True, slots=True)
class Suspects:
    """The causes that fit what a client sees, none if there is no silence."""

    causes: tuple[Cause, ...]
    evidence: str
    state: State = "silent"


def suspects(journal: Journal, utterance: Entry | None = None) -> Suspects:
    """What a client can say of this utterance, or of the last that was complete."""
    chosen = utterance or last_spoken(journal)
    if chosen is None or not chosen.fields.get("audible", True):
        return Suspects((), "nobody spoke so that it could be heard", "quiet")
    case = Case(journal, chosen)
    older = {e.fields["response_id"] for e in journal.select("client", "response.created") if e.t < chosen.t}
    if any(entry.fields["response_id"] not in older for entry in case.since("speaker", "heard", t=chosen.t)):
        return Suspects((), "the assistant was heard after the user spoke", "answered")
    return _own_side(case) or _far_side(case)


def _own_side(case: Case) -> Suspects | None:
    """What the client can see at its own end: capture, gate, connection."""
    if case.captured.chunks == 0:
        return Suspects(("clock_frozen",), "no chunk was captured")
    if case.captured.peak <= NEAR_SILENCE_LSB or case.captured.rms < CAPTURED_SHARE * case.spoken_rms:
        return Suspects(("capture_dead",), f"the capture peaks at {case.captured.peak} of 32768")
    if case.connection is None:
        closed = max((e.t for e in case.journal.select("connection", "closed") if e.t <= case.end), default=0)
        dialled = any(closed <= e.t <= case.end for e in case.journal.select("connection", "dial_failed"))
        return Suspects(("unreachable",) if dialled else ("client_waiting",), "there is no connection")
    if any(case.during("client", STARTED)):
        return None
    share = case.sent.zeros / case.sent.chunks if case.sent.chunks else 1.0
    if share >= GATED_SHARE or case.sent.rms < GATED_SHARE * case.captured.rms:
        return Suspects(("gate_closed",), f"{share:.0%} of what was captured was sent as zeros, or was not sent")
    return None


def _far_side(case: Case) -> Suspects:
    """What the far end says, or does not."""
    open_response = case.open_response("client")
    turn = case.turn_on("client")
    if turn is not None and (turn.ended is None or turn.ended.t > case.until):
        return _held(case, turn.started)
    if open_response is not None and case.until - open_response.t >= STUCK_US:
        return Suspects(NO_DONE, "a response was begun and has not ended")
    if turn is None and not any(case.during("client", COMMITTED)):
        return _nothing(case)
    detection = case.detection_on("client")
    created = case.response_on("client")
    if created is None and (detection is None or detection.get("create_response") is False):
        return Suspects(("client_waiting",), "the turn was taken, and the client is to ask for the response")
    if created is None:
        return Suspects(NO_RESPONSE, "the turn was taken and no response was begun")
    done = case.of_response("client", "response.done", created)
    if done is None:
        return Suspects(NO_DONE, "a response was begun and has not ended")
    spoken = case.of_response("client", "response.output_audio.done", created)
    status = done.fields.get("status")
    if status == "failed" or (status == "incomplete" and spoken is None):
        return Suspects(("response_failed",), f"the response ended as {status}")
    if status == "cancelled":
        return Suspects(("client_waiting",), "the response was cancelled")
    if spoken is None and case.of_response("client", "response.function_call_arguments.done", created) is not None:
        return Suspects(("client_waiting",), "the response asks for a tool")
    if spoken is None:
        return Suspects(NO_AUDIO, "the response ended and brought no audio")
    if case.open_since("speaker", "suspended", "resumed") is not None:
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
    """No event since the user spoke: pings, if the client sends any, tell a dead connection from a silent one."""
    if case.detection_on("client") is None:
        return Suspects(("client_waiting",), "turn detection is off, and nothing was committed")
    if any(entry.t >= case.begin for entry in case.journal.select("client", "pong")):
        return Suspects(NOTHING_HEARD, "pings are answered, and no event came since the user spoke")
    if any(case.journal.select("client", "pong")):
        return Suspects(("half_open",), "pings are no longer answered")
    return Suspects(("half_open", *NOTHING_HEARD), "no event came since the user spoke, and nobody pinged")

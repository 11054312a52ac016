"""The links of the chain from an utterance to its answer: one function for each link tests whether it is broken.

Spoken → captured → sent → arrived → heard → answered → delivered → played. Each function takes a
:class:`~harness.verdict.evidence.Case` and returns a :class:`Diagnosis` if the link is broken, None if it works.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

from ..causes import Cause
from ..journal import (
    AppEnded,
    AudioArrived,
    AudioDelivered,
    AudioNodeCollected,
    ClientDisconnects,
    ClientPong,
    ClientReopensCapture,
    ConnectionClosed,
    ConnectionDialFailed,
    ConnectionDialled,
    ConnectionOpened,
    CreateIgnored,
    Entry,
    EventAtClient,
    EventByServer,
    EventEntry,
    MadeToWait,
    MicrophoneAudio,
    PageNodeCreated,
    ResponseAudio,
    ShadowSpeechStopped,
    SpeakerEnded,
    SpeakerResumed,
    SpeakerStopped,
    SpeakerSuspended,
    TurnClosed,
    TurnUnanswered,
    UplinkAudio,
    UplinkDrained,
    UplinkFull,
)
from ..protocol.events import (
    ConversationItemCreate,
    ErrorEvent,
    ResponseCreate,
    ResponseCreated,
    ResponseDone,
    ResponseFunctionCallArgumentsDone,
    ResponseOutputAudioDone,
    SessionCreated,
    SessionUpdated,
    TranscriptionCompleted,
    TranscriptionFailed,
)
from ..units import MS, SECOND, dbfs
from .evidence import AFTER_US, COMMITTED, STARTED, Case
from .page_capture import lost_in_page

DiagnosisState = Literal["silent", "answered", "quiet", "unknown"]
ChainLink = Literal["spoken", "captured", "sent", "arrived", "heard", "answered", "delivered", "played"]
CHAIN: tuple[ChainLink, ...] = get_args(ChainLink)
"""The links from an utterance to its answer, in order."""

CAPTURED_SHARE = 0.1
"""A capture with less than this share of the spoken RMS is dead."""
NEAR_SILENCE_LSB = 100
"""A capture that never peaks above this holds no voice (reported: 41 to 96)."""
CHUNK_TOLERANCE = 0.05
"""If the length of the chunks changed by more than this share, the rate or the format changed."""
SENT_SHARE = 0.8
"""A client that sends this share of the captured chunks sends them chunk for chunk."""
LENGTH_TOLERANCE = 0.2
"""If chunks are sent that are longer or shorter than the captured ones by more than this share, they are no longer the
same sound."""
STORM = 4
"""A client that opens so many connections in 10 s leaves them before they can answer."""
GIVEN_UP_US = 20 * SECOND
"""A client that has not dialled for so long has given up: a backoff is at most 16 s in the clients that were read."""
CLOSE_TAKES_US = 11 * SECOND
"""A Close that is not answered ends the connection after 10 s."""
LATE_US = 1_500 * MS
"""If audio arrives later than this, the user has given up before the answer."""
ARRIVES_US = 1_500 * MS
"""Arriving audio has an entry once a second; without one for so long while audio is sent, none arrives."""
IN_FLIGHT_US = SECOND
"""An event that was sent this recently may still be in flight."""
DEAF_THRESHOLD = 0.99
"""A session whose threshold is this or higher is deaf by its settings."""
ENDLESS_SHARE = 0.75
"""If sound fills this share of the time in which the user is silent, what is sent does not end."""
GATED_SHARE = 0.5
"""If a larger share of the chunks is zeros, or a smaller share of the RMS is left, the gate removed the voice."""
LOST_SHARE = 0.5
"""If a larger share of the packets of an utterance is lost, nobody can hear it."""
MADE_UP_SHARE = 0.1
"""If a larger share of what the server heard was made up, that is why it heard no speech."""
ARRIVED_SHARE = 0.5
"""If less of an answer's audio arrives, it was lost on the way."""
SILENT_MS = 1_000
"""The first second of an answer may be silent; so one that is cut off in it is not taken for a silent one."""
MUTED_MS = 400
"""An answer of which this much was played without a sound is played muted."""
STUCK_US = 10 * SECOND
"""A response that is open for longer is stuck: answers are sent faster than they are played."""
SURE, LIKELY, PERHAPS = 0.98, 0.85, 0.6
"""Confidence if two lanes agree, if one lane shows it, and if no other cause is left."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Whether there is a silence, its cause, since when, and the evidence."""

    cause: Cause | None
    """None unless :attr:`state` is ``silent``."""
    evidence: tuple[str, ...]
    state: DiagnosisState = "silent"
    """``answered``: the user's last utterance was answered; ``quiet``: nobody spoke, or nobody could hear it;
    ``unknown``: where the answer would be, the journal of a live server has a gap."""
    since_us: int | None = None
    """Since when the link is broken, in microseconds, as far as the journal shows."""
    confidence: float = SURE
    """From 0 to 1; how often it is right is measured by ``stillthere confusion``."""
    works_until: ChainLink | None = None
    """The last link that was seen to work, and with it those before; None: of none that is known."""


def _audible(case: Case) -> Diagnosis | None:
    if case.audible:
        return None
    return Diagnosis(None, ("an honest detector does not take what the user said for speech",), "quiet")


# --- from the microphone to the server ------------------------------------------------------------------------------


def _capture(case: Case) -> Diagnosis | None:
    captured = case.captured
    collected = _collected(case)
    if collected is not None and not (captured.peak and case.sent.peak):
        said = f"the garbage collector took the page's {collected.node} at {_s(collected.t)}"
        of, who = (case.sent, "the page sent") if captured.peak else (captured, "the capture delivered")
        delivered = f"{who} {of.chunks or 'no'} chunks{' of zeros' if of.chunks else ''}"
        span = f"from {_s(case.begin)} to {_s(case.end)}"
        return Diagnosis("capture_graph_collected", (said, f"{delivered} {span}"), since_us=collected.t)
    if captured.chunks == 0:
        last = _last_before(case)
        said = f"the capture delivered no chunk from {_s(case.begin)} to {_s(case.end)}"
        return Diagnosis("clock_frozen", (said,), since_us=last.t if last else case.begin)
    near_silent = captured.peak <= NEAR_SILENCE_LSB < case.spoken_rms
    if near_silent or captured.rms < CAPTURED_SHARE * case.spoken_rms:
        spoke = f"the user spoke at {dbfs(case.spoken_rms):.0f} dBFS from {_s(case.begin)}"
        delivered = f"the microphone delivered {captured.chunks} chunks that peak at {captured.peak} of 32768"
        return Diagnosis("capture_dead", (spoke, delivered), since_us=case.begin)
    lost_inside = lost_in_page(case.journal, case.begin, case.end)
    if lost_inside is not None and case.sent.rms < CAPTURED_SHARE * captured.rms:
        said, since_us = lost_inside
        return Diagnosis("capture_dead", (said, "what the page sends has no voice in it"), since_us=since_us)
    if case.by_call and case.journal.is_of_app and (lost := _lost_on_the_way_up(case)) is not None:
        return lost  # what an app has sent is known only where it arrives
    now, first = case.samples_a_chunk
    if first and abs(now - first) > CHUNK_TOLERANCE * first:
        shorter = f"its chunks hold {now:.0f} samples on average, and held {first:.0f} at first"
        return Diagnosis("audio_garbled", (shorter, "so the rate or the format is not what was declared"))
    return None


def _collected(case: Case) -> AudioNodeCollected | None:
    """The loss of the page's last source of audio, if the client did not open the capture again since."""
    last: AudioNodeCollected | None = None
    for entry in case.journal.select(AudioNodeCollected, ClientReopensCapture, PageNodeCreated):
        if isinstance(entry, ClientReopensCapture) or (isinstance(entry, PageNodeCreated) and entry.is_source):
            last = last if entry.t > case.begin else None
        elif isinstance(entry, AudioNodeCollected) and entry.t <= case.end and not entry.left:
            last = entry
    return last


def _last_before(case: Case) -> MicrophoneAudio | None:
    """The last audio of the microphone before the utterance."""
    return next((e for e in reversed(list(case.journal.select(MicrophoneAudio))) if e.t < case.begin), None)


def _ended(case: Case) -> Diagnosis | None:
    """An app that has ended; if it was told of a closed connection, that is what it ended by."""
    ended = next((entry for entry in case.journal.select(AppEnded) if entry.t <= case.end), None)
    if ended is None:
        return None
    by = "without an error" if ended.error is None else f"by {ended.error}"
    where = f" ({ended.place})" if ended.place else ""
    return Diagnosis("app_ended", (f"the app ended at {_s(ended.t)} {by}{where}",), since_us=ended.t)


def _connected(case: Case) -> Diagnosis | None:
    if case.connection is not None:
        return None
    closed = [entry for entry in case.journal.select(ConnectionClosed) if entry.t <= case.end]
    since = closed[-1].t if closed else None
    said = f"the client has had no connection {f'since {_s(since)}' if since is not None else 'at all'}"
    tried = case.journal.select(ConnectionDialled, ConnectionDialFailed)
    dials = [entry for entry in tried if (since or 0) <= entry.t <= case.until]
    if dials and case.end - dials[-1].t >= GIVEN_UP_US:
        gave_up = f"and has not dialled since {_s(dials[-1].t)}"
        return Diagnosis("client_waiting", (said, gave_up), since_us=dials[-1].t)
    opened = [e.t for e in case.journal.select(ConnectionOpened) if case.end - 10 * SECOND <= e.t <= case.end]
    if len(opened) >= STORM:
        said = f"the client opened {len(opened)} connections in the 10 s before {_s(case.end)} and left each of them"
        return Diagnosis("client_left", (said,), since_us=opened[0])
    if dials:
        count = sum(isinstance(entry, ConnectionDialled) for entry in dials)
        return Diagnosis("unreachable", (said, f"it has dialled {count} times since, in vain"), since_us=since)
    left = [entry for entry in case.journal.select(ClientDisconnects) if entry.t <= case.end]
    if left and (since is None or left[-1].t >= since - CLOSE_TAKES_US):
        return Diagnosis("client_left", (f"the client closed the connection at {_s(left[-1].t)}", said), since_us=since)
    return Diagnosis("client_waiting", (said, "and does not dial"), since_us=since)


def _format(case: Case) -> Diagnosis | None:
    """What is sent is of another length than what was captured: another rate, or bytes of another format."""
    sent, captured = case.sent, case.captured
    if not captured.samples or not SENT_SHARE <= sent.chunks / captured.chunks <= 1 / SENT_SHARE:
        return None
    lengths = sorted(entry.samples / entry.chunks for entry in case.during(UplinkAudio) if entry.peak)
    ratio = lengths[len(lengths) // 2] * captured.chunks / captured.samples if lengths else 1.0
    if 1 - LENGTH_TOLERANCE <= ratio <= 1 + LENGTH_TOLERANCE:
        return None
    if any(case.events_during(EventByServer, STARTED)) and case.response is not None:
        return None
    said = f"what was sent is {ratio:.2f} times as long as what was captured, chunk for chunk"
    why = "so its rate or its format is not the declared one"
    return Diagnosis("audio_garbled", (said, why), since_us=case.begin)


def _call(case: Case) -> Diagnosis | None:
    """Over WebRTC: the call has ended without the client, or most packets of the microphone are lost."""
    states = case.call_states() if case.by_call else {}
    if "given_up" in states:
        said = f"the server had no sign of the client, and ended the call at {_s(states['given_up'])}"
        return Diagnosis("half_open", (said, "the client was not told"), since_us=states["given_up"])
    if "failed" in states:
        said = f"the browser has said since {_s(states['failed'])} that the call has failed, and the client stays"
        return Diagnosis("client_waiting", (said,), since_us=states["failed"])
    return _lost_on_the_way_up(case) if case.by_call else None


def _lost_on_the_way_up(case: Case) -> Diagnosis | None:
    packets = case.packets(case.begin, case.end)
    if packets["up_lost"] < LOST_SHARE * packets["up_sent"] or not packets["up_lost"]:
        return None
    said = f"{packets['up_lost']} of the {packets['up_sent']} packets that were sent with the utterance were lost"
    if packets["down_lost"] >= LOST_SHARE * packets["down_sent"] > 0:
        both = f"and {packets['down_lost']} of the {packets['down_sent']} that came the other way"
        return Diagnosis("half_open", (said, both), since_us=case.begin, works_until="sent")
    return Diagnosis("media_lost", (said,), since_us=case.begin, works_until="sent")


def _arrival(case: Case) -> Diagnosis | None:
    sent = [entry.t for entry in case.during(UplinkAudio)]
    arrived = [entry.t for entry in case.journal.select(AudioArrived) if entry.t <= case.until]
    last = arrived[-1] if arrived else None
    full = case.open_since(UplinkFull, UplinkDrained)
    if not sent and full is not None and full.connection == case.connection and (last or 0) <= full.t <= case.begin:
        said = f"nothing has arrived since {_s(last)}" if last is not None else "nothing has ever arrived"
        takes = f"the connection has taken nothing more of the app since {_s(full.t)}: the buffers are full"
        return Diagnosis("half_open", (said, takes), since_us=last)
    if not sent or (last is not None and sent[-1] - last < ARRIVES_US):
        return None
    answers = (e for e in case.during(ClientPong, EventAtClient) if isinstance(e, ClientPong) or _is_error(e))
    alive = next((entry for entry in answers if last is None or entry.t > last + SECOND), None)
    since = f"since {_s(last)}" if last is not None else "ever"
    said = f"{case.sent.chunks} chunks were sent with the utterance, and nothing has arrived {since}"
    if alive is not None:
        lives = f"and yet the server answered with {alive.kind} at {_s(alive.t)}: the connection lives"
        return Diagnosis("events_lost", (said, lives), since_us=last, works_until="sent")
    return Diagnosis("half_open", (said,), since_us=last, works_until="sent")


def _late(case: Case) -> Diagnosis | None:
    if any(case.events_during(EventByServer, STARTED)) or case.answers.carried(case.utterance):
        return None
    ages_ms = [entry.age_ms for entry in case.during(UplinkAudio) if isinstance(entry.age_ms, int)]
    old = [age_ms for age_ms in ages_ms if age_ms * MS >= LATE_US]
    if old and 2 * len(old) > sum(1 for _ in case.during(UplinkAudio)):
        said = f"what the client sent during the utterance had been captured up to {max(old) / 1000:.1f} s before"
        return Diagnosis("uplink_late", (said,), since_us=case.begin)
    if case.late_us < LATE_US:
        return None
    said = f"{_s(case.late_us)} of the audio that was sent had not arrived at {_s(case.end)}"
    return Diagnosis("uplink_late", (said,), since_us=case.end - case.late_us)


def _mute(case: Case) -> Diagnosis | None:
    """All events of the server were lost on the way."""
    until = case.until - IN_FLIGHT_US
    emitted = [entry for entry in case.during(EventByServer) if not _is_error(entry) and entry.t <= until]
    received = {entry.kind for entry in case.during(EventAtClient)}
    if not emitted or any(entry.kind in received for entry in emitted):
        return None
    first = emitted[0]
    said = f"the server decided {first.kind} at {_s(first.t)}; none of its events arrived"
    return Diagnosis("server_mute", (said,), since_us=first.t)


# --- the server's ear -----------------------------------------------------------------------------------------------


def held(case: Case) -> Diagnosis | None:
    """Speech does not end: sound or the detector holds it, or the server's audio clock stands still."""
    turn = case.turn
    if turn is None or (turn.ended is not None and turn.ended.t <= case.until and not case.joined):
        return None
    started, ended = turn.started.t, turn.ended.t if turn.ended is not None else None
    since = f"the server has been in speech since {_s(started)}"
    if ended is not None:
        since = f"the server was in speech from {_s(started)} to {_s(ended)}"
    if case.clock_stands:
        stands = "in the silence after the utterance hardly any audio was sent"
        return Diagnosis("clock_frozen", (since, stands), since_us=started)
    honest = _honest_end(case, started)
    if honest is not None and (honest <= case.until if ended is None else honest + SECOND < ended):
        return Diagnosis("vad_held", (since, f"an honest one would have ended it at {_s(honest)}"), since_us=started)
    verdict = "an honest one holds it as well"
    closed = case.closed(case.end, case.until)
    if closed is not None:
        return _hung_up(case, closed)
    if case.loud_after_share >= ENDLESS_SHARE:
        level = f"after the utterance what is sent is as loud as {dbfs(case.sent_after.rms):.0f} dBFS"
        return Diagnosis("endless_sound", (since, verdict, level), since_us=started)
    if honest is not None and ended is not None:
        return None  # its turn detection is set to wait this long
    return Diagnosis("vad_held", (since, verdict), since_us=started, confidence=LIKELY)


def _honest_end(case: Case, started: int) -> int | None:
    ends = (entry for entry in case.journal.select(ShadowSpeechStopped) if entry.t > started)
    return next((entry.t for entry in ends if entry.connection == case.connection), None)


def deaf(case: Case) -> Diagnosis | None:
    """An honest detector heard the user, and the server did not."""
    honest = case.honest_turn
    if honest is None or case.turn is not None:
        return None
    began = honest.started.t
    heard = case.journal.events(EventByServer, STARTED)
    if began < case.begin and any(entry.t >= began - SECOND for entry in heard):
        return None  # it was heard, but its turn was ended by a commit or a clear
    return Diagnosis("vad_deaf", (f"an honest server would have heard speech at {_s(began)}",), since_us=began)


def stuck(case: Case) -> Diagnosis | None:
    """A response that has been open for long."""
    created = case.open_response(EventByServer)
    return _unended(case, created) if created is not None and case.until - created.t >= STUCK_US else None


def unheard(case: Case) -> Diagnosis | None:
    """The server heard nothing, and was right: the gate was closed, the client did not commit, or sent no voice."""
    committed = {entry.item_id for entry in case.events_during(EventByServer, COMMITTED)}
    if case.turn is not None or committed - case.without_speech:
        return None
    if not any(entry.connection == case.connection for entry in case.journal.select(UplinkAudio)):
        nothing = "the client has sent no audio at all on the present connection, not even silence"
        waits: Cause = "client_waiting" if case.detection is None else "clock_frozen"
        return Diagnosis(waits, (nothing,), since_us=case.begin, confidence=LIKELY)
    if case.passed_before and not any(case.during(UplinkAudio)):
        nothing = "the client has appended nothing since the utterance began, and appended such a voice before"
        return Diagnosis("clock_frozen", (nothing,), since_us=case.begin, confidence=LIKELY)
    share = case.sent.zeros / case.sent.chunks if case.sent.chunks else 1.0
    if share >= GATED_SHARE or case.sent.rms < GATED_SHARE * case.captured.rms:
        loud = f"the microphone delivered the voice, {dbfs(case.captured.rms):.0f} dBFS"
        gated = f"the client sent {share:.0%} of its chunks as zeros or not at all"
        return Diagnosis("gate_closed", (loud, gated), since_us=case.begin)
    if case.detection is None:
        said = "turn detection is off, and the client did not commit what the user said"
        return Diagnosis("client_waiting", (said,), since_us=case.end, confidence=LIKELY, works_until="arrived")
    threshold = case.detection.get("threshold")
    if isinstance(threshold, int | float) and threshold >= DEAF_THRESHOLD:
        said = f"the session's threshold of speech is {threshold}, which hardly any voice reaches"
        return Diagnosis("vad_deaf", (said,), since_us=case.begin, confidence=LIKELY, works_until="arrived")
    opened = case.opened
    if opened is not None and opened.t > max(case.begin, case.end - SECOND):
        said = f"the connection was opened at {_s(opened.t)}, when the user had been speaking since {_s(case.begin)}"
        missed = "what was said before was not sent on it"
        return Diagnosis("client_waiting", (said, missed), since_us=opened.t, confidence=PERHAPS)
    if case.spoken_rms <= NEAR_SILENCE_LSB:
        quiet = f"the user spoke at {dbfs(case.spoken_rms):.0f} dBFS, and no detector hears speech in what was sent"
        return Diagnosis(None, (quiet,), "quiet", confidence=LIKELY)
    if case.by_call and _made_up(case):
        lost = (_made_up(case),)
        return Diagnosis("media_lost", lost, since_us=case.begin, confidence=LIKELY, works_until="sent")
    level = f"what was sent is as loud as {dbfs(case.sent.rms):.0f} dBFS"
    return Diagnosis(
        "audio_garbled", (level, "an honest server hears no speech in it, but would in what the user said"),
        since_us=case.begin, confidence=LIKELY,
    )  # fmt: skip


def _made_up(case: Case) -> str:
    """In words, that much of what the server heard was made up in place of lost packets; empty if not."""
    packets = case.packets(case.begin, case.end)
    made_up, sent = packets["up_made_up"], packets["up_sent"]
    return f"{made_up} of {sent} packets had to be made up by the server" if made_up > MADE_UP_SHARE * sent else ""


# --- from the turn to the user's ear --------------------------------------------------------------------------------


def unwritten(case: Case) -> Diagnosis | None:
    """In a transcription session: the words of the turn were not written down, or did not reach the client."""
    carried = {turn.item_id: turn.at_us for turn in case.answers.carried(case.utterance)}
    if not case.answers.writes(case.connection) or not carried:
        return None
    items = case.journal.events(EventByServer, TranscriptionCompleted, TranscriptionFailed)
    told = [entry for entry in items if entry.item_id in carried]
    since = told[-1].t if told else max(carried.values())
    if told and told[-1].is_a(TranscriptionFailed):
        return Diagnosis("response_failed", (f"the transcription failed at {_s(since)}",), since_us=since)
    if told:
        said = f"the transcript that was sent at {_s(since)} did not arrive"
        return Diagnosis("events_lost", (said,), since_us=since)
    said = f"the turn that was taken at {_s(since)} has no transcript"
    settings = case.of_connection(case.journal.events(EventByServer, SessionCreated, SessionUpdated))
    models = [entry.fields["transcribes"] for entry in settings if entry.t <= since and "transcribes" in entry.fields]
    if not models or models[-1] is None:
        why = "and none is made: the client has named no model that transcribes"
        return Diagnosis("client_waiting", (said, why), since_us=since)
    closed = case.closed(since, since + AFTER_US)
    return Diagnosis("turn_lost", (said,), since_us=since) if closed is None else _hung_up(case, closed)


def lost_turn(case: Case) -> Diagnosis | None:
    """The server heard the utterance, and no response followed."""
    committed = case.events_during(EventByServer, COMMITTED)
    ended = case.turn.ended if case.turn is not None else next(committed, None)
    if ended is None:
        return None
    if isinstance(ended, TurnClosed):
        said = f"the turn was dropped at {_s(ended.t)} ({ended.by})"
        if ended.by == "discard":
            return Diagnosis("turn_lost", (said,), since_us=ended.t)
        if case.clock_stands:
            stands = "it would not have ended anyway: hardly any audio was sent in the silence after the utterance"
            return Diagnosis("clock_frozen", (said, stands), since_us=case.end, confidence=LIKELY)
        if not case.honest_speech_at(ended.t):
            held = "an honest detector was not in speech then, so its turn had ended before"
            return Diagnosis("vad_held", (said, held), since_us=case.turn.started.t if case.turn else ended.t)
        return Diagnosis("client_waiting", (said,), since_us=ended.t)
    if case.response is not None:
        return None
    closed = case.closed(ended.t, ended.t + AFTER_US)
    if closed is not None:
        return _hung_up(case, closed)
    said = f"the turn that ended at {_s(ended.t)} got no response"
    asked = _made_to_wait(case, ended.t) or _busy(case, ended) or _asked_in_vain(case, ended.t)
    if asked is not None:
        return Diagnosis(asked[0], (said, asked[1]), since_us=ended.t)
    detection = case.detection
    if detection is None or detection.get("create_response") is False:
        asks = "and the server makes none by itself: the client is to ask for it"
        return Diagnosis("client_waiting", (said, asks), since_us=ended.t, confidence=LIKELY)
    return Diagnosis("turn_lost", (said,), since_us=ended.t)


def unanswered(case: Case) -> Diagnosis | None:
    """The response did not end, or ended without audible sound."""
    created = case.response
    if created is None:
        return None
    done = case.of_response(EventByServer, ResponseDone, created)
    if done is None:
        closed = case.closed(created.t, created.t + STUCK_US)
        return _hung_up(case, closed) if closed is not None else _unended(case, created)
    status = done.status
    spoken = case.of_response(EventByServer, ResponseOutputAudioDone, created)
    begun = f"the response begun at {_s(created.t)}"
    if status == "failed" or (status == "incomplete" and (spoken is None or _inaudible(case, created) is not None)):
        return Diagnosis("response_failed", (f"{begun} ended as {status} at {_s(done.t)}",), since_us=created.t)
    if status == "cancelled":
        silent = _inaudible(case, created)
        if silent is not None:
            return silent
        why = done.reason or "no reason is given"
        said = f"{begun} was cancelled at {_s(done.t)} ({why})"
        return Diagnosis("client_waiting", (said,), since_us=done.t, confidence=PERHAPS)
    called = case.of_response(EventByServer, ResponseFunctionCallArgumentsDone, created)
    if spoken is None and called is not None:
        asked = _made_to_wait(case, called.t) or _asked_in_vain(case, called.t)
        if asked is not None:
            return Diagnosis(asked[0], (f"{begun} asks for a tool", asked[1]), since_us=done.t)
        outputs = case.journal.events(EventAtClient, ConversationItemCreate)
        sent = any(entry.t >= called.t and entry.item_type == "function_call_output" for entry in outputs)
        why = "the client sent the result and asked for no response" if sent else "the client sent no result"
        return Diagnosis("client_waiting", (f"{begun} asks for a tool", why), since_us=done.t, confidence=LIKELY)
    if spoken is None and status == "completed":
        return Diagnosis("reply_inaudible", (f"{begun} was completed without any audio",), since_us=created.t)
    return None


def _made_to_wait(case: Case, since: int) -> tuple[Cause, str] | None:
    """The server answers nothing before some calls have their results: did the client send them?"""
    waits = [e for e in case.of_connection(case.journal.select(MadeToWait)) if e.t >= since]
    if not waits:
        return None
    results = case.of_connection(case.journal.events(EventAtClient, ConversationItemCreate))
    sent = {entry.call_id for entry in results if entry.item_type == "function_call_output"}
    missing = [call_id for call_id in waits[-1].calls if call_id not in sent]
    if missing:
        return "client_waiting", f"the server answers nothing before it has the result of {', '.join(missing)}"
    return "events_lost", f"the result of {', '.join(waits[-1].calls)} was sent and did not arrive"


def _busy(case: Case, ended: Entry) -> tuple[Cause, str] | None:
    """The turn got no response because another one was active, which has not ended since."""
    item_id = getattr(ended, "item_id", None)
    unanswered = case.of_connection(case.journal.select(TurnUnanswered))
    active = next((entry.active for entry in unanswered if entry.item_id == item_id), None)
    done = {entry.response_id for entry in case.journal.events(EventByServer, ResponseDone)}
    if active is None or active in done:
        return None
    return "response_stuck", f"because {active} has not ended"


def _asked_in_vain(case: Case, since: int) -> tuple[Cause, str] | None:
    """The client asked for a response after ``since`` (microseconds), and none was begun: was it ignored, or lost?"""
    ignored = next((e.t for e in case.of_connection(case.journal.select(CreateIgnored)) if e.t >= since), None)
    if ignored is not None:
        return "turn_lost", f"the client asked for a response, and at {_s(ignored)} the server ignored that"
    asked = [e for e in case.of_connection(case.journal.events(EventAtClient, ResponseCreate)) if e.t >= since]
    if not asked or asked[-1].t > case.ends - IN_FLIGHT_US:
        return None
    said = f"the client asked for a response at {_s(asked[-1].t)}"
    after = asked[-1].t
    answered = case.of_connection(case.journal.events(EventByServer, ResponseCreated, ErrorEvent))
    if any(entry.t >= after for entry in answered):
        return None
    return "events_lost", f"{said}, which did not arrive"


def unplayed(case: Case) -> Diagnosis | None:
    """The answer was sent whole; it did not arrive, or was not played."""
    created = case.response
    spoken = case.of_response(EventByServer, ResponseOutputAudioDone, created) if created is not None else None
    if created is None or spoken is None:
        return None
    silent = _inaudible(case, created)
    if silent is not None:
        return silent
    delivered = case.of_response(EventAtClient, ResponseOutputAudioDone, created)
    if case.by_call and (lost := _lost_audio(case, created)) is not None:
        return lost
    if delivered is None:
        said = f"the end of the answer was sent at {_s(spoken.t)} and did not arrive"
        return Diagnosis("events_lost", (said,), since_us=spoken.t)
    lost = _lost_audio(case, created)
    if lost is not None:
        return lost
    return replace(_unheard_by_user(case, created, delivered), works_until="delivered")


def _unheard_by_user(case: Case, created: EventEntry, delivered: EventEntry) -> Diagnosis:
    answer = f"the answer that arrived whole at {_s(delivered.t)} was not heard by the user"
    suspended = case.open_since(SpeakerSuspended, SpeakerResumed)
    if suspended is not None:
        why = f"playback has been suspended since {_s(suspended.t)}"
        return Diagnosis("playback_suspended", (answer, why), since_us=suspended.t)
    return _unlike(case, created) or Diagnosis("client_waiting", (answer,), since_us=delivered.t, confidence=LIKELY)


def _inaudible(case: Case, created: EventEntry) -> Diagnosis | None:
    """The audio that the server sent cannot be heard."""
    sent = [e for e in case.journal.select(ResponseAudio) if e.response_id == created.response_id]
    if not sent or any(entry.audible_ms for entry in sent):
        return None
    length_ms = sum(entry.audio_ms for entry in sent)
    done = case.of_response(EventByServer, ResponseDone, created)
    if length_ms < SILENT_MS and (done is None or done.status == "cancelled"):  # its voice may have been to come
        return None
    said = f"the {length_ms} ms of audio in the response begun at {_s(created.t)} are silence"
    return Diagnosis("reply_inaudible", (said,), since_us=created.t)


def _lost_audio(case: Case, created: EventEntry) -> Diagnosis | None:
    """Most of the audio was lost on the way, although the event of its end arrived."""
    entries = [e for e in case.journal.select(AudioDelivered) if e.response_id == created.response_id]
    latest = {entry.item_id: entry for entry in entries}.values()
    sent_ms, delivered_ms = (sum(getattr(e, name) for e in latest) for name in ("sent_ms", "delivered_ms"))
    if not sent_ms or delivered_ms >= ARRIVED_SHARE * sent_ms:
        return None
    said = f"{delivered_ms} of the {sent_ms} ms of audio in the response begun at {_s(created.t)} arrived"
    return Diagnosis("media_lost" if case.by_call else "events_lost", (said,), since_us=created.t)


def _unlike(case: Case, created: EventEntry) -> Diagnosis | None:
    """What was played of the answer is silence, or not what the server sent."""
    played = [e for e in case.journal.select(SpeakerEnded, SpeakerStopped) if e.response_id == created.response_id]
    played_ms = sum(entry.played_ms for entry in played)
    garbled_ms = sum(entry.garbled_ms for entry in played if isinstance(entry.garbled_ms, int))
    audible_ms = sum(entry.audible_ms for entry in played if isinstance(entry.audible_ms, int))
    if garbled_ms > audible_ms:
        said = f"{garbled_ms} of the {played_ms} ms that were played are loud, and not what the server sent"
        return Diagnosis("reply_garbled", (said,), since_us=played[0].t)
    if played_ms >= MUTED_MS and not audible_ms and all(isinstance(e.audible_ms, int) for e in played):
        said = f"nothing can be heard in the {played_ms} ms that were played of an answer that was sent with sound"
        return Diagnosis("output_muted", (said,), since_us=played[0].t)
    return None


def _lost(case: Case) -> Diagnosis | None:
    """Some events around the utterance did not arrive, and the client may be waiting for them."""
    received = [(entry.kind, entry.t) for entry in case.journal.select(EventAtClient) if entry.t >= case.begin]
    for sent in case.during(EventByServer):
        arrived = any(kind == sent.kind and t >= sent.t for kind, t in received)
        if not _is_error(sent) and not arrived and sent.t <= case.ends - IN_FLIGHT_US:
            said = f"the server's {sent.kind} of {_s(sent.t)} did not arrive"
            return Diagnosis("events_lost", (said,), since_us=sent.t, confidence=LIKELY)
    return None


def _is_error(entry: Entry) -> bool:
    return isinstance(entry, EventEntry) and entry.is_a(ErrorEvent)


def _unended(case: Case, created: EventEntry) -> Diagnosis:
    said = f"the response begun at {_s(created.t)} has not ended"
    confidence = SURE if case.ends - created.t >= STUCK_US else LIKELY
    return Diagnosis("response_stuck", (said,), since_us=created.t, confidence=confidence)


def _hung_up(case: Case, closed: ConnectionClosed) -> Diagnosis:
    left = [entry for entry in case.journal.select(ClientDisconnects) if entry.t <= closed.t]
    if left and left[-1].t >= closed.t - CLOSE_TAKES_US:
        said = f"the client closed the connection at {_s(left[-1].t)}, before the answer"
        return Diagnosis("client_left", (said,), since_us=closed.t)
    said = f"the connection was closed at {_s(closed.t)}, before the answer"
    return Diagnosis("client_waiting", (said,), since_us=closed.t, confidence=LIKELY)


def _s(time: int) -> str:
    return f"{time / SECOND:.3f} s"


LINKS: dict[Callable[[Case], Diagnosis | None], ChainLink | None] = {
    _audible: None, _ended: "spoken", _capture: "spoken", _connected: "captured", _call: "captured",
    _format: "captured", _arrival: "captured", _late: "sent", _mute: "arrived", held: "arrived", deaf: "arrived",
    stuck: "arrived", unheard: "captured", unwritten: "heard", lost_turn: "heard", unanswered: "heard",
    unplayed: "answered", _lost: "answered",
}  # fmt: skip
"""In the order of the chain, each with the last link that is known to work where it finds something."""

"""The cause of a silence, from the journal of a live server: the connections of one client, and what it was sent.

A live server knows what arrived, what it decided, and what was written to the client's socket. It does not know whether
the client read and played it, and of messages that never arrived not even that they were sent.
"""

from dataclasses import replace

from ..audio.formats import SAMPLE_RATE_HZ
from ..journal import (
    CreateIgnored,
    EntriesMissing,
    EventByServer,
    Journal,
    MadeToWait,
    TurnClosed,
    TurnUnanswered,
    UplinkAudio,
)
from ..protocol.events import (
    ResponseDone,
    ResponseFunctionCallArgumentsDone,
    ResponseOutputAudioDone,
    TranscriptionCompleted,
    TranscriptionFailed,
)
from ..protocol.translation_events import TranslationOutputDelta
from ..server.transcription_models import streams
from ..units import SECOND, dbfs
from .evidence import AFTER_US, LOUD_LSB
from .links import LIKELY, PERHAPS, SURE, Diagnosis, DiagnosisState
from .live_connection import (
    MISSING,
    WAITING_US,
    faults,
    hung_up,
    kept_back,
    never_connected,
    not_come_back,
    seconds,
    silent,
    uplink_dead,
    uplink_late,
    uplink_unreadable,
)
from .live_evidence import DeliveredResponse, LiveEvidence, ServerTurn, Speech

HEARD_MS = 200
"""An answer is audible if so much of it is, or all of a shorter one."""
_WHOLE_SHARE = 0.9
"""An answer of which a smaller share was delivered, and its end not, was cut."""
_MUCH_WAITING_US = 3 * SECOND
_NO_PROGRESS_US = 3 * SECOND
"""A response that has been open, and without audible audio, for so long is stuck."""
_LONGEST_SENTENCE_US = 12 * SECOND
"""Who is in speech for longer does not speak a sentence: sound holds the detector."""
_HELD_US = 2 * SECOND
"""A turn that is open for so long after the end that an honest detector heard is held."""


def diagnose_live(journal: Journal) -> Diagnosis:
    """Whether what was said last was answered, as far as a server can know, and if not, why.

    Entries that are missing are in the evidence. If they are of a time after what was said last had begun, nothing
    better than ``silent`` can be known.
    """
    evidence = LiveEvidence(journal)
    found = _found(evidence)
    gaps = list(journal.select(EntriesMissing))
    if not gaps:
        return found
    said = (f"{each.entries} entries are missing, of {seconds(each.t)} to {seconds(each.until_us)}" for each in gaps)
    speech = evidence.last_speech
    late = speech is None or max(each.until_us for each in gaps) >= speech.begin
    state: DiagnosisState = "unknown" if late and found.state != "silent" else found.state
    sure = min(found.confidence, PERHAPS)
    return replace(found, state=state, evidence=(*found.evidence, *said), confidence=sure)


def _found(evidence: LiveEvidence) -> Diagnosis:
    found = never_connected(evidence) or uplink_dead(evidence) or uplink_unreadable(evidence)
    if found is not None:
        return found
    speech = evidence.last_speech
    if speech is None:
        return _nothing_said(evidence)
    found = _of_speech(evidence, speech)
    if found.state == "answered":
        newer = evidence.speeches[-1] is not speech
        much = WAITING_US if newer else _MUCH_WAITING_US
        return uplink_late(evidence, much) or not_come_back(evidence) or found
    return uplink_late(evidence, WAITING_US) or found


def _nothing_said(evidence: LiveEvidence) -> Diagnosis:
    kept = kept_back(evidence, evidence.last_connection, 0)
    if kept is not None:
        return kept
    peak = max((entry.peak for entry in evidence.journal.select(UplinkAudio)), default=None)
    loud = max((entry.rms for entry in evidence.journal.select(UplinkAudio)), default=0.0)
    streaming = evidence.kind(evidence.last_connection) != "realtime" and streams(
        evidence.transcribes(evidence.last_connection)
    )
    if streaming and loud >= LOUD_LSB:
        words = "the words are sent as they are spoken, and nothing was committed"
        return Diagnosis(None, (words, *faults(evidence), MISSING), "quiet", confidence=PERHAPS)
    if loud >= LOUD_LSB and evidence.detection(evidence.last_connection) is None:
        off = (
            f"turn detection is off, audio as loud as {dbfs(loud):.0f} dBFS arrived, and no speech in it was committed"
        )
        return replace(silent(evidence, "client_waiting", 0, PERHAPS, off), works_until="arrived")
    sent = "no audio arrived" if peak is None else f"the audio that arrived holds no speech, and peaks at {peak}"
    return Diagnosis(None, (sent, *faults(evidence), MISSING), "quiet", confidence=PERHAPS)


# --- from the speech to its response --------------------------------------------------------------------------------


def _of_speech(evidence: LiveEvidence, speech: Speech) -> Diagnosis:
    if evidence.kind(speech.connection) == "translation":
        return replace(_of_translation(evidence, speech), works_until="arrived")
    turn = evidence.turn(speech)
    if turn is None:
        return replace(_no_turn(evidence, speech), works_until="arrived")
    return replace(_of_turn(evidence, speech, turn), works_until="heard")


def _of_turn(evidence: LiveEvidence, speech: Speech, turn: ServerTurn) -> Diagnosis:
    if evidence.kind(speech.connection) == "transcription":
        return _open_turn(evidence, speech, turn) or _of_transcript(evidence, speech, turn)
    responses = evidence.responses(speech, turn)
    if not responses:
        return _open_turn(evidence, speech, turn) or _no_response(evidence, speech, turn)
    for created in responses[:-1]:  # one that calls a tool is at most a preamble
        if evidence.of_response(created, ResponseFunctionCallArgumentsDone) is None:
            found = _of_response(evidence, speech, created)
            if found.state == "answered":
                return found
    return _of_response(evidence, speech, responses[-1])


def _no_turn(evidence: LiveEvidence, speech: Speech) -> Diagnosis:
    left = hung_up(evidence, speech.connection, speech.end + AFTER_US, "while the user spoke or soon after")
    if left is not None:
        return left
    heard = f"an honest server would have heard speech at {seconds(speech.begin)}"
    return silent(evidence, "vad_deaf", speech.begin, SURE, heard)


def _open_turn(evidence: LiveEvidence, speech: Speech, turn: ServerTurn) -> Diagnosis | None:
    """The turn has not ended, or long after the speech."""
    if turn.ended is not None and turn.ended.t <= speech.end + _HELD_US:
        return None
    connection, started = speech.connection, turn.started.t
    if turn.ended is None:
        finished = speech.end + _HELD_US if speech.ended else speech.begin + _LONGEST_SENTENCE_US
        left = hung_up(evidence, connection, finished, "before the user had finished")
        if left is not None:
            return left
    since = f"the server has been in speech since {seconds(started)}"
    if speech.ended:
        honest = f"an honest one would have ended it at {seconds(speech.end)}"
        return silent(evidence, "vad_held", started, SURE, since, honest)
    closed = evidence.closed.get(connection)
    last = closed.t if closed is not None else evidence.end
    samples, rms = evidence.sent_between(connection, last - AFTER_US, last)
    if samples < SAMPLE_RATE_HZ * AFTER_US // SECOND // 2:
        stands = "in the last two seconds hardly any audio arrived"
        return silent(evidence, "clock_frozen", started, LIKELY, since, stands)
    both = "an honest one holds it as well"
    if closed is None and evidence.end - started < _LONGEST_SENTENCE_US:
        return Diagnosis(
            None, (f"the user has been speaking since {seconds(started)}", MISSING), "quiet", confidence=LIKELY
        )
    if rms >= LOUD_LSB:
        level = f"what arrived last is as loud as {dbfs(rms):.0f} dBFS"
        return silent(evidence, "endless_sound", started, LIKELY, since, both, level)
    return silent(evidence, "vad_held", started, LIKELY, since, both)


def _no_response(evidence: LiveEvidence, speech: Speech, turn: ServerTurn) -> Diagnosis:
    ended = turn.ended
    assert ended is not None
    if isinstance(ended, TurnClosed) and ended.by == "discard":
        return silent(evidence, "turn_lost", ended.t, SURE, f"the turn was dropped at {seconds(ended.t)} (discard)")
    said = f"the turn that ended at {seconds(ended.t)} got no response"
    detection = evidence.detection(speech.connection)
    asks = detection is None or detection.get("create_response") is False or isinstance(ended, TurnClosed)
    if asks:
        kept = kept_back(evidence, speech.connection, speech.begin)
        if kept is not None:
            return kept
    left = hung_up(evidence, speech.connection, ended.t + AFTER_US, "before the answer")
    if left is not None:
        return left
    if isinstance(ended, TurnClosed):
        why = f"the turn was dropped at {seconds(ended.t)} ({ended.by})"
        return silent(evidence, "client_waiting", ended.t, LIKELY, why)
    if asks:
        makes_none = "and the server makes none by itself: the client is to ask for it"
        return silent(evidence, "client_waiting", ended.t, LIKELY, said, makes_none)
    waits = [e for e in evidence.journal.select(MadeToWait) if e.connection == speech.connection and e.t >= ended.t]
    if waits:
        results = f"and the server answers nothing before it has the result of {', '.join(waits[-1].calls)}"
        return silent(evidence, "client_waiting", ended.t, LIKELY, said, results)
    active = next((e.active for e in evidence.journal.select(TurnUnanswered) if e.item_id == turn.item_id), None)
    done = {e.response_id for e in evidence.events(speech.connection, ResponseDone)}
    if active is not None and active not in done:
        return silent(evidence, "response_stuck", ended.t, SURE, said, f"because {active} has not ended")
    return silent(evidence, "turn_lost", ended.t, SURE, said)


def _of_translation(evidence: LiveEvidence, speech: Speech) -> Diagnosis:
    """In a translation session the first words of the translation are the answer; they come as audio is appended."""
    words = evidence.events(speech.connection, TranslationOutputDelta, since=speech.end)
    told = [entry for entry in words if not evidence.is_withheld(entry)]
    if told:
        return _answered(evidence, speech, f"the translation began at {seconds(told[0].t)}")
    kept = kept_back(evidence, speech.connection, speech.begin)
    if kept is not None:
        return kept
    left = hung_up(evidence, speech.connection, speech.end + AFTER_US, "before the translation")
    if left is not None:
        return left
    samples, _ = evidence.sent_between(speech.connection, speech.end, speech.end + AFTER_US)
    if samples < SAMPLE_RATE_HZ * AFTER_US // SECOND // 2:
        stands = "after the phrase hardly any audio arrived, and a translation goes on only while audio does"
        return silent(evidence, "clock_frozen", speech.end, LIKELY, stands)
    said = f"what was said until {seconds(speech.end)} was not translated"
    return silent(evidence, "vad_held" if not speech.ended else "turn_lost", speech.end, LIKELY, said)


def _of_transcript(evidence: LiveEvidence, speech: Speech, turn: ServerTurn) -> Diagnosis:
    """In a transcription session the transcript of the turn is all that there is."""
    told = [
        entry
        for entry in evidence.events(speech.connection, TranscriptionCompleted, TranscriptionFailed)
        if entry.item_id == turn.item_id
    ]
    since = told[-1].t if told else (turn.ended or turn.started).t
    if told and told[-1].is_a(TranscriptionFailed):
        return silent(evidence, "response_failed", since, SURE, f"the transcription failed at {seconds(since)}")
    if told and not evidence.is_withheld(told[-1]):
        return _answered(evidence, speech, f"the transcript was sent at {seconds(since)}")
    if isinstance(turn.ended, TurnClosed):
        why = f"the turn was dropped at {seconds(since)} ({turn.ended.by})"
        lost = turn.ended.by == "discard"
        return silent(evidence, "turn_lost" if lost else "client_waiting", since, SURE if lost else LIKELY, why)
    kept = kept_back(evidence, speech.connection, speech.begin)
    if kept is not None:
        return kept
    said = f"the turn that ended at {seconds(since)} has no transcript"
    if evidence.transcribes(speech.connection) is None:
        return silent(evidence, "client_waiting", since, SURE, said, "the client has named no model that transcribes")
    left = hung_up(evidence, speech.connection, since + AFTER_US, "before the transcript")
    return left or silent(evidence, "turn_lost", since, SURE, said)


# --- from the response to the client's socket -----------------------------------------------------------------------


def _of_response(evidence: LiveEvidence, speech: Speech, created: EventByServer) -> Diagnosis:
    done = evidence.of_response(created, ResponseDone)
    spoken = evidence.of_response(created, ResponseOutputAudioDone)
    audio = evidence.audio_of(created)
    begun = f"the response begun at {seconds(created.t)}"
    if done is not None and (done.status == "failed" or (done.status == "incomplete" and audio is None is spoken)):
        return silent(
            evidence, "response_failed", created.t, SURE, f"{begun} ended as {done.status} at {seconds(done.t)}"
        )
    if done is not None and evidence.of_response(created, ResponseFunctionCallArgumentsDone) is not None:
        kept = kept_back(evidence, created.connection, speech.begin)
        left = hung_up(evidence, created.connection, done.t + AFTER_US, "before the result of a tool call")
        ignored = [e for e in evidence.journal.select(CreateIgnored) if e.connection == created.connection]
        if any(entry.t >= done.t for entry in ignored):
            vain = f"{begun} asks for a tool, and the client asked for a response after it in vain"
            return kept or left or silent(evidence, "turn_lost", done.t, SURE, vain)
        asks = f"{begun} asks for a tool, and no response started after it"
        return kept or left or silent(evidence, "client_waiting", done.t, LIKELY, asks)
    ends = [each for each in (done, spoken) if each is not None and not evidence.is_withheld(each)]
    if audio is None and spoken is not None:
        whole = f"the answer was sent whole at {seconds(spoken.t)}"
        return _answered(evidence, speech, whole)
    if (
        audio is not None
        and _audible(audio, ended=done is not None)
        and (ends or (done is None and _goes_on(evidence, audio)))
    ):
        return _answered(evidence, speech, f"{_share(audio)}, the last audible part at {seconds(audio.at)}")
    if (
        audio is not None
        and _audible(audio, ended=True)
        and audio.delivered_ms >= _WHOLE_SHARE * audio.sent_ms
        and done
    ):
        return _answered(evidence, speech, f"{_share(audio)}, and its end was not delivered")
    if done is None:
        return _unended(evidence, speech, created, audio)
    kept = kept_back(evidence, created.connection, speech.begin)
    if kept is not None:
        return kept
    if done.status == "cancelled":
        said = f"{begun} was cancelled at {seconds(done.t)} ({done.reason or 'no reason is given'})"
        return silent(evidence, "client_waiting", done.t, PERHAPS, said)
    if audio is None:
        return silent(evidence, "reply_inaudible", created.t, SURE, f"{begun} was completed without any audio")
    if audio.delivered_ms < _WHOLE_SHARE * audio.sent_ms:
        return silent(evidence, "events_lost", created.t, LIKELY, f"of {begun} {_share(audio)}")
    quiet = f"of {begun} {_share(audio)}, and {audio.audible_ms} ms of that are above -54 dBFS"
    return silent(evidence, "reply_inaudible", created.t, SURE, quiet)


def _unended(
    evidence: LiveEvidence, speech: Speech, created: EventByServer, audio: DeliveredResponse | None
) -> Diagnosis:
    """A response without ``response.done``."""
    closed = evidence.closed.get(created.connection)
    last = closed.t if closed is not None else evidence.end
    progress = audio.at if audio is not None else created.t
    if last - progress < _NO_PROGRESS_US:
        left = hung_up(evidence, created.connection, evidence.end, "before the answer had ended")
        if left is not None:
            return left
    kept = kept_back(evidence, created.connection, speech.begin)
    if kept is not None:
        return kept
    said = f"the response begun at {seconds(created.t)} has not ended"
    heard = "and nothing of it was audible" if audio is None else f"{_share(audio)}, audible until {seconds(audio.at)}"
    confidence = SURE if last - progress >= _NO_PROGRESS_US else PERHAPS
    return silent(evidence, "response_stuck", progress, confidence, said, heard)


def _audible(audio: DeliveredResponse, *, ended: bool) -> bool:
    return audio.audible_ms >= (min(HEARD_MS, max(1, audio.sent_ms)) if ended else HEARD_MS)


def _goes_on(evidence: LiveEvidence, audio: DeliveredResponse) -> bool:
    """Whether the answer is being spoken: nothing is held back, and audible audio was delivered lately."""
    return audio.delivered_ms >= _WHOLE_SHARE * audio.sent_ms and evidence.end - audio.at < _NO_PROGRESS_US


def _share(audio: DeliveredResponse) -> str:
    return f"{audio.delivered_ms} of {audio.sent_ms} ms of audio were written to the client's socket"


def _answered(evidence: LiveEvidence, speech: Speech, said: str) -> Diagnosis:
    injected = faults(evidence)
    lines = [said, *injected]
    later = [each for each in evidence.speeches if each.begin > speech.begin]
    closed = evidence.closed.get(evidence.last_connection)
    if later and closed is not None and closed.by == "client":
        lines.append(
            f"the client ended the connection at {seconds(closed.t)}, soon after the user had begun to speak again"
        )
    return Diagnosis(None, (*lines, MISSING), "answered", confidence=PERHAPS if injected else LIKELY)

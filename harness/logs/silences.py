"""What nothing audible came of: speech without a turn, a turn without a response, a response without sound.

Each function returns a :class:`LogDiagnosis`, or None where an answer arrived. What is so recent that an answer was not
due yet is ``unknown``, with what it would be if nothing more came.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from ..causes import Cause
from ..units import MS, SECOND, dbfs
from ..verdict.evidence import AFTER_US, CLOCK_SHARE, LOUD_LSB
from ..verdict.links import (
    CAPTURED_SHARE,
    DEAF_THRESHOLD,
    ENDLESS_SHARE,
    GATED_SHARE,
    LATE_US,
    LENGTH_TOLERANCE,
    NEAR_SILENCE_LSB,
    DiagnosisState,
)
from ..verdict.live_diagnosis import HEARD_MS
from ..verdict.live_evidence import OPEN_US
from .answer import Excluded, LogDiagnosis, Suspect
from .conversation import SeenEvent, SeenResponse, SeenSession, SeenTurn
from .downlink import downlink_after
from .tail import room_before
from .uplink import Stretch
from .wanting import beyond

NO_PROGRESS_US = 3 * SECOND
"""A response that has been open for so long without audio is stuck."""
_NO_APPENDS = Suspect("clock_frozen", "possible", "the log does not show the appends")
_SOME_APPENDS = 20
_LAGGING_US = 500 * MS
"""Turns that begin so late are late by more than a network makes them."""
_PAUSES_US = 2 * SECOND
"""If nothing is appended for so long, the appends have stopped."""


# --- speech without a turn ------------------------------------------------------------------------------------------


def of_speech(seen: SeenSession, speech: Stretch) -> LogDiagnosis:
    """A voice was appended, and the server took no turn for it."""
    begin = seen.uplink.piece_at(speech.begin_ms)
    assert begin is not None
    since = seen.marks[begin.index]
    level = seen.uplink.loudest(speech)
    said = (
        f"speech of {(speech.end_ms - speech.begin_ms) / 1000:.1f} s at {dbfs(level):.0f} dBFS was appended "
        f"({seen.words(since)})"
    )
    if seen.settings.detection_is_known and seen.settings.detection is None:
        return _uncommitted(seen, since, said)
    threshold = (seen.settings.detection or {}).get("threshold")
    if isinstance(threshold, int | float) and threshold >= DEAF_THRESHOLD:
        why = f"the session's threshold of speech is {threshold}, which hardly any voice reaches"
        return _silent(seen, since, (said, why), Suspect("vad_deaf", "likely", why))
    down = downlink_after(seen, since, SECOND)
    deaf = Suspect("vad_deaf", "likely" if down.alive else "possible", "no speech_started came for this speech")
    late = _lateness(seen)
    suspects = [deaf, *down.suspects, Suspect("uplink_late", "possible", "it may arrive after the end of the log")]
    faint = _fainter(seen, speech, level)
    if faint:
        suspects.insert(0, Suspect("capture_dead", "likely", faint))
    if late:
        suspects.insert(0, Suspect("uplink_late", "likely", late))
    excluded = (*down.excluded, *_heard(seen))
    words = (said, "no event of the server follows from it", *((faint,) if faint else ()), *down.words)
    return _silent(seen, since, words, *suspects, excluded=excluded)


def _fainter(seen: SeenSession, speech: Stretch, level: float) -> str:
    """In words, that this speech is far below what was said before; empty if not."""
    usual = seen.usual_level(speech.begin_ms)
    if level >= CAPTURED_SHARE * usual and (usual or level >= LOUD_LSB):
        return ""
    if not usual:
        return "it is so faint that the capture may be turned down"
    return f"what was said before was at {dbfs(usual):.0f} dBFS: the capture may be turned down"


def _uncommitted(seen: SeenSession, since: SeenEvent, said: str) -> LogDiagnosis:
    commit = next(seen.of_client("input_audio_buffer.commit", since.index), None)
    if commit is None:
        why = "turn detection is off, and the client did not commit what was said"
        return _silent(seen, since, (said, why), Suspect("client_waiting", "certain", why))
    down = downlink_after(seen, commit, SECOND)
    ignored = Suspect("turn_lost", "likely" if down.alive else "possible", "the commit got no answer")
    words = (said, f"the client committed it ({seen.words(commit)}), and no committed event came", *down.words)
    return _silent(seen, commit, words, ignored, *down.suspects, excluded=down.excluded)


def _heard(seen: SeenSession) -> tuple[Excluded, ...]:
    voice = "a detector of speech hears a voice in the audio that was appended"
    return tuple(Excluded(cause, voice) for cause in ("capture_dead", "gate_closed", "clock_frozen", "audio_garbled"))


def lagging_words(lagging: tuple[Suspect, ...]) -> tuple[str, ...]:
    """What is said of a late uplink."""
    return tuple(each.why for each in lagging)


def _lateness(seen: SeenSession, turn: SeenTurn | None = None, least_us: int = LATE_US) -> str:
    """In words, how late the server noticed speech; empty if it was in time or that is not known."""
    for each in [turn] if turn is not None else reversed(seen.turns):
        if each.start_ms is None or each.started is None or not (seen.has_times and seen.uplink.keeps_time):
            continue
        at_ms = each.start_ms + seen.settings.padding_ms
        late = each.started.t - seen.uplink.time_of(min(at_ms, seen.uplink.total_ms))
        if late >= least_us:
            place = seen.words(each.started)
            return f"speech_started came {late / SECOND:.1f} s after that audio had been appended ({place})"
        return ""
    return ""


# --- a turn ---------------------------------------------------------------------------------------------------------


def of_turn(seen: SeenSession, turn: SeenTurn, speech: Stretch | None) -> LogDiagnosis | None:
    """What became of a turn; None: an answer arrived."""
    if not turn.is_over:
        return _open_turn(seen, turn, speech)
    responses = seen.answers(turn)
    if responses and (responses[-1].calls or responses[-1].service_calls):
        return of_response(seen, responses[-1], turn)
    for each in responses:
        if not each.calls and of_response(seen, each, turn) is None:
            return None
    if responses:
        return of_response(seen, responses[-1], turn)
    return _no_response(seen, turn)


def _open_turn(seen: SeenSession, turn: SeenTurn, speech: Stretch | None) -> LogDiagnosis:
    """``speech_started`` without ``speech_stopped``."""
    started = turn.first
    since = f"the server has been in speech since {seen.words(started)}"
    down = downlink_after(seen, started, SECOND)
    uplink = seen.uplink
    changed = _chunks_changed(seen, started)
    if changed:
        held = Suspect("vad_held", "possible", "speech_started without speech_stopped")
        return _silent(seen, started, (since, changed), Suspect("audio_garbled", "likely", changed), held)
    stands = _clock_stands(seen, started)
    if stands:
        return _silent(
            seen, started, (since, stands), Suspect("clock_frozen", "certain", stands),
            excluded=(Excluded("vad_held", "its audio clock stands still, so it could not end the turn"),),
        )  # fmt: skip
    open_us = seen.since(started)
    held = Suspect("vad_held", "likely", "speech_started without speech_stopped")
    if not uplink.has_audio:
        endless = Suspect("endless_sound", "possible", "the log does not have the audio that was sent meanwhile")
        frozen = beyond(seen) if uplink.pieces else (_NO_APPENDS,)
        words = (since, *down.words)
        dropped = Suspect("turn_lost", "possible", "the turn may be dropped without an event")
        unseen = "the log does not have the audio that was sent meanwhile"
        others = tuple(Suspect(cause, "possible", unseen) for cause in ("audio_garbled", "uplink_late", "vad_deaf"))
        found = (held, endless, *down.suspects, dropped, *frozen, *others)
        return _silent(seen, started, words, *found, excluded=down.excluded, due_us=OPEN_US, open_us=open_us)
    if uplink.repeats_from(max(0.0, uplink.total_ms - 4_000)):
        why = "what is sent repeats one stretch of sound to the sample"
        repeated = Suspect("audio_garbled", "likely", why)
        return _silent(seen, started, (since, why), repeated, held, due_us=AFTER_US, open_us=open_us)
    if speech is None and _loud_share(seen, turn.start_ms or 0, turn.start_ms or 0) < ENDLESS_SHARE:
        words = (since, "no speech and hardly any sound is in what was appended since", *down.words)
        return _silent(seen, started, words, held, *down.suspects, due_us=OPEN_US, open_us=open_us)
    if speech is None or not speech.ended:
        words = (since, "speech goes on in what was appended, to the end of the log")
        endless = Suspect("endless_sound", "likely", "what is sent is never silent")
        if uplink.longest_gap_us >= _PAUSES_US and seen.has_times:
            gap = f"{uplink.longest_gap_us / SECOND:.1f} s"
            why = f"the client appends nothing while the user is silent (for {gap} before)"
            stopped = Suspect("clock_frozen", "likely", f"{why}, and the server's clock is appended audio")
            return _silent(seen, started, (*words, why), stopped, held, due_us=OPEN_US, open_us=open_us)
        if open_us < OPEN_US:
            return _silent(seen, started, words, *beyond(seen)[:1], endless, held, due_us=OPEN_US, open_us=open_us)
        return _silent(seen, started, words, endless, held, due_us=OPEN_US, open_us=open_us)
    end = uplink.time_of(speech.end_ms)
    quiet_us = seen.since(end)
    silence = f"the speech in what was appended ended at {speech.end_ms / 1000:.1f} s of the audio"
    loud = _loud_share(seen, speech.end_ms + 500, turn.start_ms or speech.begin_ms)
    if loud >= ENDLESS_SHARE:
        words = (since, silence, f"{loud:.0%} of what was appended since is above -54 dBFS")
        endless = Suspect("endless_sound", "likely", "sound after the speech can hold the detector")
        return _silent(seen, started, words, endless, held, *down.suspects[:1], due_us=AFTER_US, open_us=quiet_us)
    late = _lateness(seen, turn, _LAGGING_US)
    lagging = (Suspect("uplink_late", "possible", late),) if late else ()
    dropped = Suspect("turn_lost", "possible", "the turn may be dropped without an event")
    return _silent(
        seen, started, (since, silence, *lagging_words(lagging), *down.words), held, *lagging, *down.suspects, dropped,
        excluded=(*down.excluded, Excluded("endless_sound", "what was appended after the speech is silent")),
        due_us=AFTER_US + seen.settings.patience_us, open_us=quiet_us,
    )  # fmt: skip


def of_committed(seen: SeenSession, turn: SeenTurn, speech: Stretch | None) -> LogDiagnosis | None:
    """A turn that the client committed itself and that was answered, although no voice was in it; None: one was."""
    if seen.settings.commits_itself or not seen.uplink.has_audio or turn.committed is None:
        return None
    begun = seen.turns[-2].last.index if len(seen.turns) > 1 else -1
    pieces = [each for each in seen.uplink.pieces if begun < each.index < turn.committed.index]
    if not pieces:
        return None
    frames = seen.uplink.frames(pieces[0].begin_ms, pieces[-1].begin_ms + pieces[-1].length_ms)
    peak = int(frames[:, 1].max(initial=0.0))
    zeros = float((frames[:, 1] == 0).mean()) if len(frames) else 0.0
    if speech is not None and zeros >= GATED_SHARE:
        why = f"{zeros:.0%} of what the client committed last ({seen.words(turn.committed)}) are exact zeros"
        return _unsure(seen, turn.last, (why,), "capture_dead", "gate_closed")
    if speech is not None and not _fainter(seen, speech, seen.uplink.loudest(speech)):
        return None
    why = f"what the client committed last ({seen.words(turn.committed)}) holds no voice: it peaks at {peak} of 32768"
    causes: tuple[Cause, ...] = (
        ("audio_garbled", "capture_dead") if peak > NEAR_SILENCE_LSB else ("capture_dead", "gate_closed")
    )
    return _unsure(seen, turn.last, (why, "the server answered it all the same"), *causes)


def _unsure(seen: SeenSession, since: SeenEvent, words: tuple[str, ...], *causes: Cause) -> LogDiagnosis:
    """What may be a silence, or a user who said nothing."""
    suspects = tuple(Suspect(cause, "possible", words[0]) for cause in causes)
    return LogDiagnosis(
        "unknown", words, suspects, since_us=since.t if seen.has_times else None, since_place=since.place
    )


def _clock_stands(seen: SeenSession, since: SeenEvent) -> str:
    """In words, that hardly any audio was appended since; empty if not, or if the log cannot show it."""
    if not seen.has_times or not seen.uplink.keeps_time or not any(p.t != seen.times[0] for p in seen.uplink.pieces):
        return ""
    last = seen.uplink.pieces[-1]
    gap = seen.end - last.t
    span = max(seen.since(since), 1)
    if gap >= _PAUSES_US:
        where = seen.words(seen.marks[last.index])
        return f"nothing was appended in the last {gap / SECOND:.1f} s of the log ({where} is the last append)"
    if span >= _PAUSES_US:
        pieces = [piece for piece in seen.uplink.pieces if piece.t >= since.t]
        sent = sum(piece.length_ms for piece in pieces)
        steady = max((b.t - a.t for a, b in pairwise(pieces)), default=span) < SECOND // 2
        if sent * MS < CLOCK_SHARE * span and not steady:
            return f"in the {span / SECOND:.1f} s since then {sent / 1000:.1f} s of audio were appended"
    return ""


def _chunks_changed(seen: SeenSession, since: SeenEvent) -> str:
    """In words, that the appends have another length than before, one for one; empty if not."""
    if not seen.uplink.knows_lengths:
        return ""
    before = sorted(each.length_ms for each in seen.uplink.pieces if each.index < since.index)
    after = sorted(each.length_ms for each in seen.uplink.pieces if each.index > since.index)
    if len(after) >= _SOME_APPENDS and seen.has_times and _is_too_short(seen, since):
        return "the appends come steadily, and hold far less audio than the time takes: their format or rate is another"
    if min(len(before), len(after)) < _SOME_APPENDS:
        return ""
    was, now = before[len(before) // 2], after[len(after) // 2]
    if not was or not now or 1 - LENGTH_TOLERANCE <= now / was <= 1 + LENGTH_TOLERANCE:
        return ""
    return f"an append holds {now:.0f} ms since then, and held {was:.0f} ms before: its format or rate is another"


def _is_too_short(seen: SeenSession, since: SeenEvent) -> bool:
    pieces = [each for each in seen.uplink.pieces if each.index > since.index]
    span = pieces[-1].t - pieces[0].t
    steady = max((b.t - a.t for a, b in pairwise(pieces)), default=span) < SECOND // 2
    return steady and span >= _PAUSES_US and sum(each.length_ms for each in pieces) * MS < CLOCK_SHARE * span


def _loud_share(seen: SeenSession, from_ms: float, before_ms: float) -> float:
    frames = seen.uplink.frames(from_ms, seen.uplink.total_ms)
    usual = room_before(seen, before_ms) if any(each.is_over for each in seen.turns) else 0.0
    return float((frames[:, 0] >= max(LOUD_LSB, 2 * usual)).mean()) if len(frames) else 0.0


def _no_response(seen: SeenSession, turn: SeenTurn) -> LogDiagnosis:
    ended = turn.last
    said = f"the turn that ended at {seen.words(ended)} got no response"
    if turn.cleared is not None and turn.committed is None:
        by_client = any(seen.of_client("input_audio_buffer.clear", turn.first.index))
        cause = Suspect("client_waiting", "likely", "the buffer was cleared before the turn was taken")
        lost = Suspect("turn_lost", "possible", "the log shows no clear of the client")
        return _silent(seen, ended, (said, cause.why), cause, *(() if by_client else (lost,)))
    stuck = _open_response(seen, turn)
    if stuck is not None:
        place = seen.words(stuck.created or stuck.first)
        why = f"the response begun at {place} has not ended, and a turn starts none while one is active"
        return _silent(seen, ended, (said, why), Suspect("response_stuck", "likely", why))
    waits = _results_wanted(seen)
    asked = _asked(seen, ended)
    late = _lateness(seen, turn)
    down = downlink_after(seen, ended, SECOND)
    words = [said]
    suspects: list[Suspect] = []
    if waits:
        suspects.append(Suspect("client_waiting", "likely", waits))
        words.append(waits)
    if not seen.settings.answers_itself and asked is None:
        why = "the server starts none by itself here, and the client did not ask for one"
        sure = seen.session.events and any(each.by_client for each in seen.session.events)
        suspects.append(Suspect("client_waiting", "certain" if sure else "likely", why))
        if sure:
            return _silent(seen, ended, (said, why), *suspects[:1])
        words.append(why)
    if asked is not None:
        down = downlink_after(seen, asked, SECOND)
        words.append(f"the client asked for a response at {seen.words(asked)}, and none was created")
    if late:
        suspects.append(Suspect("uplink_late", "possible", late))
    lost = Suspect("turn_lost", "likely", "the turn was taken, and no response was created for it")
    words += down.words
    if not any(each.type == "response.created" for each in seen.marks):
        unseen = "the log never shows response.created: a response may have begun"
        words.append(unseen)
        suspects.append(Suspect("response_stuck", "possible", unseen))
        down = replace(down, suspects=(*down.suspects, Suspect("response_failed", "possible", unseen),
                                       Suspect("reply_inaudible", "possible", unseen)))  # fmt: skip
    return _silent(seen, asked or ended, words, *suspects, lost, *down.suspects, excluded=down.excluded)


def _asked(seen: SeenSession, since: SeenEvent) -> SeenEvent | None:
    return next(iter(list(seen.of_client("response.create", since.index))[-1:]), None)


def _open_response(seen: SeenSession, turn: SeenTurn) -> SeenResponse | None:
    before = [each for each in seen.responses if each.first.index < turn.last.index and each.created is not None]
    return before[-1] if before and before[-1].done is None else None


def _results_wanted(seen: SeenSession) -> str:
    """In words, which calls have no result yet; empty if none, or if the log does not show what the client sent."""
    if not any(each.by_client for each in seen.session.events):
        return ""
    given = {
        str(item.get("call_id") or "")
        for mark in seen.of_client("conversation.item.create")
        if isinstance(item := mark.event.get("item"), Mapping) and item.get("type") == "function_call_output"
    }
    wanted = [call for each in seen.responses for call in each.calls if call not in given]
    return f"the client has sent no result of the call {wanted[-1] or 'of a tool'}" if wanted else ""


# --- a response -----------------------------------------------------------------------------------------------------


def of_response(seen: SeenSession, response: SeenResponse, turn: SeenTurn | None) -> LogDiagnosis | None:
    """What became of a response; None: it arrived, with sound as far as the log shows."""
    begun = f"the response begun at {seen.words(response.created or response.first)}"
    since = response.created or response.first
    status = response.status
    if status == "failed" or (status == "incomplete" and not response.deltas and response.spoken is None):
        why = f"it ended as {status}{f' ({response.details})' if response.details else ''}"
        return _silent(seen, since, (f"{begun} ended as {status}",), Suspect("response_failed", "certain", why))
    came = status is not None or response.spoken is not None or seen.since(response.last) < NO_PROGRESS_US
    if status == "completed" and (response.calls or response.service_calls):
        return _called(seen, response, begun)
    if came and response.audible_ms is not None and _is_audible(response):
        return None
    if status is None:
        return _unended(seen, response, begun)
    if status == "cancelled":
        if response.audible_ms is None and (response.deltas or response.has_text):
            return None
        if (response.last.t - since.t) >= NO_PROGRESS_US:
            why = f"nothing of it was audible for {(response.last.t - since.t) / SECOND:.1f} s, until it was cancelled"
            inaudible = Suspect("reply_inaudible", "likely" if response.deltas else "possible", why)
            return _silent(seen, since, (f"{begun}: {why}",), Suspect("response_stuck", "likely", why), inaudible)
        if response.details == "turn_detected":
            return _unsure(
                seen, since, (f"{begun} was cut off by the user before anything was audible",), "client_waiting"
            )
        why = f"it was cancelled{f' ({response.details})' if response.details else ''} before anything was audible"
        return _silent(seen, response.last, (f"{begun}: {why}",), Suspect("client_waiting", "possible", why))
    if response.audible_ms is not None:
        why = f"the {(response.audio_ms or 0) / 1000:.1f} s of audio that arrived are silence"
        return _silent(seen, since, (f"{begun}: {why}",), Suspect("reply_inaudible", "certain", why))
    shown = seen.shows_deltas or response.is_written or _is_text_only(seen)
    if response.deltas == 0 and shown and response.out_began is None:
        return _without_audio(seen, response, begun)
    return None


def _without_audio(seen: SeenSession, response: SeenResponse, begun: str) -> LogDiagnosis:
    said = f"{begun} ended as {response.status}, and none of its audio arrived"
    inaudible = Suspect("reply_inaudible", "likely", "the response has no audio")
    lost = Suspect("events_lost", "possible", "the events with its audio may be lost")
    if response.spoken is not None:
        lost = Suspect("events_lost", "likely", f"the end of its audio arrived ({seen.words(response.spoken)})")
        return _silent(seen, response.first, (said,), lost, inaudible)
    failed = Suspect("response_failed", "possible", "the log does not show how it ended")
    return _silent(seen, response.first, (said,), inaudible, lost, *(() if response.status_is_known else (failed,)))


def _is_text_only(seen: SeenSession) -> bool:
    return any(
        isinstance(session := each.event.get("session"), Mapping) and session.get("output_modalities") == ["text"]
        for each in seen.session.events
        if each.type == "session.updated"
    )


def _is_audible(response: SeenResponse) -> bool:
    heard = response.audible_ms or 0.0
    return heard >= (min(HEARD_MS, max(1.0, response.audio_ms or 0.0)) if response.done is not None else HEARD_MS)


def _unended(seen: SeenSession, response: SeenResponse, begun: str) -> LogDiagnosis | None:
    """A response without ``response.done``."""
    if response.spoken is not None and response.audible_ms is None and response.deltas:
        return None  # all of its audio arrived
    last = response.last
    down = downlink_after(seen, last, SECOND)
    arrived = f"{response.deltas} pieces of its audio arrived, the last event at {seen.words(last)}"
    silent = response.audible_ms is not None and response.audible_ms < 1 and response.deltas > 0
    stuck = Suspect("response_stuck", "likely", "response.created without response.done")
    inaudible = (Suspect("reply_inaudible", "likely", "what arrived of it is silence"),) if silent else ()
    unheard = () if silent else (Suspect("reply_inaudible", "possible", "nothing audible of it is in the log"),)
    return _silent(
        seen, last, (f"{begun} has not ended", arrived, *down.words), *inaudible, stuck, *down.suspects, *unheard,
        excluded=down.excluded, due_us=NO_PROGRESS_US,
    )  # fmt: skip


def _called(seen: SeenSession, response: SeenResponse, begun: str) -> LogDiagnosis:
    asks = f"{begun} asks for a tool"
    since = response.done or response.last
    if response.audible_ms:
        asks += ", after some words"
    if response.service_calls and not response.calls:
        return _called_by_service(seen, response, asks)
    wanted = _results_wanted(seen)
    if not any(each.by_client for each in seen.session.events):
        why = "no response started after it; the log does not show whether the client sent the result"
        lost = Suspect("turn_lost", "possible", "the result may have been sent")
        return _silent(seen, since, (asks, why), Suspect("client_waiting", "likely", why), lost)
    asked = _asked(seen, since)
    if wanted or asked is None:
        why = wanted or "the client sent the result and asked for no response"
        sure = not seen.has_times or seen.since(since) >= AFTER_US
        return _silent(seen, since, (asks, why), Suspect("client_waiting", "certain" if sure else "likely", why))
    return _request_lost(seen, asked, asks)


def _called_by_service(seen: SeenSession, response: SeenResponse, asks: str) -> LogDiagnosis:
    """A tool that the service runs: whether it goes on by itself then, or is to be asked, is not documented."""
    since = response.done or response.last
    if response.wants_approval and any(each.by_client for each in seen.session.events):
        why = "the client has not approved the call, and asked for no response"
        return _silent(seen, since, (asks, why), Suspect("client_waiting", "likely", why))
    asked = _asked(seen, since)
    if asked is not None:
        return _request_lost(seen, asked, asks)
    down = downlink_after(seen, since, SECOND)
    waits = Suspect("client_waiting", "possible", "the client asked for no response after the call")
    lost = Suspect("turn_lost", "possible", "no response followed the call")
    return _silent(seen, since, (asks, lost.why, *down.words), waits, lost, *down.suspects, excluded=down.excluded)


def _request_lost(seen: SeenSession, asked: SeenEvent, *before: str) -> LogDiagnosis:
    """A ``response.create`` for which no response was created."""
    refused = _refusal(seen, asked)
    if refused:
        words = (*before, f"the client asked for a response at {seen.words(asked)}", refused)
        return _silent(seen, asked, words, Suspect("client_waiting", "likely", refused))
    down = downlink_after(seen, asked, SECOND)
    lost = Suspect("turn_lost", "possible", "the client asked for a response, and none was created")
    words = (*before, f"the client asked for a response at {seen.words(asked)}, and none was created", *down.words)
    return _silent(seen, asked, words, lost, *down.suspects, excluded=down.excluded)


def _refusal(seen: SeenSession, asked: SeenEvent) -> str:
    """In words, with which error the server answered a request at once; empty if with none."""
    for each in seen.of_server(asked.index):
        if seen.has_times and each.t - asked.t > SECOND:
            break
        error = each.event.get("error") if each.type == "error" else None
        if isinstance(error, Mapping):
            code = error.get("code") or error.get("type")
            named = f" ({code})" if code else ""
            return f"the server answered it with an error{named}, and the client did not ask again"
    return ""


def of_request(seen: SeenSession) -> LogDiagnosis | None:
    """What the client asked last, without or after a turn, if nothing came of it: typed words, or a greeting."""
    words = [each for each in seen.of_client("conversation.item.create") if _is_of_user(each)]
    asked = next(iter(list(seen.of_client("response.create"))[-1:]), None)
    begun = max((each.first.index for each in seen.responses), default=-1)
    active = any(each.done is None and each.created is not None for each in seen.responses)
    if asked is not None and asked.index > begun and not active:
        if not words and _refusal(seen, asked):
            return None  # a response was active already, or the wish was none of the user's
        found = _request_lost(seen, asked)
        return replace(found, state="unknown") if seen.turns and not words else found  # nobody said anything since
    last = max((each.last.index for each in seen.turns), default=-1)
    if words and words[-1].index > max(begun, last, asked.index if asked is not None else -1) and not active:
        why = "the client added a message of the user, and asked for no response"
        return _unsure(seen, words[-1], (why,), "client_waiting")
    return None


def _is_of_user(each: SeenEvent) -> bool:
    item = each.event.get("item")
    return isinstance(item, Mapping) and item.get("type", "message") == "message" and item.get("role") == "user"


# --- the clock ------------------------------------------------------------------------------------------------------


def clock_frozen_now(seen: SeenSession) -> LogDiagnosis | None:
    """A client that streamed all the time has stopped appending, and the log goes on."""
    pieces = seen.uplink.pieces
    if not pieces or not seen.has_times or (seen.settings.detection_is_known and seen.settings.detection is None):
        return None
    lasts_us = pieces[0].t + round(seen.uplink.total_ms * MS) if seen.uplink.knows_lengths else 0
    gap = seen.end - max(pieces[-1].t, lasts_us)  # a recording may be appended faster than it was spoken
    before = max((b.t - a.t for a, b in pairwise(pieces)), default=0)
    if (
        gap < _PAUSES_US
        or before * 2 > gap
        or (seen.session.close is not None and (seen.session.close.t or 0) < seen.end)
    ):
        return None
    last = seen.marks[pieces[-1].index]
    said = f"the last append is {seen.words(last)}; the log goes on for {gap / SECOND:.1f} s without any"
    why = "the server's clock is appended audio, and without it no turn ends"
    return _silent(
        seen, last, (said,), Suspect("clock_frozen", "likely", why),
        Suspect("capture_graph_collected", "possible", "in a page, a collected audio graph looks the same"),
    )  # fmt: skip


# --- the answer -----------------------------------------------------------------------------------------------------


def _silent(
    seen: SeenSession,
    since: SeenEvent,
    words: "tuple[str, ...] | list[str]",
    *suspects: Suspect,
    excluded: tuple[Excluded, ...] = (),
    due_us: int = AFTER_US,
    open_us: int | None = None,
) -> LogDiagnosis:
    """A silence; ``unknown`` if an answer was not due yet when the log ended, ``due_us`` after ``since``."""
    waited = seen.since(since) if open_us is None else open_us
    sure = any(each.certainty == "certain" for each in suspects)
    state: DiagnosisState = "silent" if sure or waited >= due_us else "unknown"
    said = list(words)
    if state == "unknown":
        after = f"{waited / SECOND:.1f} s later" if seen.has_times else "there, and it has no times"
        said.append(f"the log ends {after}: what follows it is not known")
    return LogDiagnosis(
        state, tuple(said), suspects, excluded=_without(excluded, suspects),
        since_us=since.t if seen.has_times else None, since_place=since.place,
    )  # fmt: skip


def _without(excluded: tuple[Excluded, ...], suspects: tuple[Suspect, ...]) -> tuple[Excluded, ...]:
    kept = {each.cause for each in suspects}
    return tuple(each for each in excluded if each.cause not in kept)

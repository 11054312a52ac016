"""Whose fault the silence in a log is, as far as the log can tell.

A log is the client's end of the wire. What was said is known from the audio that was appended; where the log has none,
from the turns that the server detected, and then a user who was not heard cannot be told from one who said nothing.
Many causes look the same from there, so the answer is a set. Names and limits are those of the judges of our own
journals (:mod:`harness.verdict.client_view`, :mod:`harness.verdict.live_diagnosis`).
"""

from dataclasses import replace

from ..causes import Cause
from ..units import MS
from ..verdict.evidence import AFTER_US, LOUD_LSB
from .answer import LogDiagnosis, Suspect
from .conversation import SeenSession, SeenTurn
from .ends import not_come_back, session_without_events
from .logged import LoggedSession, SessionLog
from .session_settings import settings_of
from .silences import clock_frozen_now, of_committed, of_request, of_response, of_speech, of_turn
from .tail import tail_of
from .telephone import of_telephone
from .uplink import Stretch
from .wanting import beyond, playback, quiet_suspects, what_to_log

_NEWEST_US = 500 * MS
"""What was said so shortly before the end of the log is not judged."""
_NEW_SOUND_SHARE = 0.25
_TRANSCRIPT_LOST: tuple[Cause, ...] = ("events_lost", "server_mute", "half_open")
_MANY_ERRORS = 10
"""So many refused messages are no single mistake."""


def diagnose_log(log: SessionLog) -> LogDiagnosis:
    """Whether what was said last was answered, and if not, what that can be due to.

    Of several sessions the last one counts in which something was said; what happened to the later ones is considered.
    """
    found = _of_sessions(log)
    if not log.is_cut or found.state not in ("answered", "quiet"):
        return found
    missing = "the end of the log is missing: what was said last is not known"
    return replace(found, state="unknown", evidence=(*found.evidence, missing))


def _of_sessions(log: SessionLog) -> LogDiagnosis:
    sessions = [one for one in log.sessions if one.events or one.close is not None or one.opened_us is not None]
    if not sessions:
        return LogDiagnosis("unknown", ("the log holds no event of a session",), log_next=what_to_log(None))
    sessions = [one for one in sessions if not _only_transcribes(one)] or sessions
    later: list[LoggedSession] = []
    found: LogDiagnosis | None = None
    while sessions:
        session = sessions.pop()
        seen = SeenSession(session, sessions)
        found = _nothing_appended_since(seen, later, _of_session(seen, later))
        found = replace(found, session=session.name if len(log.sessions) > 1 else "")
        later.insert(0, session)
        if seen.turns or seen.responses or (seen.uplink.has_audio and seen.uplink.speeches):
            arrived = any(each.deltas for each in seen.responses)
            return found if found.state != "unknown" or arrived else _of_the_session_before(sessions, later) or found
    seen = SeenSession(later[-1], later[:-1])
    return replace(_of_session(seen, []), session=later[-1].name if len(later) > 1 else "")


def _only_transcribes(session: LoggedSession) -> bool:
    return settings_of(session.events).session_type == "transcription"


def _transcribed(seen: SeenSession) -> LogDiagnosis | None:
    """What a session that gives no answers did with the last turn; None: it took none, or has not ended it."""
    turn = seen.turns[-1] if seen.turns else None
    speech = _last_speech(seen)
    unheard = speech is not None and not _is_in(seen, speech, turn) and not _came_later(seen, speech, turn)
    if turn is None or not turn.is_over or unheard:
        return None
    said = "the session only transcribes: it gives no answers, and whether its texts were shown is not in such a log"
    if turn.words:
        return LogDiagnosis("unknown", (said, f"the turn that ended at {seen.words(turn.last)} has its transcript"))
    missing = f"the turn that ended at {seen.words(turn.last)} has no transcript in the log"
    suspects = tuple(Suspect(cause, "possible", missing) for cause in _TRANSCRIPT_LOST)
    return LogDiagnosis("unknown", (said, missing), suspects)


def _nothing_appended_since(seen: SeenSession, later: list[LoggedSession], found: LogDiagnosis) -> LogDiagnosis:
    """A client that appended, and appends nothing in the session that it opened since."""
    opened = [each for each in later if any(not one.by_client for one in each.events)]
    if not opened or not seen.uplink.pieces or found.state == "silent":
        return found
    if any(each.by_client and each.type == "input_audio_buffer.append" for one in opened for each in one.events):
        return found
    why = "nothing is appended in the session that was opened since"
    asks = not seen.settings.commits_itself
    waits = Suspect("client_waiting", "possible", "without turn detection the client appends when the user asks it to")
    frozen = Suspect("clock_frozen", "possible" if asks else "likely", why)
    suspects = (frozen, *((waits,) if asks else ()), *found.suspects)
    return replace(found, state="unknown", evidence=(*found.evidence, why), suspects=suspects, unseen=()).ranked()


def _of_the_session_before(sessions: list[LoggedSession], later: list[LoggedSession]) -> LogDiagnosis | None:
    """A silence in the session before, where the last one is too short to say."""
    told = [number for number, one in enumerate(sessions) if any(not each.by_client for each in one.events)]
    if not told:
        return None
    before = sessions[told[-1]]
    found = _of_session(SeenSession(before, sessions[: told[-1]]), later)
    return replace(found, session=before.name) if found.state == "silent" else None


def _of_session(seen: SeenSession, later: list[LoggedSession]) -> LogDiagnosis:
    only = _transcribed(seen) if _only_transcribes(seen.session) else None
    found = session_without_events(seen) or only or _unanswered(seen) or _after_the_answer(seen)
    gone = not_come_back(seen, later, found)
    found = (gone or found).ranked()
    return found if found.log_next else replace(found, log_next=what_to_log(seen, found))


def _unanswered(seen: SeenSession) -> LogDiagnosis | None:
    """The last thing that was said, or that the server began to answer, if nothing audible came of it."""
    turn = seen.turns[-1] if seen.turns else None
    speech = _last_speech(seen)
    taken = speech is None or any(_is_in(seen, speech, each) for each in reversed(seen.turns))
    if speech is not None and not taken and not _came_later(seen, speech, turn):
        return of_speech(seen, speech)
    if turn is not None and (speech is None or not _is_in(seen, speech, turn)):
        spans = seen.uplink.speeches if seen.uplink.has_audio else []
        speech = next((each for each in reversed(spans) if _is_in(seen, each, turn)), None)
    if turn is None:
        return of_request(seen) or (of_response(seen, seen.responses[-1], None) if seen.responses else None)
    found = of_turn(seen, turn, speech) or of_committed(seen, turn, speech)
    if found is not None:
        return found if found.state == "silent" else _of_the_turn_before(seen, turn) or found
    newest = seen.responses[-1] if seen.responses else None
    if newest is not None and newest not in seen.answers(turn) and newest.first.index > turn.last.index:
        return of_request(seen) or of_response(seen, newest, turn)
    return of_request(seen)


def _of_the_turn_before(seen: SeenSession, turn: SeenTurn) -> LogDiagnosis | None:
    """Whether what was said before is unanswered as well, where the last turn had no time for its answer."""
    before = [each for each in seen.turns if each.last.index < turn.first.index]
    found = of_turn(seen, before[-1], None) if before and before[-1].is_over else None
    return found if found is not None and found.state == "silent" else None


def _last_speech(seen: SeenSession) -> Stretch | None:
    """The last speech that the server had time to notice; else the last one that did not begin just now."""
    if not seen.uplink.has_audio:
        return None
    spans = seen.uplink.speeches
    had_time = [each for each in spans if seen.since(seen.uplink.time_of(each.end_ms)) >= AFTER_US and each.ended]
    begun = [each for each in spans if seen.since(seen.uplink.time_of(each.begin_ms)) >= AFTER_US]
    return max([*had_time[-1:], *begun[-1:]], key=lambda each: each.begin_ms, default=None)


def _is_in(seen: SeenSession, speech: Stretch, turn: SeenTurn | None) -> bool:
    """Whether the server's turn is of this speech: by the clock that both have, appended audio; else by time."""
    if turn is None:
        return False
    begin, end = turn.start_ms, turn.end_ms
    if begin is not None:
        return speech.overlaps(begin - 100, float("inf") if end is None and not turn.is_over else _end_ms(seen, turn))
    return seen.uplink.time_of(speech.begin_ms) <= turn.last.t


def _end_ms(seen: SeenSession, turn: SeenTurn) -> float:
    if turn.end_ms is not None:
        return turn.end_ms
    sent = [piece for piece in seen.uplink.pieces if piece.index < turn.last.index]
    return sent[-1].begin_ms + sent[-1].length_ms if sent else 0.0


def _came_later(seen: SeenSession, speech: Stretch, turn: SeenTurn | None) -> bool:
    """Whether the server has taken a turn of later audio than this speech."""
    return turn is not None and turn.start_ms is not None and turn.start_ms > speech.end_ms


# --- nothing is open ------------------------------------------------------------------------------------------------


def _after_the_answer(seen: SeenSession) -> LogDiagnosis:
    """What was said last, as far as the log shows, was answered; or nothing was said."""
    answered = bool(seen.turns or seen.responses)
    said = _answered_words(seen)
    refused = _refused(seen)
    if refused:
        lost, garbled = Suspect("events_lost", "likely", refused), Suspect("audio_garbled", "possible", refused)
        return LogDiagnosis("unknown", (*said, refused), (lost, garbled))
    not_heard = of_telephone(seen)
    if not_heard is not None:
        return replace(not_heard, evidence=(*said, *not_heard.evidence))
    frozen = clock_frozen_now(seen)
    if frozen is not None:
        return replace(frozen, evidence=(*said, *frozen.evidence))
    if not seen.uplink.has_audio:
        return _unseen(seen, said)
    if _speaks_at_the_end(seen):
        begun = "speech had just begun when the log ended: whether it was answered is not known"
        return LogDiagnosis("unknown", (*said, begun), beyond(seen))
    kind, words = tail_of(seen, _answered_until_ms(seen))
    evidence = (*said, words)
    since = seen.uplink.time_of(_answered_until_ms(seen)) if answered else 0
    if kind in ("zeros", "hushed", "repeated"):
        return LogDiagnosis("silent", evidence, quiet_suspects(seen, kind), since_us=since if seen.has_times else None)
    if kind in ("usual zeros", "faint", "sound"):
        suspects, also = quiet_suspects(seen, kind), beyond(seen)
        return LogDiagnosis("unknown", evidence, suspects, also, since_us=since if seen.has_times else None)
    if not answered:
        return LogDiagnosis("quiet", ("no speech is in the audio that was appended", words))
    if not _is_audible(seen):
        return LogDiagnosis("unknown", evidence, _inaudible_or_not_played(seen), since_us=None)
    return LogDiagnosis("answered", evidence, unseen=(*playback(seen), *beyond(seen)))


def _refused(seen: SeenSession) -> str:
    """In words, that the server refused many messages since the last turn began; empty if not."""
    begun = seen.turns[-1].first.index if seen.turns else -1
    before = seen.turns[-2].last.index if len(seen.turns) > 1 and not seen.settings.commits_itself else begun
    errors = [each for each in seen.of_server(before) if each.type == "error"]
    if len(errors) < _MANY_ERRORS:
        return ""
    return f"the server answered {len(errors)} messages with an error, the last time at {seen.words(errors[-1])}"


def _speaks_at_the_end(seen: SeenSession) -> bool:
    """Whether the log ends within speech, or within the first sound of it."""
    spans = seen.uplink.speeches
    if spans and (not spans[-1].ended or spans[-1].end_ms > seen.uplink.total_ms - _NEWEST_US / MS):
        return not any(_is_in(seen, spans[-1], each) for each in seen.turns)
    last = seen.uplink.frames(seen.uplink.total_ms - _NEWEST_US / MS, seen.uplink.total_ms)
    earlier = seen.uplink.frames(seen.uplink.total_ms - 4 * _NEWEST_US / MS, seen.uplink.total_ms - _NEWEST_US / MS)
    loud = float((last[:, 0] >= LOUD_LSB).mean()) if len(last) else 0.0
    return loud >= _NEW_SOUND_SHARE and (not len(earlier) or float((earlier[:, 0] >= LOUD_LSB).mean()) < loud / 2)


def _answered_words(seen: SeenSession) -> tuple[str, ...]:
    if not seen.responses:
        return ("no turn and no response is in the log",) if not seen.turns else ()
    last = seen.responses[-1]
    where = seen.words(last.done or last.last)
    if last.audible_ms:
        length = f"{last.audible_ms / 1000:.1f} s of audible sound"
        return (f"the last answer arrived whole, with {length} ({where})",)
    return (f"the last response ended as {last.status or 'one whose audio is complete'} ({where})",)


def _answered_until_ms(seen: SeenSession) -> float:
    """The place of the appended audio up to which all that was said has been answered."""
    spans = seen.uplink.speeches
    ends = [float(each.end_ms) for each in spans] + [float(turn.end_ms or 0) for turn in seen.turns]
    return max(ends, default=0.0)


def _is_audible(seen: SeenSession) -> bool:
    answers = [each for each in seen.responses if each.audible_ms]
    return bool(answers) and answers[-1] is next(
        (each for each in reversed(seen.responses) if not each.calls), answers[-1]
    )


def _unseen(seen: SeenSession, said: tuple[str, ...]) -> LogDiagnosis:
    """The log does not show what the client sent: a user who was not heard looks like one who said nothing."""
    lacks = "holds no audio of the client" if seen.uplink.pieces else "does not show what the client appended"
    cannot = f"this log {lacks}: it cannot tell a freeze from a quiet user"
    return LogDiagnosis(
        "unknown", (*said, cannot), (*quiet_suspects(seen, "unseen"), *_inaudible_or_not_played(seen), *beyond(seen))
    )


def _inaudible_or_not_played(seen: SeenSession) -> tuple[Suspect, ...]:
    if not seen.responses:
        return ()
    found: list[Suspect] = []
    if not _is_audible(seen):
        found.append(Suspect("reply_inaudible", "possible", "the log does not show the sound of the answer"))
    if not seen.responses[-1].status_is_known:
        found.append(Suspect("response_failed", "possible", "the log does not show how the response ended"))
    return (*found, *playback(seen))

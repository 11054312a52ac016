"""What the telephone's side of a log adds: whether an answer was passed on, and played."""

from ..units import MS, SECOND
from .answer import LogDiagnosis, Suspect
from .conversation import SeenSession
from .logged import LoggedTelephone

_DUE_US = 3 * SECOND
"""Twilio returns a mark once the audio before it has been played, within a second."""
_BYTES_IN_MS = 8


def of_telephone(seen: SeenSession) -> LogDiagnosis | None:
    """An answer that arrived and did not reach the user, as the media stream shows; None: it did, or may have."""
    answers = [each for each in seen.responses if each.audible_ms != 0 and each.first_audio is not None]
    if not seen.has_times or not answers or answers[-1].first_audio is None:
        return None
    begin = answers[-1].first_audio.t
    since = answers[-1].first_audio
    by_app = [each for each in seen.session.telephone if not each.by_twilio and each.kind in ("media", "mark")]
    before, after = _split(by_app, begin)
    if not after:
        if not before or seen.since(since) < _DUE_US:
            return None
        why = "the app passed earlier answers on to the telephone, and nothing of this one"
        return _silent(seen, since.t, since.place, Suspect("output_muted", "likely", why))
    return _not_played(seen, begin, after)


def _not_played(seen: SeenSession, begin: int, sent: list[LoggedTelephone]) -> LogDiagnosis | None:
    """Marks that the app sent behind the last answer, and that Twilio did not return, though it returned others."""
    marks = [each for each in sent if each.kind == "mark"]
    returned, since = _split([each for each in seen.session.telephone if each.by_twilio and each.kind == "mark"], begin)
    cleared = any(each.kind == "clear" and (each.t or 0) >= begin for each in seen.session.telephone)
    if not marks or since or cleared or not returned:
        return None
    lasts_us = sum(each.audio_bytes or 0 for each in sent) // _BYTES_IN_MS * MS
    first = marks[0].t or 0
    if seen.since(first) < lasts_us + _DUE_US:
        return None
    sent_at = f"the app sent a mark behind the answer ({marks[0].place})"
    why = f"{sent_at}, and Twilio, which returned others, did not return it"
    return _silent(seen, first, marks[0].place, Suspect("playback_suspended", "likely", why))


def _split(messages: list[LoggedTelephone], at: int) -> tuple[list[LoggedTelephone], list[LoggedTelephone]]:
    """Those before a time, and those from it on."""
    return [each for each in messages if (each.t or 0) < at], [each for each in messages if (each.t or 0) >= at]


def _silent(seen: SeenSession, since_us: int, place: str, suspect: Suspect) -> LogDiagnosis:
    muted = Suspect("output_muted", "possible", "what was passed on may be lost on the telephone's side")
    return LogDiagnosis("silent", (suspect.why,), (suspect, muted), since_us=since_us, since_place=place)

"""Journals of one utterance, from 30 to 33 s, that has come so and so far on its way to an answer."""

from harness.journal import ResponseForItem, ShadowSpeechStarted, ShadowSpeechStopped, SpeakerHeard
from harness.verdict.diagnosis import diagnose
from tests.verdict.journals import AUDIO_DONE, COMMITTED, CREATED, DONE, STARTED, STOPPED, Tale, utterance


def diagnosis(tale, at_s=40):
    journal = tale.end(at_s)
    return diagnose(journal, utterance(journal))


def cause(tale):
    return diagnosis(tale).cause


def captured(tale=None, rms=3000.0):
    """The user speaks from 30 to 33 s; the microphone delivers it, and silence before and after."""
    tale = (tale or Tale()).captured(rms=30, end_s=30, begin_s=0)
    return tale.speaks().captured(rms=rms).captured(rms=30, begin_s=33, end_s=36)


def healthy(tale=None, **sent):
    """Spoken, captured, sent and arrived."""
    tale = captured(tale).sent(**sent).sent(rms=30, begin_s=33, end_s=36)
    return tale.arrives()


def shadow_starts(tale, at_s):
    return tale.add(at_s, ShadowSpeechStarted, connection=1, audio_start_ms=round(at_s * 1_000))


def shadow_stops(tale, at_s):
    return tale.add(at_s, ShadowSpeechStopped, connection=1, audio_end_ms=round(at_s * 1_000))


def honest(tale):
    return shadow_stops(shadow_starts(tale, 30.3), 33.2)


def heard(tale=None, at_s=30.3, **fields):
    return honest(tale or healthy()).server(at_s, STARTED, item_id="u1", **fields)


def taken(tale=None):
    """The server heard the user out."""
    return heard(tale).server(33.2, STOPPED, item_id="u1").server(33.2, COMMITTED, item_id="u1")


def begun(tale=None, at_s=33.3, **fields):
    return taken(tale).server(at_s, CREATED, response_id="r1", **fields)


def ended(tale, status="completed", at_s=34.5, response_id="r1", **fields):
    return tale.server(at_s, DONE, response_id=response_id, status=status, **fields)


def whole():
    return ended(begun().server(34, AUDIO_DONE, response_id="r1"))


def played(tale):
    tale.add(33.2, ResponseForItem, connection=1, response_id="r1", item_id="u1")
    return tale.add(34.4, SpeakerHeard, response_id="r1")

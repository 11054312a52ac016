"""Journals of one utterance, from 30 to 33 s, that has come so and so far on its way to an answer."""

from harness.verdict.diagnosis import diagnose
from tests.verdict.journals import Tale, utterance

STARTED, STOPPED = "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"
COMMITTED = "input_audio_buffer.committed"
CREATED, DONE, AUDIO_DONE = "response.created", "response.done", "response.output_audio.done"


def diagnosis(tale, at_s=40):
    journal = tale.end(at_s)
    return diagnose(journal, utterance(journal))


def cause(tale):
    return diagnosis(tale).cause


def captured(tale=None, rms=3000.0):
    """The user speaks from 30 to 33 s; the microphone delivers it, and silence before and after."""
    tale = (tale or Tale()).audio("microphone", rms=30, end_s=30, begin_s=0)
    return tale.speaks().audio("microphone", rms=rms).audio("microphone", rms=30, begin_s=33, end_s=36)


def healthy(tale=None, **sent):
    """Spoken, captured, sent and arrived."""
    tale = captured(tale).sent(**sent).audio("uplink", rms=30, begin_s=33, end_s=36, connection=1)
    return tale.arrives()


def shadow(tale, at_s, kind):
    return tale.add(at_s, "shadow", kind, connection=1)


def honest(tale):
    return shadow(shadow(tale, 30.3, "speech_started"), 33.2, "speech_stopped")


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
    tale.add(33.2, "server", "answers", connection=1, response_id="r1", item_id="u1")
    return tale.add(34.4, "speaker", "heard", response_id="r1")

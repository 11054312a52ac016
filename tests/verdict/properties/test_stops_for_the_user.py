from harness.clients.interface import StopPlayback
from harness.journal import SpeakerEnded, SpeakerPlaying, SpeakerResumed, SpeakerStopped, SpeakerSuspended
from harness.protocol.events import InputAudioBufferSpeechStarted, ResponseOutputAudioDelta, SessionUpdated
from harness.scenario.model import Reply, ServerSetup
from harness.units import SECOND
from tests.verdict.journals import Tale
from tests.verdict.properties.testing import Talker, found
from tests.world.testing import MAN, run, say, story


def talked_over(ends_s=20.0, length_s=4.0, detection=None, ended=SpeakerEnded):
    """An answer is played from 8 s on, and the user speaks over it from 10 s on; the client knows at 10.5 s."""
    found = {"type": "server_vad", "interrupt_response": True} if detection is None else detection
    tale = Tale().server(0.2, SessionUpdated, connection=1, turn_detection=found)
    tale.add(8, SpeakerPlaying, response_id="r1", item_id="a1").speaks(10, length_s=length_s)
    tale.server(10.46, InputAudioBufferSpeechStarted, connection=1, audio_start_ms=10_000, item_id="u1")
    return tale.add(ends_s, ended, response_id="r1", item_id="a1", played_ms=round(1000 * (ends_s - 8)))


def findings(tale):
    return found("stops_for_the_user", tale.end(40))


def test_an_answer_that_is_played_on():
    (finding,) = findings(talked_over())
    assert finding.at_us == 12_500_000
    assert finding.reason == (
        "r1 was played on until 20.000 s, although the user spoke from 10.000 s to 14.000 s and the client was told "
        "of it at 10.500 s"
    )


def test_an_answer_that_is_stopped_within_two_seconds():
    assert not findings(talked_over(12.5, ended=SpeakerStopped))
    assert findings(talked_over(12.6, ended=SpeakerStopped))


def test_a_short_word_need_not_stop_anything():
    assert not findings(talked_over(length_s=1.9))
    assert findings(talked_over(length_s=2.1))


def test_a_session_that_is_not_to_be_interrupted():
    assert not findings(talked_over(detection={"type": "server_vad", "interrupt_response": False}))


def test_a_suspended_output_plays_nothing():
    tale = talked_over()
    assert not findings(tale.add(9, SpeakerSuspended).add(19, SpeakerResumed))
    assert findings(talked_over().add(2, SpeakerSuspended).add(3, SpeakerResumed))


class Stops(Talker):
    """Stops, and plays no more of that answer."""

    def __init__(self):
        super().__init__()
        self.item_id = self.refused = None

    def receive(self, event, now):
        if isinstance(event, ResponseOutputAudioDelta):
            if event.item_id == self.refused:
                return []
            self.item_id = event.item_id
        return super().receive(event, now)

    def told(self, event):
        if not isinstance(event, InputAudioBufferSpeechStarted) or self.item_id is None:
            return []
        self.refused = self.item_id
        return [StopPlayback()]


def test_clients_that_are_spoken_over():
    scenario = story(say(1), say(7, MAN), server=ServerSetup(reply=Reply(clip="babble", lasts_us=9 * SECOND)))
    assert found("stops_for_the_user", run(scenario, Talker()).journal)
    for client in (Stops(), "development", "resilient"):
        assert not found("stops_for_the_user", run(scenario, client).journal)

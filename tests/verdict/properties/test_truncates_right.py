from harness.clients.interface import StopPlayback
from harness.journal import ConnectionClosed, FaultInjected, ResponseAudio, SpeakerEnded, SpeakerStopped
from harness.protocol.events import (
    ConversationItemDeleted,
    ConversationItemTruncate,
    ConversationItemTruncated,
    InputAudioBufferSpeechStarted,
    ResponseOutputAudioDelta,
)
from harness.scenario.model import Reply, ServerSetup
from harness.units import SECOND
from tests.verdict.journals import Tale
from tests.verdict.properties.testing import Talker, found
from tests.world.testing import MAN, run, say, story


def stopped(played_ms=1200, sent_ms=5000, at_s=10, **fields):
    """An item that the server sent is stopped in the middle."""
    tale = Tale().add(at_s - 0.5, ResponseAudio, connection=1, response_id="r1", item_id="a1", audio_ms=sent_ms,
                      audible_ms=sent_ms)  # fmt: skip
    return tale.add(at_s, SpeakerStopped, response_id="r1", item_id="a1", played_ms=played_ms, **fields)


def truncated(tale, audio_end_ms, at_s=10.1):
    return tale.server(at_s, ConversationItemTruncated, item_id="a1", content_index=0, audio_end_ms=audio_end_ms)


def findings(tale, at_s=40):
    return found("truncates_right", tale.end(at_s))


def test_without_a_truncation_the_server_holds_all_that_it_sent():
    (finding,) = findings(stopped())
    assert finding.reason == (
        "a1 was stopped at 10.000 s after 1.200 s were heard, and the server holds 5.000 s of it: "
        "the client did not truncate it"
    )
    assert finding.at_us == 13 * SECOND


def test_truncated_where_it_was_heard():
    for audio_end_ms in (700, 1200, 1700):
        assert not findings(truncated(stopped(), audio_end_ms))


def test_truncated_elsewhere():
    for audio_end_ms in (0, 699, 1701):
        (finding,) = findings(truncated(stopped(), audio_end_ms))
        assert finding.reason.endswith("the client truncated it there")


def test_a_truncation_that_is_later_than_3_s():
    assert not findings(truncated(stopped(), 1200, at_s=13))
    assert findings(truncated(stopped(), 1200, at_s=13.1))


def test_all_parts_of_an_item_that_were_played_count():
    tale = stopped().add(8, SpeakerEnded, response_id="r1", item_id="a1", played_ms=3500)
    assert not findings(tale)


def test_what_is_not_judged():
    assert not findings(stopped(played_ms=4600)), "nearly all was heard"
    assert not findings(stopped().add(11, ConnectionClosed, connection=1, code=1006)), "its session is over"
    assert not findings(stopped(), at_s=12)
    assert not findings(stopped().server(10.2, ConversationItemDeleted, item_id="a1"))
    assert not findings(stopped(garbled_ms=900)), "lengths cannot be compared"
    assert not findings(stopped(played_ms=0)), "nothing was played"
    assert not findings(stopped().add(9, FaultInjected, kind="mute", length_us=5 * SECOND))


class Interruptible(Talker):
    """Stops at a barge-in, and says nothing of it to the server."""

    truncates_at_ms = None

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
        self.refused, self.item_id = self.item_id, None
        if self.truncates_at_ms is None:
            return [StopPlayback()]
        end_ms = self.truncates_at_ms
        return [
            StopPlayback(),
            ConversationItemTruncate(item_id=self.refused, content_index=0, audio_end_ms=end_ms),
        ]


class AlwaysAtTheBegin(Interruptible):
    truncates_at_ms = 0


BARGE_IN = story(say(1), say(7, MAN), server=ServerSetup(reply=Reply(clip="babble", lasts_us=9 * SECOND)))


def test_clients_that_do_not_say_what_was_heard():
    first, *_ = found("truncates_right", run(BARGE_IN, Interruptible()).journal)
    assert "did not truncate it" in first.reason
    first, *_ = found("truncates_right", run(BARGE_IN, AlwaysAtTheBegin()).journal)
    assert "the server holds 0.000 s of it" in first.reason
    assert not found("truncates_right", run(BARGE_IN, "development").journal)

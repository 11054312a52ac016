"""What a client knows of a call: it speaks by the server's events, and was heard by what the browser counts."""

from harness.clients.far_end import FarEnd
from harness.clients.interface import MediaReport, StopPlayback
from harness.clients.playback import PlaybackMeter
from harness.protocol.events import ConversationItemTruncate, OutputAudioBufferClear, ResponseDone
from harness.protocol.objects import Response
from harness.units import MS, SECOND


def made():
    meter = PlaybackMeter()
    return FarEnd(meter), meter


def done(response_id, status="completed"):
    return ResponseDone(event_id="event_1", response=Response(id=response_id, status=status, output=[]))


def test_it_speaks_from_started_to_stopped():
    far, meter = made()
    far.started("r1", SECOND)
    assert meter.speaking and meter.speaks(2 * SECOND)
    far.stopped("r1")
    assert not meter.speaking


def test_audio_that_does_not_arrive_is_no_speech_for_long_and_no_answer():
    """As measured: events go on, and not one packet comes."""
    far, meter = made()
    far.started("r1", SECOND)
    assert far.report(MediaReport(0, 0), 2 * SECOND) == (None, [])
    assert not meter.speaks(4 * SECOND) and meter.answered_us(4 * SECOND) == 0
    assert meter.overdue_us(60 * SECOND) < 0, "nothing of the output is stuck"


def test_what_is_heard_is_told_by_the_report():
    far, meter = made()
    far.started("r1", SECOND)
    assert far.report(MediaReport(25, 480), 1_500 * MS) == ("r1", [])
    assert meter.answered_us(1_500 * MS) == 480 * MS


def test_a_response_is_over_once_it_has_stopped_and_the_browser_has_reported():
    far, _ = made()
    far.started("r1", 0)
    assert far.awaits(done("r1"))
    assert far.report(MediaReport(25, 500), 500 * MS) == ("r1", [])
    far.stopped("r1")
    assert far.report(MediaReport(25, 100), SECOND) == ("r1", [done("r1")])
    assert far.report(MediaReport(25, 0), 1_500 * MS) == (None, [])


def test_a_response_without_audio_is_over_at_once():
    far, _ = made()
    assert not far.awaits(done("r1"))
    far.has_audio("r2")
    assert far.awaits(done("r2")), "output_audio_buffer.started may come later"


def test_the_commands_that_cut_it_off():
    far, meter = made()
    far.started("r1", 0)
    assert meter.cut(SECOND) == [OutputAudioBufferClear()] and meter.cut(SECOND) == []
    near = PlaybackMeter()
    near.accept("item", bytes(48_000), 0)
    truncate = ConversationItemTruncate(item_id="item", content_index=0, audio_end_ms=500)
    assert near.cut(500 * MS) == [StopPlayback(), truncate]


def test_whether_the_server_interrupts_is_read_from_the_session():
    far, _ = made()
    for detection, interrupts in (
        ({"interrupt_response": False}, False), ({"interrupt_response": True}, True), (None, False),
    ):  # fmt: skip
        far.session({"audio": {"input": {"turn_detection": detection}}})
        assert far.server_interrupts is interrupts
    far.session({})
    assert far.server_interrupts is False, "an event that does not say it changes nothing"

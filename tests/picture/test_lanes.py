from pathlib import Path

from harness.journal import (
    REAL_TIME,
    AppEnded,
    AppFenced,
    ClientReopensCapture,
    ClientTellsUser,
    MicrophoneAudio,
    RunEnded,
    parse,
    read,
)
from harness.picture.lanes import lanes
from harness.units import SECOND, SILENCE_DBFS
from tests.report.testing import LOUD, add, audio, conversation, cured, deaf, journal, log, opened, speaks


def test_levels_follow_the_audio_and_stop_where_it_stops():
    made = journal()
    audio(made, MicrophoneAudio, 0, 1, LOUD)
    audio(made, MicrophoneAudio, 3, 3.5, 0.0)
    found = lanes(made)["microphone"].levels
    assert [(level.start_us, level.end_us) for level in found] == [
        (0, SECOND // 2),
        (SECOND // 2, SECOND),
        (3 * SECOND, 3 * SECOND + SECOND // 2),
    ]
    assert found[0].dbfs == -20.8  # 20 log10(3000 / 32768)
    assert found[2].dbfs == SILENCE_DBFS


def test_marks_tell_the_story_in_order():
    told = [(mark.t / SECOND, mark.symbol) for mark in lanes(cured()).marks]
    assert told == [(12, "▼"), (13, "▲"), (20, "○"), (24.3, "✔")]
    texts = [mark.text for mark in lanes(cured()).marks]
    assert texts[0] == "fault: microphone near-silent, until 13.000 s"
    assert texts[1] == "the client reopened the capture, because only near-silence was captured"


def test_a_run_that_is_never_answered_ends_in_a_cross():
    seen = lanes(deaf())
    assert seen.answered_us is None
    assert seen.marks[-1].symbol == "✖"
    assert "to the end" in next(mark.text for mark in seen.marks if mark.symbol == "▼")


def test_each_utterance_after_the_heal_has_a_mark_with_its_wait():
    marks = [(mark.t / SECOND, mark.symbol, mark.text) for mark in lanes(conversation()).marks if mark.symbol in "✔✖"]
    assert marks == [
        (24.3, "✔", "the user hears an answer to what was asked after the heal, 4.3 s after the heal"),
        (38.3, "✔", "the user hears an answer to utterance 2 after 1.3 s"),
        (50.3, "✔", "the user hears an answer to utterance 3 after 1.3 s"),
    ]


def test_an_utterance_that_is_not_answered_in_its_bound_has_a_cross():
    seen = lanes(conversation(third_answered=False))
    assert [(mark.t / SECOND, mark.symbol) for mark in seen.marks if mark.symbol in "✔✖"] == [
        (24.3, "✔"),
        (38.3, "✔"),
        (61, "✖"),
    ]
    assert seen.marks[-1].text == "utterance 3 is not answered within 12.0 s"


def test_a_stretch_of_first_chunk_lines_is_one_mark():
    made = journal()
    for at_s in (1, 2, 3, 9):
        log(made, at_s, "first_chunk", line=f"First audio chunk, {at_s}")
    assert [mark.text for mark in lanes(made).marks if mark.symbol == "•"] == [
        "the client logs, 3 times: First audio chunk, 1",
        "the client logs: First audio chunk, 9",
    ]


def test_watchdog_and_words_to_the_user_are_marked():
    made = opened()
    log(made, 1, "watchdog", sends="input_audio_buffer.clear")
    add(made, 2, ClientTellsUser, text="I cannot\x1b[31m hear you\n.")
    watchdog, told = (mark for mark in lanes(made).marks if mark.symbol in "◆!")
    assert watchdog.text == "the client's watchdog sends input_audio_buffer.clear"
    assert told.text == "the client tells the user: I cannot�[31m hear you ."


def test_what_an_app_did_that_logs_nothing_is_marked():
    made = opened()
    made.header["stage"] = REAL_TIME
    add(made, 1, AppFenced, what="the app was not frozen")
    add(made, 2, ClientReopensCapture)
    add(made, 3, AppEnded, error="exit code 5", place="app.py:31")
    told = [(mark.symbol, mark.text) for mark in lanes(made).marks]
    assert told[:3] == [
        ("!", "not as on a device: the app was not frozen"),
        ("▲", "the app reopens the capture"),
        ("✖", "the app ended: exit code 5 (app.py:31)"),
    ]


def test_nothing_reaches_beyond_the_end():
    made = journal()
    speaks(made, 1, 10)
    add(made, 4, RunEnded)
    assert [span.end_us for span in lanes(made)["user speaks"].spans] == [4 * SECOND]


def test_a_picture_needs_nothing_but_the_journal_file():
    made = deaf()
    text = b"".join(made.lines()).decode()
    assert lanes(parse(text.splitlines(), "x.jsonl")) == lanes(made)


def test_an_empty_journal_has_an_empty_picture():
    seen = lanes(journal())
    assert seen.length_us == 0
    assert not seen["microphone"].levels


FORMAT_1 = Path(__file__).parent.parent / "journal" / "formats" / "1"


def test_journals_of_format_1_are_drawn_with_what_became_of_the_user():
    """Its run with an answer ended there; nobody went on talking."""
    answered, silent, live = (
        lanes(read(FORMAT_1 / f"{name}.jsonl")) for name in ("half_open_socket", "reported_freeze", "live")
    )
    assert [mark.symbol for mark in answered.marks if mark.symbol in "✔✖■"] == ["✔"]
    assert {span.style for span in answered["user speaks"].spans} == {"user", "probe"}
    assert [mark.symbol for mark in silent.marks if mark.symbol in "✔✖■"] == ["✖"]
    assert [mark.symbol for mark in live.marks if mark.symbol in "✔✖■"] == ["■"]

import pytest

from harness.report.lanes import lanes
from harness.units import SECOND
from tests.report.journals import cured, deaf, journal, opened, turn, write


def spans(made, lane):
    found = lanes(made)[lane].spans
    return [(span.start_us / SECOND, span.end_us / SECOND, span.style) for span in found]


def ended(made, at_s=30):
    write(made, at_s, "world", "end")
    return made


def test_what_the_user_asks_after_the_heal_is_set_apart():
    assert spans(cured(), "user speaks") == [(2, 4, "user"), (21, 23, "probe")]
    assert spans(cured(), "phase") == [(0, 20, "story"), (20, 24.3, "healed")]


@pytest.mark.parametrize(
    ("lane", "kind", "fields"),
    [
        ("server", "input_audio_buffer.speech_stopped", {"item_id": "a"}),
        ("server", "turn_closed", {"item_id": "a"}),
        ("connection", "closed", {"connection": 1, "code": 1006}),
        ("connection", "dial", {"connection": 2}),
        ("world", "end", {}),
    ],
)
def test_the_server_hears_until_something_ends_it(lane, kind, fields):
    made = opened()
    write(made, 3, "server", "input_audio_buffer.speech_started", item_id="a", connection=1)
    write(made, 8, lane, kind, **fields)
    assert spans(ended(made), "server hears") == [(3, 8 if lane != "world" else 30, "hears")]


def test_speech_that_is_held_says_for_how_long():
    made = opened()
    write(made, 5, "server", "input_audio_buffer.speech_started", item_id="a", connection=1)
    assert lanes(ended(made))["server hears"].spans[0].label == "in speech for 25 s"


def test_the_assistant_answers_is_interrupted_and_suspended():
    made = opened()
    write(made, 1, "speaker", "playing", response_id="a")
    write(made, 2, "speaker", "stopped", response_id="a")
    write(made, 3, "speaker", "playing", response_id="b")
    write(made, 4, "speaker", "suspended")
    write(made, 7, "speaker", "resumed")
    write(made, 7, "speaker", "playing", response_id="b")
    write(made, 9, "speaker", "ended", response_id="b")
    assert spans(ended(made, 12), "assistant") == [
        (1, 2, "interrupted"),
        (3, 4, "answer"),
        (4, 7, "suspended"),
        (7, 9, "answer"),
    ]


def test_a_silence_without_end_is_seen_and_a_passing_one_is_not():
    assert spans(deaf(), "assistant") == [(5, 8, "answer"), (8, 40, "silence")]
    assert spans(cured(), "assistant") == [(5, 8, "answer"), (24, 24.3, "answer")]


def test_a_response_lasts_until_done_or_until_its_connection_ends():
    made = opened()
    turn(made, 2, 1)
    write(made, 10, "server", "response.created", response_id="b", connection=1)
    write(made, 15, "connection", "closed", connection=1, code=1006)
    assert spans(ended(made), "response") == [(4, 4.8, "response"), (10, 15, "response")]


def test_connections_and_failed_dials():
    made = opened()
    write(made, 5, "connection", "closed", connection=1, code=1000)
    write(made, 5, "connection", "dial", connection=2)
    write(made, 10, "connection", "dial_failed", connection=2)
    write(made, 11, "connection", "dial", connection=3)
    write(made, 12, "connection", "open", connection=3)
    assert spans(ended(made), "connection") == [
        (0, 0.1, "dialling"),
        (0.1, 5, "open"),
        (5, 10, "refused"),
        (11, 12, "dialling"),
        (12, 30, "open"),
    ]


def fault(kind, length_s, *then, **fields):
    made = opened()
    write(made, 5, "fault", kind, length_us=None if length_s is None else length_s * SECOND, **fields)
    for at_s, lane, what in then:
        write(made, at_s, lane, what, connection=2)
    [(start, end, _)] = spans(ended(made), "faults")
    assert start == 5
    return end


def test_a_dead_capture_lasts_until_it_is_reopened():
    assert fault("near-silent", None) == 30
    assert fault("near-silent", None, (9, "client", "reopens_capture")) == 9
    assert fault("zeroed", 3, (6, "client", "reopens_capture")) == 8
    assert fault("zeroed", 20, (12, "world", "heal")) == 12


def test_a_half_open_connection_lasts_until_it_is_left_and_dials_pass():
    assert fault("half-open", 10) == 30
    assert fault("half-open", 10, (20, "connection", "dial")) == 20
    assert fault("half-open", 10, (7, "connection", "dial")) == 15
    assert fault("reset", 10, (6, "connection", "dial")) == 15
    assert fault("stall", 4) == 9


def test_a_server_fault_ends_with_its_session():
    assert fault("mute", None) == 30
    assert fault("mute", None, (12, "connection", "dial")) == 12
    assert fault("held-active", 3) == 8


def test_an_app_switch_lasts_as_long_as_it_lasts():
    assert fault("app", 4, capture="keeps", playback="suspended") == 9


def test_a_fault_that_struck_no_connection_is_not_drawn():
    made = journal()
    write(made, 5, "fault", "mute", length_us=None)
    write(made, 12, "world", "no_connection", step="step 1", struck_us=5 * SECOND)
    assert spans(ended(made), "faults") == []


def test_a_fault_that_struck_while_no_connection_was_open_is_drawn_from_the_next_one():
    made = opened()
    write(made, 4, "connection", "closed", connection=1, code=1006)
    write(made, 5, "fault", "mute", length_us=None)
    write(made, 6, "connection", "dial", connection=2)
    write(made, 7, "connection", "open", connection=2)
    write(made, 9, "connection", "closed", connection=2, code=1000)
    assert spans(ended(made), "faults") == [(7, 9, "server")]


def test_noises_are_named():
    made = opened()
    write(made, 3, "room", "keyboard_typing_anton", length_us=2 * SECOND)
    [noise] = lanes(ended(made))["noise"].spans
    assert (noise.end_us, noise.label, noise.short) == (5 * SECOND, "keyboard typing anton", "keyboard")

"""The turn automaton (§4.2), given probabilities."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import SettingError, StillthereError
from harness.vad.turn import (
    EMITS,
    TRANSITIONS,
    Input,
    SpeechStarted,
    SpeechStopped,
    State,
    TurnDetector,
    TurnSettings,
)

# Pairs of audio_start_ms and audio_end_ms on the wire of the live service, prefix padding 300 ms. The silence is known
# for the first three sources; for the other two the default is assumed, and only the edges are compared.
BETA_WEBRTC_2025_05_A = [
    (4308, 4896), (33908, 34560), (43604, 44384), (44180, 45824), (48564, 49728), (49556, 50208), (50228, 50848),
    (52948, 53536), (54388, 57120), (56884, 59552), (60756, 61408),
]  # fmt: skip
BETA_WEBRTC_2025_05_B = [(2900, 3520)]
TRANSCRIPTION_WS_2025_04 = [(3796, 4960)]
TWILIO_G711_2025 = [(1012, 2080)]
SIP_BOT_2026_01 = [(1236, 3808), (11956, 14720)]


def play(probabilities, settings=None):
    turn = settings if isinstance(settings, TurnDetector) else TurnDetector(settings)
    return [event for event in map(turn.step, probabilities) if event]


def pairs(events):
    starts = [event.audio_start_ms for event in events if isinstance(event, SpeechStarted)]
    ends = [event.audio_end_ms for event in events if isinstance(event, SpeechStopped)]
    return list(zip(starts, ends, strict=True))


@pytest.mark.behaviour("silence-run", "one-frame-turn")
@pytest.mark.parametrize("k", [10, 11, 100, 144, 1664])
def test_one_speech_frame_is_a_turn_of_eight_frames(k):
    assert play([0.0] * k + [0.9] + [0.0] * 30) == [SpeechStarted(32 * k - 300), SpeechStopped(32 * (k + 8))]


@pytest.mark.behaviour("captured-turns")
@pytest.mark.parametrize(
    ("captured", "silence_ms"),
    [
        (BETA_WEBRTC_2025_05_A, 200), (BETA_WEBRTC_2025_05_B, 200), (TRANSCRIPTION_WS_2025_04, 300),
        (TWILIO_G711_2025, 200), (SIP_BOT_2026_01, 200),
    ],
)  # fmt: skip
def test_captured_turns_can_be_made_again(captured, silence_ms):
    """Speech from the captured first frame, then silence; the wire's milliseconds must come out, all in one session."""
    quiet_frames = -(-silence_ms // 32)
    script = [0.0] * (captured[-1][1] // 32)
    for start_ms, end_ms in captured:
        first, end = (start_ms + 300) // 32, end_ms // 32
        script[first : end - quiet_frames] = [0.9] * (end - quiet_frames - first)
    assert pairs(play(script, TurnSettings(silence_duration_ms=silence_ms))) == captured


@pytest.mark.behaviour("openai-edges", "azure-edges")
def test_one_clip_has_other_edges_on_azure():
    """Captured 2026-07, the same words at both services: (1460, 4256) at OpenAI's, (1556, 4224) at Azure's."""
    script = [0.0] * 55 + [0.9] * (126 - 55) + [0.0] * 20
    assert pairs(play(script, TurnSettings())) == [(1460, 4256)]
    azure = TurnSettings(onset_frames=4, silence_rounds_down=True)
    assert pairs(play(script, azure)) == [(1556, 4224)]


@pytest.mark.behaviour("azure-edges")
def test_on_azure_frames_of_speech_that_are_not_in_a_row_begin_no_turn():
    azure = TurnSettings(onset_frames=4, silence_rounds_down=True, prefix_padding_ms=0)
    for between in (0.0, 0.4):
        assert play([0.9, 0.9, 0.9, between] * 20, azure) == []
    turn = TurnDetector(azure)
    assert play([0.9] * 3, turn) == []
    turn.reset()
    assert play([0.9] * 3, turn) == []
    assert play([0.9], turn) == [SpeechStarted(32 * 6)]


def test_azure_has_a_shortest_silence():
    """Even a silence of 0 ms ends a turn only by a quiet frame."""
    azure = TurnSettings(silence_duration_ms=0, silence_rounds_down=True, prefix_padding_ms=0)
    assert play([0.9, 0.0], azure) == [SpeechStarted(0), SpeechStopped(64)]


@pytest.mark.behaviour("soon-again")
def test_a_turn_can_begin_two_frames_after_a_stop():
    """Captured: stop at the end of frame 1784, next onset in frame 1787."""
    events = play([0.0] * 10 + [0.9] + [0.0] * 7 + [0.0, 0.0, 0.9] + [0.0] * 7)
    assert pairs(events) == [(20, 576), (32 * 20 - 300, 32 * 28)]
    assert events[2].audio_start_ms < events[1].audio_end_ms + 300


probability = st.integers(0, 10_000).map(lambda n: n / 10_000)
turn_settings = st.builds(
    TurnSettings,
    threshold=st.integers(0, 100).map(lambda n: n / 100),
    prefix_padding_ms=st.integers(0, 2000),
    silence_duration_ms=st.integers(0, 1000),
)


@pytest.mark.behaviour("grid")
@given(st.lists(probability, max_size=300), turn_settings)
def test_property_all_edges_lie_on_the_grid_and_alternate(script, settings):
    events = play(script, settings)
    for index, event in enumerate(events):
        if index % 2 == 0:
            assert isinstance(event, SpeechStarted)
            assert event.audio_start_ms == 0 or (event.audio_start_ms + settings.prefix_padding_ms) % 32 == 0
        else:
            assert isinstance(event, SpeechStopped)
            assert event.audio_end_ms % 32 == 0


@pytest.mark.behaviour("silence-run")
@given(st.lists(probability, max_size=300), st.integers(0, 1000))
def test_property_a_turn_ends_in_the_silence_that_was_asked_for(script, silence_ms):
    """The rule read backwards: at a stop, the silence since the last SPEECH is just long enough."""
    settings = TurnSettings(silence_duration_ms=silence_ms, prefix_padding_ms=0)
    turn = TurnDetector(settings)
    for k, p in enumerate(script):
        if isinstance(turn.step(p), SpeechStopped):
            since_speech = list(itertools.takewhile(lambda q: q < 0.5, reversed(script[: k + 1])))[::-1]
            first_quiet = next(i for i, q in enumerate(since_speech) if q < 0.35)
            run_frames = len(since_speech) - first_quiet
            assert run_frames == max(1, -(-silence_ms // 32))


@pytest.mark.behaviour("hysteresis")
def test_middle_neither_opens_nor_cancels_a_silence():
    assert play([0.9] + [0.4] * 100) == [SpeechStarted(0)]
    assert play([0.4] * 100) == []
    assert play([0.9, 0.1] + [0.4] * 6) == [SpeechStarted(0), SpeechStopped(32 * 8)]


@pytest.mark.behaviour("low-threshold")
def test_below_015_a_turn_never_ends():
    """Inferred from the rule (§4.2): nothing is below threshold - 0.15."""
    assert play([0.9] + [0.0] * 10_000, TurnSettings(threshold=0.14)) == [SpeechStarted(0)]
    assert play([0.9] + [0.0] * 10_000, TurnSettings(threshold=0.16)) == [SpeechStarted(0), SpeechStopped(256)]


@pytest.mark.behaviour("hysteresis")
def test_speech_cancels_a_silence():
    assert play([0.9] + [0.1] * 6 + [0.5] + [0.1] * 6) == [SpeechStarted(0)]
    assert play([0.9] + [0.1] * 6 + [0.5] + [0.1] * 7)[1:] == [SpeechStopped(32 * 15)]


@pytest.mark.behaviour("hysteresis")
@pytest.mark.parametrize("threshold", [0.2, 0.45, 0.5, 0.56, 0.6, 0.65, 0.9])
def test_the_edges_of_the_three_inputs(threshold):
    """p at the threshold speaks, p at threshold - 0.15 is not yet quiet, in decimals as they are written."""
    low = round(threshold - 0.15, 2)
    settings = TurnSettings(threshold=threshold, silence_duration_ms=32, prefix_padding_ms=0)
    assert play([round(threshold - 0.0001, 4)], settings) == []
    assert play([threshold, low, low], settings) == [SpeechStarted(0)]
    assert play([threshold, round(low - 0.0001, 4)], settings) == [SpeechStarted(0), SpeechStopped(64)]


@pytest.mark.behaviour("prefix")
def test_the_start_is_not_before_the_session():
    assert play([0.0] * 3 + [0.9]) == [SpeechStarted(0)]
    assert play([0.0] * 10 + [0.9]) == [SpeechStarted(20)]


@pytest.mark.behaviour("no-prefix")
def test_the_prefix_can_be_left_out_of_the_start():
    """Captured in 2024-10: starts 512 and 140448, multiples of 32."""
    assert play([0.0] * 16 + [0.9], TurnSettings(prefix_in_start=False)) == [SpeechStarted(512)]


@pytest.mark.behaviour("silence-run")
@pytest.mark.parametrize(("silence_ms", "frames"), [(0, 1), (32, 1), (33, 2), (500, 16)])
def test_silence_is_rounded_up_to_frames(silence_ms, frames):
    events = play([0.9] + [0.0] * 40, TurnSettings(silence_duration_ms=silence_ms))
    assert events[1] == SpeechStopped(32 * (1 + frames))


def test_settings_can_change_in_an_open_turn():
    turn = TurnDetector()
    assert play([0.9, 0.0, 0.0, 0.0], turn) == [SpeechStarted(0)]
    turn.configure(TurnSettings(silence_duration_ms=64))
    assert turn.settings.silence_duration_ms == 64
    assert play([0.0], turn) == [SpeechStopped(160)]
    turn.configure(TurnSettings(threshold=0.95))
    assert play([0.9], turn) == []


def test_reset_drops_the_turn_without_a_word_and_keeps_the_clock():
    turn = TurnDetector()
    play([0.9] * 20, turn)
    assert turn.speaking
    turn.reset()
    assert (turn.state, turn.frame, turn.position_ms, turn.speaking) == (State.IDLE, 20, 640, False)
    assert play([0.0] * 20 + [0.9], turn) == [SpeechStarted(32 * 40 - 300)]


def test_a_silence_that_reset_dropped_does_not_end_the_next_turn():
    turn = TurnDetector()
    play([0.9] + [0.0] * 6, turn)
    turn.reset()
    assert play([0.9, 0.0], turn) == [SpeechStarted(0)]


@pytest.mark.parametrize("before", [[], [0.9], [0.9, 0.0]])
def test_a_wedged_automaton_hears_nothing_but_its_clock_goes_on(before):
    turn = TurnDetector()
    play(before, turn)
    turn.wedge()
    assert play([0.0] * 50 + [0.9] * 50 + [0.0] * 50, turn) == []
    assert (turn.state, turn.frame, turn.speaking) == (State.WEDGED, len(before) + 150, False)


def test_an_illegal_command_raises_and_changes_nothing():
    turn = TurnDetector()
    play([0.9, 0.0, 0.0], turn)
    turn.wedge()
    with pytest.raises(StillthereError, match="WEDGE is not possible in state WEDGED"):
        turn.wedge()
    assert (turn.state, turn.frame, turn.settings) == (State.WEDGED, 3, TurnSettings())


def test_speaking_is_a_turn_that_is_open():
    turn = TurnDetector()
    seen = []
    for p in [0.0, 0.9, 0.1, 0.9] + [0.0] * 7:
        turn.step(p)
        seen.append((turn.state.name, turn.speaking))
    assert seen[:4] == [("IDLE", False), ("SPEAKING", True), ("TRAILING", True), ("SPEAKING", True)]
    assert seen[-2:] == [("TRAILING", True), ("IDLE", False)]


def test_every_state_hears_every_frame_and_can_be_reset():
    for state in State:
        assert TRANSITIONS[state].keys() >= {Input.SPEECH, Input.MIDDLE, Input.QUIET, Input.RESET}
        assert TRANSITIONS[state][Input.RESET] is State.IDLE


def test_what_is_not_in_the_table():
    missing = {(state, cause) for state in State for cause in Input if cause not in TRANSITIONS[state]}
    assert missing == {
        (State.IDLE, Input.RUN_COMPLETE),
        (State.SPEAKING, Input.RUN_COMPLETE),
        (State.WEDGED, Input.RUN_COMPLETE),
        (State.WEDGED, Input.WEDGE),
    }
    assert all(cause in TRANSITIONS[state] for state, cause in EMITS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 1.01}, {"threshold": -0.1}, {"threshold": float("nan")},
        {"prefix_padding_ms": -1}, {"silence_duration_ms": -1},
    ],
)  # fmt: skip
def test_settings_out_of_range_are_refused_with_their_name(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(SettingError, match=rf"{name} is .*got {value}"):
        TurnSettings(**wrong)


@given(st.lists(probability, max_size=300), st.integers(0, 10_000), st.integers(0, 1000))
def test_property_a_start_goes_back_by_its_padding_and_no_further(script, padding_ms, silence_ms):
    """It may reach into the turn before it, which was captured three times, but never below 0 or before its start."""
    padded = pairs_so_far(script, TurnSettings(prefix_padding_ms=padding_ms, silence_duration_ms=silence_ms))
    plain = pairs_so_far(script, TurnSettings(prefix_padding_ms=0, silence_duration_ms=silence_ms))
    assert [start for start, _ in padded] == [max(0, start - padding_ms) for start, _ in plain]
    assert [end for _, end in padded] == [end for _, end in plain]
    assert all(before[0] <= after[0] for before, after in itertools.pairwise(padded))
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(plain))


def pairs_so_far(script, settings):
    """The complete turns of a script."""
    events = play(script, settings)
    return pairs(events[: len(events) // 2 * 2])

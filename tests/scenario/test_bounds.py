"""What one scenario may hold: each bound is one sentence with the value and the cure."""

import tracemalloc

import pytest

from harness.audio import babble as babble_module
from harness.scenario import load, loads
from harness.server import utterance as utterances

from .marks import TIMELINE, problems

REPLY = "scenario: s\nserver: {reply: {%s}}\ntimeline: [{at: 1s, say: babble}]\n"


def only(text: str) -> str:
    (problem,) = problems(text)
    return problem.message


def test_an_answer_of_200_000_words_is_refused_before_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utterances, "babble", lambda *_, **__: pytest.fail("synthesised"))
    message = only(REPLY % f"text: {'word ' * 200_000}")
    # 170 words a minute are 350 ms a word
    assert message == (
        "this answer would last 1167 min, and an answer has at most 10 min;"
        " shorten the text, or say how long it lasts, such as lasts: 20s"
    )


@pytest.mark.parametrize("clip", ["babble", "silence"])
def test_an_answer_of_an_hour_is_refused(clip: str) -> None:
    assert "would last 60 min" in only(REPLY % f"clip: {clip}, lasts: 60min")


def test_speech_of_an_hour_is_refused() -> None:
    message = only(TIMELINE + "  - {at: 1s, say: babble, lasts: 60min}\n")
    assert message == "speech lasts at most 10 min; say it in several steps"


def test_fifty_noises_of_an_hour_are_checked_without_a_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(babble_module, "babble", lambda *_, **__: pytest.fail("synthesised"), raising=False)
    text = TIMELINE + "".join(f"  - {{at: {n}s, noise: babble, lasts: 60min}}\n" for n in range(50))
    assert len(loads(text).timeline) == 50


def test_a_scenario_that_would_run_for_days_is_refused() -> None:
    chain = ["  - {at: 1h, say: babble}\n".replace("1h", "60min").replace("}", ", label: l0}")]
    chain += [f"  - {{after: l{n - 1}, by: 60min, say: babble, label: l{n}}}\n" for n in range(1, 30)]
    (problem,) = problems(TIMELINE + "".join(chain))
    assert problem.line == 3 + 24  # the first begins after 1 h, the twenty-fifth after 25
    assert "would end after 25.0 h, and a scenario has at most 24 h" in problem.message
    ended = loads("scenario: s\nlasts: 60min\ntimeline:\n" + "".join(chain))
    assert len(ended.timeline) == 30


def test_repetitions_count_as_steps() -> None:
    step = "  - {at: 1s, say: babble, repeat: 1000, every: 1ms}\n"
    assert len(loads(TIMELINE + 200 * step).timeline) == 200
    assert "has 201000 steps, each repetition counted; at most 200000 are played" in only(TIMELINE + 201 * step)


def test_the_length_of_a_range_is_its_high_end() -> None:
    assert "would last 11 min" in only(REPLY % "clip: babble, lasts: 1s..11min")


@pytest.mark.parametrize("key", ["recover within", "answer within"])
def test_nothing_can_be_awaited_for_no_time(key: str) -> None:
    message = only(f"scenario: s\n{key}: 0s\ntimeline: [{{at: 1s, say: babble}}]\n")
    assert message == "nothing can happen in no time; write a longer time, such as 10s (got '0s')"


@pytest.mark.parametrize(("written", "unit"), [("100h", "h"), ("1 sec", "sec"), ("2m", "m"), ("3 µs", "µs")])
def test_an_unknown_unit_is_named(written: str, unit: str) -> None:
    assert only(TIMELINE + f"  - {{at: {written}, say: babble}}\n") == (
        f"write a duration in us, ms, s or min, such as 500ms or 1.2s; {unit!r} is none of them (got {written!r})"
    )


def test_a_label_that_is_there_twice_is_named_once() -> None:
    steps = "".join(f"  - {{at: {n}s, say: babble, label: a}}\n" for n in (1, 2))
    found = problems(TIMELINE + steps + "  - {after: zzz, by: 1s, say: babble}\n")
    assert "no step is labelled 'zzz'; known: a" in [problem.message for problem in found]


def test_a_recording_that_many_steps_name_is_read_once(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harness.scenario import values

    read = []
    monkeypatch.setattr(values, "load_clip", lambda name, *_: read.append(name))
    (tmp_path / "s.yaml").write_text(TIMELINE + 30 * "  - {at: 1s, say: mine.wav}\n")
    load(tmp_path / "s.yaml")
    assert read == ["mine.wav"]


def test_a_word_of_a_megabyte_is_shown_shortened() -> None:
    tracemalloc.start()
    message = only(TIMELINE + f"  - {{at: 1s, say: {'word ' * 200_000}}}\n")
    tracemalloc.stop()
    assert len(message) < 10_000

"""How a zoo is measured: what counts as right, what is no zoo, and one specimen and one correct client played."""

import sys
from types import ModuleType

import pytest

from harness.errors import InputError
from harness.search.zoo import USUAL_ZOO, ZooMatrix, ZooResult, is_there, load_zoo, play_and_judge, zoo_cases

SILENCE = "never_silent_forever"


def result(expected, *found):
    return ZooResult("one", "A talk", 0, expected, found)


def test_the_harm_must_be_named_whatever_else_is_found():
    assert result(("one_capture", None), ("words_lost", None), ("one_capture", None)).is_right
    assert not result(("one_capture", None), ("words_lost", None)).is_right
    assert not result(("one_capture", None)).is_right


def test_a_silence_with_another_cause_is_wrong():
    expected = (SILENCE, "gate_closed")
    assert result(expected, (SILENCE, "gate_closed"), ("words_lost", None)).is_right
    assert not result(expected, (SILENCE, "vad_deaf")).is_right
    assert not result(expected, (SILENCE, "gate_closed"), (SILENCE, "vad_deaf")).is_right


def test_nothing_may_be_found_of_a_correct_client():
    assert result(None).is_right
    assert not result(None, ("answers_late", None)).is_right
    assert not result(None, ("premise", None)).is_right


def test_correct_clients_do_not_raise_the_share_of_the_mistakes():
    matrix = ZooMatrix(1)
    for one in (
        result(("one_capture", None)),
        result(("one_capture", None), ("one_capture", None)),
        *[result(None)] * 3,
        result(None, ("answers_late", None)),
    ):
        matrix.add(one)
    assert (matrix.share, matrix.share_of_correct) == (1 / 2, 3 / 4)
    assert [one.found for one in matrix.wrong] == [(), (("answers_late", None),)]


def test_each_specimen_and_each_correct_client_in_each_conversation_as_often_as_asked():
    zoo = load_zoo(USUAL_ZOO)
    cases = zoo_cases(USUAL_ZOO, zoo, 2)
    assert len(set(cases)) == len(cases) == 2 * (len(zoo.specimens) + len(zoo.designs) * len(zoo.conversations))


def test_a_module_that_is_not_there_or_no_zoo(monkeypatch):
    assert is_there(USUAL_ZOO) and not is_there("nobody_wrote_this.zoo") and not is_there("nobody_wrote_this")
    with pytest.raises(InputError, match=r"--zoo nobody_wrote_this.*name a module that Python finds"):
        load_zoo("nobody_wrote_this")
    monkeypatch.setitem(sys.modules, "empty_zoo", ModuleType("empty_zoo"))
    with pytest.raises(InputError, match="--zoo empty_zoo has no tuple ZOO"):
        load_zoo("empty_zoo")


@pytest.mark.slow
def test_a_mistake_is_found_and_a_correct_client_is_left_alone():
    zoo = load_zoo(USUAL_ZOO)
    cases = zoo_cases(USUAL_ZOO, zoo, 1)
    names = [specimen.name for specimen in zoo.specimens]
    mistake = play_and_judge(cases[names.index("never_reopens_the_capture")])
    assert mistake.expected == (SILENCE, "capture_dead") and mistake.is_right
    correct = play_and_judge(cases[len(names)])
    assert (correct.name, correct.found, correct.is_right) == ("Healthy", (), True)

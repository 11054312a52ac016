import shlex
from pathlib import Path
from typing import get_args

import pytest

from harness.causes import CAUSES
from harness.clients.recovery.strategies import Remedy
from harness.clients.recovery.symptoms import NEED_OF
from harness.picture import words
from harness.scenario import shipped_scenarios
from harness.scenario.model import ServerSetup
from harness.verdict.findings import Finding
from harness.verdict.judge import Verdict
from tests.report.testing import conversation, cured, deaf, log, run


def test_every_remedy_and_symptom_of_the_reference_clients_has_words():
    assert set(get_args(Remedy)) == set(words.REMEDIES)
    assert set(NEED_OF) == set(words.SYMPTOMS)


def test_remedies_are_told_in_words_and_equal_neighbours_are_counted():
    made = cured()
    log(made, 14, "remedy", remedy="turn_it_off_and_on", symptom="too_quiet")
    log(made, 15, "remedy", remedy="reconnect")
    log(made, 16, "remedy", remedy="reconnect")
    assert words.remedies(made) == (
        "reopened the capture at 13.0 s, because only near-silence was captured; "
        "then it used turn it off and on at 14.0 s, because too quiet; "
        "then it reconnected 2 times from 15.0 s on"
    )
    assert words.remedies(deaf()) is None


def test_held_says_when_the_answer_came():
    assert words.held(cured()) == "answered 1.3 s after the user had spoken, 4.3 s after the heal (60 s were allowed)"


def test_held_says_how_long_each_later_utterance_waited():
    assert words.held(conversation()) == (
        "answered 1.3 s after the user had spoken, 4.3 s after the heal (60 s were allowed), "
        "then 1.3 s and 1.3 s after the next utterances (12 s were allowed)"
    )
    assert ", then 1.3 s and never after the next utterances (" in words.held(conversation(third_answered=False))


def test_the_command_has_the_choices_of_the_properties():
    command = words.again(run(deaf()), {"words_lost": "fail", "one_answer": "off"})
    assert command.endswith("--seed 7 --property words_lost=fail --property one_answer=off")


def test_a_failure_that_is_no_silence_is_explained_by_its_reason():
    lost = Verdict("failed", (Finding("settings_kept", 1, "session 2 runs without the tools of session 1"),))
    assert words.explanation([(run(conversation(), client="a"), lost)]) == (
        "With “a” the run failed: session 2 runs without the tools of session 1."
    )
    once = Verdict("failed", (Finding("keeps_answering", 1, "utterance 3 was not answered", "capture_dead"),))
    assert words.explanation([(run(conversation(), client="a"), once)]) == (
        "With “a” the run failed: utterance 3 was not answered."
    )


def test_the_command_plays_the_same_run_again():
    played = run(deaf(), path=Path("my scenarios/it's.yaml"), client="mine:Client", seed=12)
    assert shlex.split(words.again(played)) == [
        "stillthere", "run", "my scenarios/it's.yaml", "--client", "mine:Client", "--seed", "12",
    ]  # fmt: skip


def test_a_shipped_scenario_is_called_by_its_name():
    path = shipped_scenarios()[0]
    assert words.place(run(deaf(), path=path).scenario) == path.stem


@pytest.mark.parametrize(("own", "tail"), [("energy", ""), ("silero", " --detector energy")])
def test_the_detector_is_named_if_it_is_not_the_scenarios_own(own, tail):
    played = run(deaf(), detector="energy", server=ServerSetup(detector=own))
    assert words.again(played).endswith(f"--seed 7{tail}")


def test_the_explanation_holds_cause_and_cure():
    failed = Verdict("failed", (Finding("never_silent_forever", 1, "…", "capture_dead"),))
    told = words.explanation([(run(deaf(), client="a"), failed), (run(cured(), client="b"), Verdict("held", ()))])
    assert told == (
        f"With “a” {CAUSES['capture_dead']}, and the client stays deaf for ever. "
        "The client “b” reopened the capture at 13.0 s, because only near-silence was captured, and the user was "
        "answered 1.3 s after the user had spoken, 4.3 s after the heal (60 s were allowed)."
    )


def test_plain_leaves_nothing_that_a_terminal_would_obey():
    assert words.plain("a\x1b[31m\tb\r\nc\x07 [red]") == "a�[31m b c� [red]"

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from harness.report.terminal import comparison, picture
from harness.verdict.findings import Finding
from harness.verdict.judge import Verdict
from tests.report.testing import cured, deaf, run

HELD = Verdict("held", ())
FAILED = Verdict(
    "failed",
    (
        Finding(
            "never_silent_forever",
            40_000_000,
            "the user spoke 3 times from 21.000 s on and was never answered: the microphone delivers next to nothing",
            "capture_dead",
            (
                "the user spoke at -13 dBFS from 37.000 s",
                "the microphone delivered 100 chunks that peak at 96 of 32768",
            ),
        ),
    ),
)
VACUOUS = Verdict("vacuous", (Finding("premise", 5, "typing: assumed that assistant is speaking", line=17),))


def printed(renderable, width=100, *, color=False):
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        color_system="truecolor" if color else None,
        no_color=not color,
    )
    console.print(renderable)
    return console.file.getvalue()


def rows(text):
    """Each lane's cells by its name."""
    return {line[:14].strip(): line[14:] for line in text.splitlines() if re.match(r" *[a-z ]{4,12}  [^ ]?", line)}


def test_the_lanes_stand_under_each_other_on_one_scale():
    seen = rows(printed(picture(run(deaf()), FAILED, width=94)))  # 80 columns for 40 s
    assert seen["user speaks"].rstrip() == "    ███▌" + " " * 34 + "▓▓▓▓" + " " * 12 + "▓▓▓▓" + " " * 12 + "▓▓▓▓"
    assert seen["faults"].index("█") == 24
    assert seen["faults"].count("microphone near-silent") == 1
    assert set(seen["sent"].strip()) == {"·"}
    assert "silent for 32 s" in seen["assistant"]
    assert seen["events"].rstrip() == "•" + " " * 23 + "▼" + " " * 15 + "○" + " " * 38 + "✖"


def test_a_failure_tells_what_why_how_to_see_it_again_and_where_it_is():
    text = printed(picture(run(deaf()), FAILED, journal_path="runs/x.jsonl"), 140)
    tail = text[text.index("✖ never_silent_forever at 40.000 s") :]
    places = [tail.index(part) for part in ("never_silent", "why", "capture_dead", "again", "journal")]
    assert places == sorted(places)
    said = re.sub(r"\s+", " ", tail)
    assert "never answered: the microphone delivers next to nothing" in said
    assert "100 chunks that peak at 96 of 32768" in said
    assert "stillthere run 'A story' --client mine --seed 7" in said
    assert "runs/x.jsonl" in said


def test_without_a_journal_no_place_is_told():
    assert "  journal" not in printed(picture(run(deaf()), FAILED))


def test_a_command_too_long_for_the_line_can_still_be_copied():
    text = printed(picture(run(deaf(), path=Path("a" * 40 + ".yaml")), FAILED, width=80), 80)
    command = text[text.index("stillthere run") :].replace("\\\n", " ")
    assert command.split()[:7] == ["stillthere", "run", "a" * 40 + ".yaml", "--client", "mine", "--seed", "7"]


def test_held_tells_when_and_with_which_remedies():
    said = re.sub(r"\s+", " ", printed(picture(run(cured()), HELD)))
    assert "✔ held: answered 1.3 s after the user had spoken" in said
    assert "the client reopened the capture at 13.0 s, because only near-silence was captured" in said


LOST = Finding(
    "words_lost", 26_000_000, "utterance 2 is in no turn", evidence=("it was said at 12 s",), severity="warn"
)


@pytest.mark.parametrize(("made", "verdict"), [(cured, HELD), (deaf, FAILED)])
def test_a_warning_stands_below_the_verdict_with_its_reason(made, verdict):
    text = printed(picture(run(made()), replace(verdict, warnings=(LOST,)), journal_path="runs/x.jsonl"))
    tail = text[text.index("✔ held:" if verdict is HELD else "✖ never_silent_forever") :]
    places = [tail.index(part) for part in ("! words_lost at 26.000 s", "utterance 2 is in no turn", "journal")]
    assert places == sorted(places)
    assert "it was said at 12 s" in tail


def test_of_many_warnings_of_a_property_the_first_are_shown_and_the_others_counted():
    text = printed(picture(run(cured()), replace(HELD, warnings=(LOST,) * 8)))
    assert text.count("! words_lost") == 3 and "and 5 more of words_lost" in text


def test_of_many_steps_that_were_not_played_the_first_are_shown_and_the_others_counted():
    missing = tuple(Finding("premise", 60_000_000, f"step {number} never happened") for number in range(1, 101))
    text = printed(picture(run(cured()), Verdict("vacuous", missing)))
    assert "step 20 never happened" in text and "step 21 never" not in text
    assert "and 80 more of premise" in text


def test_a_failure_without_a_cause_says_what_is_broken_and_why():
    found = Finding("settings_kept", 30_000_000, "session 2 runs without tools", evidence=("session 1 had them",))
    text = printed(picture(run(cured()), Verdict("failed", (found,))))
    tail = text[text.index("✖ settings_kept at 30.000 s") :]
    assert "why      session 2 runs without tools" in tail and "seen     session 1 had them" in tail
    assert "None" not in text and "cause" not in tail


def test_the_command_to_see_it_again_has_the_choices():
    text = printed(picture(run(deaf()), FAILED, choices={"words_lost": "fail"}), 140)
    assert "--property words_lost=fail" in text


def test_vacuous_tells_which_premise_did_not_happen_and_where_it_stands():
    text = printed(picture(run(deaf(), path=Path("s.yaml")), VACUOUS))
    assert "○ vacuous: a premise did not happen, so the run proves nothing" in text
    assert "typing: assumed that assistant is speaking (s.yaml:17)" in text


@pytest.mark.parametrize("width", [80, 100, 120, 140])
@pytest.mark.parametrize(("made", "verdict"), [(deaf, FAILED), (cured, HELD), (deaf, VACUOUS)])
def test_no_line_is_longer_than_the_width(made, verdict, width):
    played = run(made(), name="a long name " * 20, client="package.module:Client" * 6)
    text = printed(picture(played, verdict, width=width, journal_path="folder/" * 30), 200)
    assert max(map(cell_len, text.splitlines())) <= width
    both = printed(comparison([(played, verdict), (played, verdict)], width=width), 200)
    assert max(map(cell_len, both.splitlines())) <= width


@pytest.mark.parametrize("name", ["[red]stop[/red]", "[/]", "[link=x]y", "a\x1b[31mb", "a\x9b31mb\u202e"])
def test_a_name_is_shown_and_never_obeyed(name):
    verdict = Verdict("failed", (Finding("never_silent_forever", 5, name, "capture_dead", (name,)),))
    text = printed(picture(run(deaf(), name=name, client=name), verdict, width=120, journal_path=name), 120)
    shown = name.replace("\x1b", "�").replace("\x9b", "�").replace("\u202e", "�")
    assert text.count(shown) >= 6
    assert not re.search("[\x1b\x9b\u202e]", text)


def test_the_same_run_gives_the_same_bytes_and_color_changes_no_character():
    once, twice = (printed(picture(run(deaf()), FAILED), color=True) for _ in range(2))
    assert once == twice
    assert "\x1b[" in once
    assert re.sub("\x1b\\[[0-9;]*m", "", once) == printed(picture(run(deaf()), FAILED))


def test_a_comparison_has_one_time_scale_and_ends_in_words():
    text = printed(comparison([(run(deaf(), client="a"), FAILED), (run(cured(), client="b"), HELD)], width=100))
    first, second = (line for line in text.splitlines() if "╷0 s" in line)
    assert first == second
    faults = [line.index("█") for line in text.splitlines() if line.startswith("      faults")]
    assert faults[0] == faults[1]
    words = re.sub(r"\s+", " ", text).strip()
    assert "With “a” the microphone delivers next to nothing" in words
    assert words.endswith("4.3 s after the heal (60 s were allowed).")

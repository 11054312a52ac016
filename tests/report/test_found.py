"""What a campaign found, in words."""

from pathlib import Path

from harness.faults import CATALOGUE, faults_over
from harness.report.found import block, document, in_words, summary
from harness.scenario.model import At, Inject, Noise, Say, Scenario, Step
from harness.search.campaign import CampaignTally, FailedSeed, SeedResult
from harness.search.findings import DistinctFailure, Story, distinct
from harness.search.found_file import FoundFile
from harness.search.reached import Reached
from harness.units import SECOND
from harness.verdict.phases import PHASES

SCENARIO = Scenario(
    "s",
    (
        Step(At(SECOND), Say("speech_en_f_arctic_a0009", level_dbfs=-20.0)),
        Step(At(2 * SECOND), Noise("keyboard", 3 * SECOND)),
        Step(At(4 * SECOND), Inject(CATALOGUE["mute"](), 3 * SECOND)),
    ),
)
SILENT = ("never_silent_forever", "server_mute")
FAILURES = tuple(FailedSeed(seed, *SILENT, f"never answered at {seed} s") for seed in range(3, 12))
STORY = Story(3, SCENARIO, 0, 14, 9, 5, "the user was\nnever \x1b[2J answered")
FAILURE = DistinctFailure("failure", FAILURES[0].identity, FAILURES, STORY)
FILE = FoundFile(Path("kept/a.yaml"), "stillthere run kept/a.yaml --client own:Own", "", "ab", "failed", ("one fact",))


def test_a_block_tells_everything_that_is_needed():
    text = block(2, FAILURE, FILE, 50, 100)
    assert text.startswith("2. never_silent_forever, server_mute  (9 of 50 seeds)\n")
    assert "   takes     3 steps, 1 fault; the schedule of seed 3 has 9 and 5\n" in text
    assert "   seeds     3, 4, 5, 6, 7, 8 and 3 more\n" in text and "· one fact\n" in text
    assert text.endswith("   play it   stillthere run kept/a.yaml --client own:Own")
    assert "\x1b" not in text and max(map(len, text.splitlines()[:-1])) <= 100


def test_a_story_in_words():
    assert in_words(SCENARIO) == (
        "at 1s say speech_en_f_arctic_a0009, at -20 dBFS; at 2s noise keyboard, for 3s; at 4s server mute, for 3s"
    )


def test_without_a_story_the_first_seed_is_told():
    text = block(1, DistinctFailure("warning", FAILURES[0].identity, FAILURES), None, 9, 100)
    assert text.startswith("1. warning: never_silent_forever") and "because   never answered at 3 s" in text


def tally(*results):
    found = CampaignTally()
    for result in results:
        found.add(result)
    return found


def test_the_summary_names_what_was_never_reached():
    everything = tuple(
        Reached("fault", (fault, phase, "class")) for fault in faults_over("websocket") for phase in PHASES
    )
    whole = "\n".join(summary("own:Own", tally(SeedResult(0, "held", reached=everything)), [], 1))
    assert "never reached" not in whole
    but = tuple(each for each in everything if each.names[0] != "mute" and each.names[1] != "reconnecting")
    some = "\n".join(summary("own:Own", tally(SeedResult(0, "held", reached=but)), [], 1))
    assert (
        f"nothing is proved about it: 1 of {len(faults_over('websocket'))} faults (mute) and the phase reconnecting"
        in some
    )
    none = "\n".join(summary("own:Own", tally(SeedResult(0, "held")), [], 1))
    assert "no fault was injected: this proves nothing about faults" in none


def test_the_summary_counts_seeds_and_distinct_failures_and_has_the_slowest_answers():
    found = tally(
        SeedResult(0, "held", 36 * 10**8, slowest_us=20 * SECOND, recovery_us=2 * SECOND),
        SeedResult(1, "failed", failure=FailedSeed(1, *SILENT, "")),
        SeedResult(2, "crashed", failure=FailedSeed(2, "crashed", None, "", "KeyError")),
        SeedResult(3, "crashed", failure=FailedSeed(3, "crashed", None, "", "ValueError")),
    )
    first, second, *rest = summary("own:Own", found, distinct(found), 7.4)
    assert first == "own:Own: 4 schedules, 1 held, 1 failed, 0 vacuous, 2 crashed; 1.0 h of conversation in 7 s"
    assert second == "distinct: 1 failure, 2 crashes"
    assert rest[:2] == ["answered after the heal: median 2.0 s, worst 2.0 s", "slowest answers: 20.0 s at seed 0"]


def test_the_document_has_the_story_the_file_and_the_journal():
    found = document("own:Own", tally(), [FAILURE], {1: FILE}, 1.0)
    (failure,) = found["distinct"]
    assert (failure["property"], failure["cause"], failure["steps"], failure["faults"]) == (*SILENT, 3, ["mute"])
    assert (failure["file"], failure["journal_sha256"], failure["plays"]) == ("kept/a.yaml", "ab", 14)

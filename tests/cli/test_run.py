"""``stillthere run``: exit codes, the JSON contract, JUnit, journals, and one sentence for each mistake."""

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

CLIENTS = {
    "raises": "def hear(self, samples, now): raise ValueError('no sound card')",
    "returns_none": "def hear(self, samples, now): return None",
    "returns_junk": "def hear(self, samples, now): return ['junk']",
    "wakes_for_ever": "def next_wake(self): return 0",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_held_is_exit_0_and_failed_is_exit_1(stillthere):
    held = stillthere("run", "half_open_socket", "--client", "resilient", "--detector", "energy")
    assert (held.code, held.err) == (0, "") and "held" in held.out
    failed = stillthere("run", "half_open_socket", "--client", "reported", "--detector", "energy")
    assert failed.code == 1
    assert "half_open" in failed.out
    assert "stillthere run" in failed.out, "a failure shows the command that plays it again"


def test_several_runs_end_in_a_table_and_the_worst_exit_code(stillthere):
    both = stillthere(
        "run", "half_open_socket", "--client", "resilient", "--client", "reported", "--detector", "energy"
    )
    assert both.code == 1
    *_, first, second, totals = both.out.splitlines()
    assert [line.split(" (warning: ")[0].split() for line in (first, second)] == [
        ["✖", "half_open_socket", "reported", "failed:", "half_open"],
        ["✔", "half_open_socket", "resilient", "held"],
    ], "what failed comes first"
    assert re.fullmatch(r"2 runs: 1 held, 1 failed in \d+\.\d s", totals)


def test_json_is_one_document_and_nothing_else(stillthere, here):
    outcome = stillthere(
        "run", "half_open_socket", "--client", "reported", "--detector", "energy", "--out", here / "o", "--json"
    )
    document = json.loads(outcome.out)
    assert (outcome.code, document["verdict"]) == (1, "failed")
    (run,) = document["runs"]
    assert {key: run[key] for key in ("scenario", "client", "detector", "seed", "verdict")} == {
        "scenario": "half_open_socket",
        "client": "reported",
        "detector": "energy",
        "seed": 0,
        "verdict": "failed",
    }
    (finding,) = run["findings"]
    assert finding.keys() >= {"property", "at_s", "reason", "cause"}
    assert (finding["property"], finding["cause"]) == ("never_silent_forever", "half_open")
    assert run["warnings"] == [] or run["warnings"][0].keys() == finding.keys()
    (wait,) = run["waits"]
    assert (wait["within_s"], wait["waited_s"], wait["kept"]) == (60, None, False)
    assert run["virtual_s"] > 60 and run["wall_s"] < run["virtual_s"]
    lines = Path(run["journal"]).read_bytes()

    assert hashlib.sha256(lines).hexdigest() == run["journal_sha256"]
    assert all(json.loads(line) for line in lines.splitlines())


def test_json_has_the_wait_of_each_utterance_after_the_heal(stillthere):
    outcome = stillthere("run", "half_open_socket", "--client", "resilient", "--detector", "energy", "--json")
    (run,) = json.loads(outcome.out)["runs"]
    assert (outcome.code, run["verdict"]) == (0, "held")
    assert len(run["waits"]) == 3 and all(wait["kept"] for wait in run["waits"])
    assert all(0 < wait["waited_s"] <= wait["within_s"] for wait in run["waits"])
    said = [wait["since_s"] for wait in run["waits"]]
    assert said == sorted(said)


def test_a_property_that_only_warns_keeps_held_and_exit_0(stillthere, here):
    arguments = ("run", "half_open_socket", "--client", "reported", "--detector", "energy")
    warned = stillthere(*arguments, "--property", "never_silent_forever=warn", "--json", "--junit", "junit.xml")
    (run,) = json.loads(warned.out)["runs"]
    assert (warned.code, run["verdict"], run["findings"]) == (0, "held", [])
    assert ("never_silent_forever", "half_open") in [(each["property"], each["cause"]) for each in run["warnings"]]
    suite = ElementTree.parse(here / "junit.xml").getroot()
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    assert "never_silent_forever" in suite.find("testcase/system-out").text
    text = stillthere(*arguments, "--property", "never_silent_forever=warn").out
    assert "! never_silent_forever at " in text and "✔ held" in text
    assert "never_silent_forever" not in stillthere(*arguments, "--property", "never_silent_forever=off").out


def test_a_choice_on_the_command_line_goes_before_that_of_the_scenario(stillthere, here):
    (here / "deaf.yaml").write_text(
        "scenario: deaf\nproperties: {never_silent_forever: warn}\nserver: {detector: energy}\nrecover within: 10s\n"
        "timeline:\n  - {at: 1s, say: babble}\n  - {at: 4s, microphone: near-silent, until: reopened}\n"
    )
    assert stillthere("run", "deaf.yaml", "--client", "reported").code == 0
    failed = stillthere("run", "deaf.yaml", "--client", "reported", "--property", "never_silent_forever=fail")
    assert failed.code == 1
    assert "--property never_silent_forever=fail" in " ".join(failed.out.replace("\\\n", " ").split())


def test_a_premise_that_did_not_happen_is_exit_3(stillthere, here):
    (here / "vacuous.yaml").write_text(
        "scenario: nobody speaks\ntimeline:\n  - {at: 1s, noise: white, lasts: 1s, assume: assistant is speaking}\n"
    )
    outcome = stillthere("run", "vacuous.yaml", "--detector", "energy", "--client", "development")
    assert outcome.code == 3
    assert "assumed that assistant is speaking" in " ".join(outcome.out.split())


def test_junit_is_never_greener_than_the_exit_code(stillthere, here):
    stillthere(
        *("run", "half_open_socket", "--client", "resilient", "--client", "reported"),
        *("--detector", "energy", "--junit", "junit.xml"),
    )
    suite = ElementTree.parse(here / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    assert suite.find("testcase[@name='reported [detector energy]']/failure").get("type") == "half_open"
    assert suite.find("testcase[@name='resilient [detector energy]']/failure") is None


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["reported_freze"], 2, "reported_freeze"),
        (["missing.yaml"], 2, "missing.yaml"),
        (["half_open_socket", "--detector", "silro"], 2, "did you mean 'silero'?"),
        (["half_open_socket", "--client", "resiliant"], 2, "did you mean 'resilient'?"),
        (["half_open_socket", "--client", "no_such_module:Client"], 4, "could not be loaded"),
        (["half_open_socket", "--client", "json:JSONDecoder"], 4, "lacks the methods hear, receive, wake, next_wake"),
        (["half_open_socket", "--property", "words_lots=fail"], 2, "did you mean 'words_lost'?"),
        (["half_open_socket", "--property", "words_lost=no"], 2, "is set to 'no'; use off, warn or fail"),
        (["half_open_socket", "--property", "words_lost"], 2, "is not NAME=CHOICE, such as words_lost=fail"),
        (["half_open_socket", *["--property", "words_lost=off"] * 2], 2, "--property words_lost occurs twice"),
        (["half_open_socket", "sh", "app.sh"], 2, "stillthere run half_open_socket -- sh app.sh"),
        (["half_open_socket", "--out", "/dev/null/x", "--detector", "energy"], 2, "cannot be written"),
    ],
)
def test_a_mistake_is_one_sentence_and_its_exit_code(stillthere, here, arguments, code, sentence):
    outcome = stillthere("run", *arguments)
    assert outcome.code == code
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1


def test_a_usage_error_is_exit_2(stillthere):
    assert stillthere("run", "half_open_socket", "--seed", "minus").code == 2
    assert stillthere("no-such-command").code == 2


def test_all_mistakes_of_a_file_are_shown_with_their_places(stillthere, here):
    (here / "bad.yaml").write_text(
        "scenario: bad\ntimeline:\n  - at: 1\n    say: speech_en_m_jfk1961\n  - at: 2s\n    nosie: keyboard\n"
    )
    outcome = stillthere("run", "bad.yaml")
    assert outcome.code == 2
    places = [line.split(" ")[0] for line in outcome.err.splitlines()]
    assert "bad.yaml:3:9:" in places and "bad.yaml:6:5:" in places


@pytest.mark.parametrize("name", CLIENTS)
def test_a_broken_client_is_exit_4_and_one_sentence(stillthere, here, name):
    body = "\n".join(
        f"    {line}"
        for line in (
            "def hear(self, samples, now): return []",
            "def receive(self, event, now): return []",
            "def wake(self, now): return []",
            "def next_wake(self): return None",
            CLIENTS[name],
        )
    )
    (here / f"broken_{name}.py").write_text(f"class Broken:\n{body}\n")
    outcome = stillthere("run", "half_open_socket", "--client", f"broken_{name}:Broken", "--detector", "energy")
    assert outcome.code == 4
    assert "Traceback" not in outcome.err and len(outcome.err.strip().splitlines()) == 1
    if name == "raises":
        assert "ValueError" in outcome.err and "no sound card" in outcome.err and f"broken_{name}.py:" in outcome.err


@pytest.mark.slow
@pytest.mark.parametrize("client", ["reported", "resilient"])
def test_the_journal_is_the_same_under_every_hash_seed(client):
    digests = set()
    for hash_seed in ("0", "1", "4242"):
        done = subprocess.run(
            [sys.executable, "-m", "harness", "run", "reported_freeze", "--client", client, "--json"],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=False,
        )
        digests.add(json.loads(done.stdout)["runs"][0]["journal_sha256"])
    assert len(digests) == 1


def test_a_client_that_breaks_does_not_stop_the_other_runs(stillthere, here):
    (here / "fragile.py").write_text(
        "class Fragile:\n"
        "    def hear(self, chunk, now): print('loud'); raise ValueError('no sound card')\n"
        "    def receive(self, event, now): return []\n"
        "    def wake(self, now): return []\n"
        "    def next_wake(self): return None\n"
    )
    both = ("--client", "fragile:Fragile", "--client", "resilient")
    outcome = stillthere("run", "half_open_socket", *both, "--detector", "energy", "--json", "--junit", "junit.xml")
    document = json.loads(outcome.out)
    assert (outcome.code, document["verdict"]) == (4, "error")
    assert [run["verdict"] for run in document["runs"]] == ["error", "held"]
    assert "half_open_socket, client fragile:Fragile: " in outcome.err and "no sound card" in outcome.err
    suite = ElementTree.parse(here / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "0", "1")


def test_no_journal_of_one_command_overwrites_another(stillthere, here):
    text = "scenario: twin\nserver: {detector: energy}\ntimeline:\n  - {at: 1s, say: babble}\n"
    for folder in ("a", "b"):
        (here / folder).mkdir()
        (here / folder / "twin.yaml").write_text(text)
    outcome = stillthere("run", "a/twin.yaml", "b/twin.yaml", "--out", "o", "--json")
    journals = [run["journal"] for run in json.loads(outcome.out)["runs"]]
    assert len(set(journals)) == 2 and all(Path(journal).exists() for journal in journals)


def test_output_paths_are_checked_before_anything_is_played(stillthere, here):
    (here / "file").write_text("")
    assert "is a file; give a folder" in stillthere("run", "half_open_socket", "--out", "file").err
    assert "is a folder; give a file" in stillthere("run", "half_open_socket", "--junit", str(here)).err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_report_goes_to_a_regular_file_only(stillthere, here):
    """Before anything is played; the null device takes a report, and nothing is written."""
    os.mkfifo("pipe")
    for path in ("pipe", "/dev/zero"):
        outcome = stillthere("run", "half_open_socket", "--junit", path)
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err == f"stillthere: --junit {path} is not a regular file; give a file\n"
    assert stillthere("run", "half_open_socket", "--detector", "energy", "--junit", os.devnull).code == 1


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_journals_are_their_owners_only(stillthere, here):
    stillthere("run", "half_open_socket", "--detector", "energy", "--out", "o/deep", "--junit", "report.xml")
    (path,) = Path("o/deep").iterdir()
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent, Path("o"))] == [0o600, 0o700, 0o700]
    assert stat.S_IMODE(Path("report.xml").stat().st_mode) == 0o666 & ~umask()


def umask():
    before = os.umask(0)
    os.umask(before)
    return before


def test_one_mistake_starts_with_its_place(stillthere, here):
    (here / "bad.yaml").write_text("scenario: bad\ntimeline:\n  - at: 1\n    say: babble\n")
    assert stillthere("run", "bad.yaml").err.startswith("bad.yaml:3:9: ")


def test_a_setting_can_be_changed_and_the_command_that_plays_it_again_has_it(stillthere):
    """FIELD: the gate at 0.03 removes a speaker at -42 dBFS; without a gate the speaker is heard."""
    quiet = ("run", "quiet_speaker_gated_out", "--detector", "energy")
    gated = stillthere(*quiet, "--set", "gate_threshold=-30dBFS", "--set", "watchdog_ms=never")
    assert gated.code == 1
    assert "--set gate_threshold=0.031622777 --set" in " ".join(gated.out.replace("\\\n", " ").split())
    assert "watchdog_ms=none" in gated.out
    assert stillthere(*quiet, "--set", "gate_mode=off").code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--set", "gate_treshold=0.1"), "did you mean 'gate_threshold'?"),
        (("--set", "gate_threshold"), "--set 'gate_threshold' is not NAME=VALUE, such as gate_threshold=0.03"),
        (("--set", "gate_threshold=2"), "--set: client setting gate_threshold is 2.0; give a value from 0 to 1"),
        (("--set", "room=-50dBFS"), "--set room: this is no client setting"),
        (("--set", "a=1", "--", "python", "app.py"), "a program takes no settings from here"),
        (("--set", "a=1", "--client", "tests.search.sweep.clients:Fixed"), "takes no settings"),
    ],
)
def test_a_setting_that_cannot_be_is_one_sentence(stillthere, arguments, told):
    outcome = stillthere("run", "quiet_speaker_gated_out", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert told in outcome.err and len(outcome.err.splitlines()) == 1

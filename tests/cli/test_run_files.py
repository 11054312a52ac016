"""``stillthere run`` in CI: the results' file, what GitHub is told, and when."""

import json
import os
import re

import jsonschema
import pytest

from harness.cli import run

DEAF = (
    "scenario: deaf\nserver: {detector: energy}\nrecover within: 10s\n"
    "timeline:\n  - {at: 1s, say: babble}\n  - {at: 4s, microphone: near-silent, until: reopened}\n"
)
NOBODY = (
    "scenario: nobody\nserver: {detector: energy}\n"
    "timeline:\n  - {at: 1s, noise: white, lasts: 1s, assume: disconnected}\n"
)
HELD = "scenario: held\nserver: {detector: energy}\ntimeline:\n  - {at: 1s, say: babble}\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in (("deaf", DEAF), ("nobody", NOBODY), ("held", HELD)):
        (tmp_path / f"{name}.yaml").write_text(text)
    (tmp_path / "fragile.py").write_text(
        "class Fragile:\n"
        "    def hear(self, chunk, now): raise ValueError('no sound card')\n"
        "    def receive(self, event, now): return []\n"
        "    def wake(self, now): return []\n"
        "    def next_wake(self): return None\n"
    )
    return tmp_path


ALL = ("run", "deaf.yaml", "nobody.yaml", "held.yaml", "--client", "reported")


def without_times(document):
    return [{**run, "wall_s": 0} for run in document["runs"]]


def test_the_file_of_the_results_is_the_json_document_and_fits_its_schema(stillthere, here):
    outcome = stillthere(*ALL, "--client", "fragile:Fragile", "--json", "--results", "r/results.json", "--out", "o")
    schema = json.loads(stillthere("schema", "--results").out)
    written, printed = json.loads((here / "r" / "results.json").read_text()), json.loads(outcome.out)
    for document in (written, printed):
        jsonschema.Draft202012Validator(schema).validate(document)
    assert without_times(written) == without_times(printed)
    assert [run["verdict"] for run in written["runs"]] == ["failed", "error", "vacuous", "error", "held", "error"]


def test_the_same_runs_give_the_same_bytes_but_for_the_wall_times(stillthere, here):
    def files(name):
        stillthere(*ALL, "--results", f"{name}.json", "--junit", f"{name}.xml")
        texts = [(here / f"{name}.{kind}").read_text() for kind in ("json", "xml")]
        return [re.sub(r'"wall_s": [\d.]+|time="[\d.]+"', "", text) for text in texts]

    assert files("one") == files("two")


def test_the_command_of_a_client_that_broke_plays_it_again(stillthere, here):
    outcome = stillthere(
        *("run", "held.yaml", "--client", "fragile:Fragile", "--seed", "3", "--property", "words_lost=off", "--json")
    )
    (run,) = json.loads(outcome.out)["runs"]
    assert run["again"] == "stillthere run held.yaml --client fragile:Fragile --seed 3 --property words_lost=off"
    assert stillthere(*run["again"].split()[1:]).code == 4


@pytest.fixture
def on_github(here, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(here))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here / "summary.md"))
    return here


def test_on_github_a_run_is_annotated_and_summed_up(stillthere, on_github):
    (on_github / "summary.md").write_text("before\n")
    outcome = stillthere(*ALL, "--json")
    json.loads(outcome.out)
    commands = [line for line in outcome.err.splitlines() if line.startswith("::")]
    assert [line.split(",title")[0] for line in commands] == [
        "::error file=deaf.yaml,line=6,col=5",  # the fault
        "::warning file=nobody.yaml,line=4,col=5",  # the step whose assumption was wrong
    ]
    summary = (on_github / "summary.md").read_text()
    assert summary.startswith("before\n## stillthere: ✖ 1 failed, ○ 1 vacuous, ✔ 1 held\n")


def test_on_github_mistakes_of_a_file_are_annotated(stillthere, on_github):
    (on_github / "bad.yaml").write_text("scenario: x\ntimeline: [{at: 1s, say: babble}]\nlenght: 3s\n")
    for command in ("check", "run"):
        outcome = stillthere(command, "bad.yaml")
        assert outcome.code == 2
        assert outcome.err.splitlines()[-1].startswith("::error file=bad.yaml,line=3,col=1::unknown key 'lenght'")


def test_a_summary_that_cannot_be_written_changes_no_verdict(stillthere, on_github, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(on_github))
    outcome = stillthere("run", "held.yaml", "--client", "reported")
    assert (outcome.code, outcome.err) == (
        0,
        f"stillthere: GITHUB_STEP_SUMMARY {on_github} is not written: Is a directory\n",
    )


def test_a_report_that_cannot_be_written_hides_no_failure_from_github(stillthere, on_github):
    too_long = f"{300 * 'x'}.html"  # what is known beforehand is said before anything is played
    outcome = stillthere("run", "deaf.yaml", "--client", "reported", "--html", too_long)
    assert outcome.code == 2 and "cannot be written" in outcome.err
    assert "::error file=deaf.yaml" in outcome.err
    assert "1 failed" in (on_github / "summary.md").read_text()


def test_elsewhere_nothing_of_github_is_said(stillthere, here):
    assert "::error" not in (outcome := stillthere("run", "deaf.yaml")).err + outcome.out
    assert not (here / "summary.md").exists()


OUTPUTS = ("--html", "--junit", "--results", "--svg", "--trace", "--labels", "--out")


@pytest.mark.parametrize("option", OUTPUTS)
def test_an_output_that_cannot_be_written_is_said_before_anything_is_played(stillthere, here, option):
    outcome = stillthere("run", "held.yaml", option, "held.yaml/there.txt")
    assert (outcome.code, outcome.out) == (2, "")
    why = f"{here / 'held.yaml'} is a file, not a folder"
    assert outcome.err == f"stillthere: {option} held.yaml/there.txt cannot be written: {why}; give another path\n"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("option", OUTPUTS)
def test_a_folder_that_is_read_only_is_said_before_anything_is_played(stillthere, here, option):
    (here / "kept").mkdir(mode=0o500)
    outcome = stillthere("run", "held.yaml", option, "kept/there.txt")
    assert (outcome.code, outcome.out) == (2, "")
    assert f"the folder {here / 'kept'} is read-only" in outcome.err


def test_a_dash_is_no_file(stillthere, here):
    outcome = stillthere("run", "held.yaml", "--results", "-")
    assert (outcome.code, outcome.out) == (2, "")
    assert not (here / "-").exists()


def test_files_keep_the_letters_of_a_name(stillthere, here):
    (here / "grüße 日本.yaml").write_text(HELD)
    stillthere("run", "grüße 日本.yaml", "held.yaml", "--out", "o", "--html", "h", "--svg", "s")
    for folder, ending in (("o", ".jsonl"), ("s", ".svg")):
        names = {file.name for file in (here / folder).iterdir()}
        assert names == {f"{name}-reported-energy-0{ending}" for name in ("grüße_日本", "held")}
    assert len(list((here / "h").iterdir())) == 2


def test_ctrl_c_shows_what_there_is(stillthere, here, monkeypatch):
    taken = run._Results.add

    def add(results, one):
        taken(results, one)
        if len(results.played) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(run._Results, "add", add)
    outcome = stillthere(*ALL, "-q", "--junit", "j.xml")
    assert "✖ deaf.yaml " in outcome.out and "\n2 runs: " in outcome.out
    assert "stillthere: interrupted after 2 of 3 runs\n" in outcome.err
    assert not (here / "j.xml").exists(), "a file of some of the runs would look like one of all"

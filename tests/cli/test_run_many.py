"""``stillthere run`` over folders: which scenarios, how much is shown, totals, processes, tracebacks."""

import json
import re

import pytest

from harness.cli import totals

QUIET = "scenario: {title}\nserver: {{detector: energy}}\ntags: [{tag}]\ntimeline:\n  - {{at: 1s, say: babble}}\n"
DEAF = (
    "scenario: Deaf\nserver: {detector: energy}\nrecover within: 10s\ntags: [capture]\n"
    "timeline:\n  - {at: 1s, say: babble}\n  - {at: 4s, microphone: near-silent, until: reopened}\n"
)
VACUOUS = "scenario: Nobody\ntimeline:\n  - {at: 1s, noise: white, lasts: 1s, assume: assistant is speaking}\n"
RAISES = (
    "import json\n\n\nclass Raises:\n"
    "    def hear(self, chunk, now):\n        print('heard')\n        return json.loads('{')\n"
    "    def receive(self, event, now): return []\n"
    "    def wake(self, now): return []\n"
    "    def next_wake(self): return None\n"
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Five scenarios that hold with ``reported``, one that fails, and one that is vacuous."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "scenarios"
    folder.mkdir()
    for number in range(5):
        (folder / f"quiet_{number}.yaml").write_text(QUIET.format(title=f"Quiet {number}", tag="quiet"))
    (folder / "deaf.yaml").write_text(DEAF)
    (folder / "vacuous.yaml").write_text(VACUOUS)
    (tmp_path / "raising.py").write_text(RAISES)
    return tmp_path


def rows(text):
    return [line for line in text.splitlines() if re.match(r"[✔✖○] \S+\.yaml ", line)]


def test_without_arguments_every_scenario_of_the_folder_is_played(stillthere, here):
    done = stillthere("run")
    assert (done.code, done.err) == (1, "")
    lines = done.out.splitlines()
    assert re.fullmatch(r"7 runs: 5 held, 1 failed, 1 vacuous in \d+\.\d s", lines[-1])
    assert [line.split()[:2] for line in lines[-3:-1]] == [
        ["✖", "scenarios/deaf.yaml"],
        ["○", "scenarios/vacuous.yaml"],
    ], "those that did not hold are named again, worst first"
    assert len(rows(done.out)) == 7 + 2, "a row for each as it ends"
    assert done.out.count("client reported, detector") == 2, "a picture of each that did not hold"
    assert "✔ held  Quiet" not in done.out


def test_few_runs_have_their_pictures_and_all_have_them_if_wanted(stillthere, here):
    few = stillthere("run", "-k", "quiet_0 or quiet_1")
    assert few.out.count("client reported, detector") == 2 and len(rows(few.out)) == 2
    assert stillthere("run", "-v").out.count("client reported, detector") == 7


def test_quiet_shows_what_did_not_hold_and_the_totals(stillthere, here):
    done = stillthere("run", "-q")
    assert [line.split()[0] for line in done.out.splitlines()] == ["✖", "○", "7"]
    one = stillthere("run", "scenarios/quiet_0.yaml", "--quiet")
    assert re.fullmatch(r"1 run: 1 held in \d+\.\d s\n", one.out)
    assert "contradict each other" in stillthere("run", "-q", "-v").err


@pytest.mark.parametrize("columns", [40, 80])
def test_no_row_is_wider_than_the_terminal_and_no_mark_is_cropped(stillthere, here, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    (here / "scenarios" / ("a_long_name_of_a_scenario_" * 4 + "deaf.yaml")).write_text(DEAF)
    done = stillthere("run", "-k", "deaf or vacuous", "--client", "reported", "--client", "resilient")
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= columns
    assert {line.split()[-1] for line in rows(done.out) if "…" not in line} <= {"held", "vacuous", "capture_dead"}
    events = [line for line in lines if line.strip().startswith("events")]
    assert all("✖" in line or "○" in line for line in events)
    assert any(line.rstrip().endswith("✖") for line in events), "the last mark stands at the end of the axis"


def test_processes_change_nothing_but_the_time(stillthere, here):
    def told(*more):
        done = stillthere("run", "--json", "--client", "reported", "--client", "resilient", *more)
        return done.code, [
            {key: value for key, value in each.items() if key != "wall_s"} for each in json.loads(done.out)["runs"]
        ]

    assert told("--jobs", 2) == told()


def test_what_a_client_prints_or_raises_in_a_process_is_no_result(stillthere, here):
    done = stillthere("run", "-k", "quiet", "--client", "raising:Raises", "--jobs", 2, "--json")
    document = json.loads(done.out)
    assert (done.code, document["verdict"], len(document["runs"])) == (4, "error", 5)
    assert "raising.py:7: the client raised JSONDecodeError" in document["runs"][0]["findings"][0]["reason"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_traceback_is_shown_if_it_is_wanted(stillthere, here, jobs):
    arguments = ("run", "-k", "quiet_0 or quiet_1", "--client", "raising:Raises", "--jobs", jobs)
    assert "Traceback" not in stillthere(*arguments).err
    shown = stillthere(*arguments, "--traceback").err
    assert shown.count("Traceback (most recent call last)") == 2
    assert "raising.py" in shown and "json.decoder.JSONDecodeError" in shown


def test_programs_have_no_processes(stillthere, here):
    done = stillthere("run", "scenarios/deaf.yaml", "--jobs", 2, "--", "true")
    assert (done.code, done.out) == (2, "") and "played in real time, one by one" in done.err


def test_rows_fit_names_of_any_length():
    """At each width a row has at most so many cells, and says the outcome as far as it fits."""
    from harness.cli.played import Broken

    long = Broken("scenarios/" + "name" * 30 + ".yaml", "module:" + "Class" * 10, "energy", 0, "why", 0.1, "title")

    class Terminal:
        is_terminal = True

    for Terminal.width in (40, 60, 80, 200):
        row = totals.RunRows([(long.scenario, long.client), ("b", "c")], Terminal).row(long)
        assert row.cell_len <= Terminal.width and row.plain.startswith("✖ …")
        assert "error" in row.plain

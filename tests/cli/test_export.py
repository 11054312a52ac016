"""``stillthere export``, and ``run --trace --svg --labels``: which files are there, for whom, and what they hold."""

import json
import os
import stat
from pathlib import Path

import pytest
import soundfile

TEXT = "scenario: talk\nserver: {detector: energy}\ntimeline:\n  - {at: 1s, say: babble}\n"
BOTH = ("--client", "reported", "--client", "resilient")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "talk.yaml").write_text(TEXT)
    return tmp_path


def names(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def test_of_one_run_each_form_is_one_file(stillthere, here):
    outcome = stillthere("run", "talk.yaml", "--trace", "t.json", "--svg", "s.svg", "--labels", "l/l.txt", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads((here / "t.json").read_text())["traceEvents"]
    assert (here / "s.svg").read_text().startswith("<svg ")
    assert names("l") == ["l.txt", "l.wav"]


def test_the_sound_is_what_was_sent_and_what_was_heard(stillthere, here):
    outcome = stillthere("run", "talk.yaml", "--labels", "l.txt", "--json")
    (run,) = json.loads(outcome.out)["runs"]
    sound, rate = soundfile.read("l.wav")
    assert sound.shape[0] / rate == pytest.approx(run["virtual_s"], abs=0.001)
    labels = [line.split("\t") for line in Path("l.txt").read_text().splitlines()]

    def loudest(side, lane):
        begin, end, _ = next(label for label in labels if label[2].startswith(lane))
        return abs(sound[int(float(begin) * rate) : int(float(end) * rate), side]).max()

    assert loudest(0, "user speaks") > 0.05 and loudest(1, "user speaks") == 0
    assert loudest(1, "assistant") > 0.05 and loudest(0, "assistant") == 0  # the gate sends zeros meanwhile


def test_of_several_runs_each_form_is_a_folder(stillthere, here):
    for folder in ("a", "b"):
        (here / folder).mkdir()
        (here / folder / "talk.yaml").write_text(TEXT)
    twins = ("a/talk.yaml", "b/talk.yaml")
    stillthere("run", *twins, *BOTH, "--trace", "t.json", "--svg", "pictures", "--out", "o", "-q")
    stems = [path.removesuffix(".jsonl") for path in names("o")]
    assert len(stems) == 4
    assert names("t") == [f"{stem}.json" for stem in stems]
    assert names("pictures") == [f"{stem}.svg" for stem in stems]


def test_two_clients_on_one_scenario_are_one_picture(stillthere, here):
    stillthere("run", "talk.yaml", *BOTH, "--svg", "both.svg", "-q")
    text = (here / "both.svg").read_text()
    assert '<title id="run-title">talk: held; talk: held</title>' in text


def test_a_journal_gives_what_the_run_gave_but_for_its_verdict(stillthere, here):
    stillthere("run", "talk.yaml", "--out", "o", "--trace", "t.json", "--labels", "l.txt", "-q")
    (journal,) = (here / "o").iterdir()
    outcome = stillthere("export", journal, "--trace", "t2.json", "--labels", "l2.txt", "--svg", "s2.svg")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    for one, two in (("t.json", "t2.json"), ("l.txt", "l2.txt")):
        assert (here / one).read_bytes() == (here / two).read_bytes()
    assert "answered" in (here / "s2.svg").read_text()
    assert not (here / "l2.wav").exists(), "a journal has no sound"


def test_the_same_run_gives_the_same_bytes_in_every_form(stillthere, here):
    forms = {"trace": "t.json", "svg": "s.svg", "labels": "l.txt"}
    for folder in ("one", "two"):
        options = (word for option, name in forms.items() for word in (f"--{option}", f"{folder}/{name}"))
        stillthere("run", "talk.yaml", *options, "-q")
    assert names("one") == names("two") == ["l.txt", "l.wav", "s.svg", "t.json"]
    assert all((here / "one" / name).read_bytes() == (here / "two" / name).read_bytes() for name in names("one"))


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_what_holds_a_conversation_is_its_owners_only(stillthere, here):
    stillthere("run", "talk.yaml", "--trace", "t.json", "--svg", "s.svg", "--labels", "l.txt", "-q")
    modes = {name: stat.S_IMODE((here / name).stat().st_mode) for name in ("t.json", "l.txt", "l.wav")}
    assert set(modes.values()) == {0o600}


def test_what_cannot_be_written_is_said_before_anything_is_played(stillthere, here):
    (here / "folder.svg").mkdir()
    (here / "file").write_text("")
    for arguments, sentence in (
        (("--svg", "folder.svg"), "--svg folder.svg is a folder; give a file"),
        (("--trace", "file"), "--trace file is a file; give a folder, or a file with its ending"),
    ):
        outcome = stillthere("run", "talk.yaml", *arguments)
        assert (outcome.code, outcome.out, outcome.err) == (2, "", f"stillthere: {sentence}\n")


def test_an_export_without_a_form_or_of_no_journal_is_one_sentence(stillthere, here):
    (here / "no.jsonl").write_text("no\n")
    for arguments, part in ((("no.jsonl",), "export what?"), (("no.jsonl", "--svg", "x.svg"), "no.jsonl:1:1")):
        outcome = stillthere("export", *arguments)
        assert (outcome.code, outcome.out, len(outcome.err.splitlines())) == (2, "", 1)
        assert part in outcome.err


def test_a_run_that_cannot_be_played_again_has_labels_and_a_sentence(stillthere, here):
    """A client that counts its runs does something else the second time."""
    (here / "moody.py").write_text(
        "from harness.clients.interface import Log\n"
        "class Moody:\n"
        "    runs = 0\n"
        "    def __init__(self): Moody.runs += 1; self.said = False\n"
        "    def hear(self, chunk, now):\n"
        "        said, self.said = self.said, True\n"
        "        return [] if said else [Log('run', {'number': Moody.runs})]\n"
        "    def receive(self, event, now): return []\n"
        "    def wake(self, now): return []\n"
        "    def next_wake(self): return None\n"
    )
    outcome = stillthere("run", "talk.yaml", "--client", "moody:Moody", "--labels", "l.txt", "-q")
    assert "there is no sound beside these labels" in outcome.err
    assert (here / "l.txt").exists() and not (here / "l.wav").exists()

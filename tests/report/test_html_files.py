"""What `--html` writes: a file, a comparison, or a folder that opens on the worst run."""

import json
import re
import stat

import pytest

from harness.errors import InputError
from harness.report.cases import RunCase
from harness.report.html_files import write, write_journal
from harness.verdict.judge import judge
from tests.report.html_checks import check
from tests.report.testing import case, cured, deaf, run


def reported(of, scenario="story", client="mine"):
    played = run(of, name=scenario, client=client)
    verdict = judge(played.journal, played.scenario)
    again = f"stillthere run {scenario} --client {client} --seed 7"
    return RunCase(scenario, played.scenario, client, "silero", 7, 0.1, played, verdict, again=again)


BROKEN = case(given="other", broken="mine.py:3: it raised\nValueError")


def documents(path):
    found = re.search(r'id="documents">(.*?)</script>', path.read_text(), re.DOTALL)
    return json.loads(found[1])


def test_one_run_is_one_file_for_its_owner_only(tmp_path):
    file = write(tmp_path / "new" / "report.html", [reported(deaf())])
    assert file == tmp_path / "new" / "report.html" and list(file.parent.iterdir()) == [file]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (shown,) = documents(file)
    assert shown["title"] == "story" and shown["verdict"]["name"] == "failed"
    assert shown["again"] == "stillthere run story --client mine --seed 7"


def test_a_name_without_html_is_a_folder(tmp_path):
    assert write(tmp_path / "report", [reported(deaf())]) == tmp_path / "report" / "index.html"


def test_two_clients_on_one_scenario_are_compared(tmp_path):
    file = write(tmp_path / "both.html", [reported(deaf()), reported(cured(), client="theirs")])
    assert [each["verdict"]["name"] for each in documents(file)] == ["failed", "held"]
    assert "“theirs” reopened the capture" in file.read_text()


def test_more_runs_are_a_folder_that_opens_on_the_worst(tmp_path):
    runs = [reported(cured(), "good"), reported(deaf(), "bad"), BROKEN]
    file = write(tmp_path / "many.html", runs)
    assert file == tmp_path / "many" / "index.html"
    assert sorted(each.name for each in file.parent.iterdir()) == [
        "002-bad-mine.html",
        "003-good-mine.html",
        "index.html",
    ]
    index = check(file.read_text())
    assert "ValueError" in index.of("pre")[0][2], "a client that broke is worse than one that failed"
    links = [(attrs["href"], attrs.get("aria-current")) for _, attrs, _ in index.of("a")]
    assert links == [("index.html", "page"), ("002-bad-mine.html", None), ("003-good-mine.html", None)]
    (second,) = documents(file.parent / "002-bad-mine.html")
    assert second["title"] == "bad"


def test_a_scenario_cannot_choose_where_its_page_is_written(tmp_path):
    runs = [reported(deaf(), "bad"), reported(deaf(), "../../x/../<b>"), reported(deaf(), "c" * 400)]
    folder = write(tmp_path / "many", runs).parent
    assert all(re.fullmatch(r"[\w.-]{1,100}", each.name) for each in folder.iterdir())
    assert not list(tmp_path.glob("x*"))


def test_a_file_that_cannot_be_written_is_said_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"--html .*report\.html cannot be written: .*; give another path"):
        write(tmp_path / "file" / "report.html", [reported(deaf())])


def test_a_journal_alone_has_levels_and_no_sound(tmp_path):
    file = write_journal(tmp_path / "journal.html", deaf(), tmp_path / "my journal.jsonl")
    (shown,) = documents(file)
    assert shown["audio"] is None and shown["verdict"] is None
    assert shown["again"].startswith("stillthere diagnose '") and shown["title"] == "my journal.jsonl"

"""The report in docs/ is what the code makes, but for the bytes of its sound."""

import json
import re
from pathlib import Path

import pytest

from harness.bench.conversation import conversation
from harness.report import example_report
from harness.report.example_report import example, without_sound
from harness.report.html import page
from harness.report.html_files import run_document
from harness.verdict.judge import judge
from harness.world.play import play
from tests.report.html_checks import check

WRITTEN = Path(__file__).parent.parent.parent / "docs" / "examples" / "reported_freeze.html"
MB = 1_000_000


def test_the_report_in_docs_is_fresh(tmp_path):
    made, written = example(), WRITTEN.read_text(encoding="utf-8")
    check(made)
    assert without_sound(written) == without_sound(made), "make pages"
    sound = re.search(r'"data":"([^"]+)"', written)
    assert len(sound[1]) > 50_000, "and it can be heard"


def test_it_is_written_anew_only_if_something_else_than_its_sound_differs(tmp_path, monkeypatch):
    monkeypatch.setattr(example_report, "example", lambda: 'a page with {"data":"T2dnUw=="}')
    file = tmp_path / "report.html"
    file.write_text('a page with {"data":"T2dnU2x4"}')
    example_report.main(file)
    assert "T2dnU2x4" in file.read_text()
    file.write_text('another page with {"data":"T2dnU2x4"}')
    example_report.main(file)
    assert file.read_text() == 'a page with {"data":"T2dnUw=="}'


@pytest.mark.slow
def test_ten_minutes_of_conversation_stay_under_4_mb():
    scenario = conversation(10)
    run = play(scenario, "reported", detector="energy")
    assert run.virtual_us > 570_000_000
    document = run_document(run, judge(run.journal, scenario))
    assert document["audio"] is not None
    size = len(page(document).encode())
    assert size < 4 * MB, f"{size / MB:.2f} MB, of which {len(json.dumps(document['entries'])) / MB:.2f} MB entries"

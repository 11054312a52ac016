"""``stillthere check``."""

from pathlib import Path


def test_all_shipped_scenarios_are_right(stillthere):
    outcome = stillthere("check")
    assert outcome.code == 0
    assert outcome.out.count(": ok: ") >= 9


def test_mistakes_of_all_files_are_told_at_once(stillthere, tmp_path: Path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text("scenario: x\ntimeline: []\nlenght: 3s\n")
    outcome = stillthere("check", tmp_path / "one.yaml", "reported_freeze", tmp_path / "two.yaml")
    assert outcome.code == 2
    assert "ok: The reported freeze" in outcome.out
    assert "one.yaml:3:1:" in outcome.err and "two.yaml:3:1:" in outcome.err

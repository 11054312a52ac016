"""``stillthere check``."""

from pathlib import Path


def test_all_shipped_scenarios_are_right(stillthere):
    outcome = stillthere("check")
    assert outcome.code == 0
    assert outcome.out.count(": ok: ") >= 9


def test_mistakes_of_all_files_are_shown_at_once(stillthere, tmp_path: Path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text("scenario: x\ntimeline: []\nlenght: 3s\n")
    outcome = stillthere("check", tmp_path / "one.yaml", "reported_freeze", tmp_path / "two.yaml")
    assert outcome.code == 2
    assert "ok: The reported freeze" in outcome.out
    assert "one.yaml:3:1:" in outcome.err and "two.yaml:3:1:" in outcome.err


def test_an_old_word_gives_a_note_on_standard_error(stillthere, tmp_path: Path):
    old = tmp_path / "old.yaml"
    old.write_text("scenario: x\ntimeline: [{at: 1s, say: babble}]\nlasts: 2s\nexpect: [never: {told: {}}]\n")
    for command in ("check", "run"):
        outcome = stillthere(command, old)
        assert outcome.err == f"{old}:4:18: note: 'told' is now called 'tells_user'; both work\n"

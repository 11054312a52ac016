"""``stillthere demo``: what a newcomer sees first."""

from pathlib import Path

SHOWN = Path(__file__).parents[2] / "docs" / "demo.svg"
"""The picture in README.md."""


def test_it_shows_the_freeze_the_cure_and_the_cause_in_words(stillthere, tmp_path: Path):
    outcome = stillthere("demo", "--svg", tmp_path / "demo.svg")
    assert outcome.code == 0
    words = " ".join(outcome.out.split())
    assert "failed The reported freeze" in words and "held The reported freeze" in words
    assert "the microphone delivers next to nothing while the user speaks" in words
    assert "First audio chunk is silent (max:" in words
    assert "reopened the capture" in words
    assert (tmp_path / "demo.svg").read_text() == SHOWN.read_text(), "make pages"

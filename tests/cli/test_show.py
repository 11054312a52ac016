"""``stillthere show``."""

from pathlib import Path

SCENARIO = """\
scenario: A plan
timeline:
  - {at: 2s..4s, say: babble, level: -20 dBFS, label: said}
  - {before end of: answer 1, by: 500ms, noise: thocks, lasts: 1s, assume: assistant is speaking}
premises:
  - answer: {after: said, within: 2s}
expect:
  - any: [answer: {after: said, within: 3s}, never: {tells_user: {at least: 2}}]
"""


def test_it_draws_what_is_planned_and_says_the_rest(stillthere, tmp_path: Path):
    path = tmp_path / "plan.yaml"
    path.write_text(SCENARIO)
    outcome = stillthere("show", path)
    assert outcome.code == 0 and outcome.err == ""
    lines = outcome.out.splitlines()
    assert lines[0] == "A plan"
    (axis,) = (line for line in lines if "╷0 s" in line)
    (speaks,) = (line for line in lines if line.startswith(" user speaks"))
    assert speaks.index("█") == 14 + (len(axis) - 14) * 3 // 7  # 3 s of 7: 2 s of babble, 2 s to the heal
    (anchor,) = (line for line in lines if "╷ the end of answer 1" in line)
    (noise,) = (line for line in lines if line.startswith("       noise"))
    assert noise.index("▒") < anchor.index("╷")
    assert "at 2s..4s" in outcome.out and "at -20 dBFS" in outcome.out
    assert "0.5s before the end of answer 1" in outcome.out and "assumes assistant is speaking" in outcome.out
    assert "• answer within 2s after said" in outcome.out
    assert "• any of (answer within 3s after said; never 2 × tells_user)" in outcome.out


def test_several_are_drawn_and_a_mistake_is_shown_before_any(stillthere, tmp_path: Path):
    outcome = stillthere("show", "reported_freeze", "server_goes_mute")
    assert "The reported freeze" in outcome.out and "The server goes mute" in outcome.out
    (tmp_path / "bad.yaml").write_text("scenario: x\ntimeline: soon\n")
    outcome = stillthere("show", "reported_freeze", tmp_path / "bad.yaml")
    assert (outcome.code, outcome.out) == (2, "")
    assert "bad.yaml:2:11:" in outcome.err

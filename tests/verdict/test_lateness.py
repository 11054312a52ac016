"""A run whose world was late proves nothing, whatever else its journal shows."""

import pytest

from harness.journal import WorldLate
from harness.verdict.judge import judge
from tests.world.testing import at, inject, run, say, story

MUTED = story(say(1), at(7, inject("mute")), say(12))


@pytest.mark.parametrize(("worst_us", "verdict"), [(50_000, "failed"), (50_001, "vacuous"), (2_000_000, "vacuous")])
def test_over_50_ms_a_run_is_void(worst_us, verdict):
    played = run(MUTED)
    assert judge(played.journal, played.scenario).name == "failed"
    played.journal.add(WorldLate(t=played.virtual_us, worst_us=worst_us, at_us=3_000_000))
    found = judge(played.journal, played.scenario)
    assert found.name == verdict
    if verdict == "vacuous":
        (finding,) = found.findings
        assert f"{worst_us / 1000:.0f} ms late at 3.000 s" in finding.reason and "50 ms are allowed" in finding.reason

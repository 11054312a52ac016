"""All cases of LiveKit's own suite for its OpenAI plugin are served by one scenario file."""

import pytest

from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.scenario import load
from harness.world.world import session_setup
from tests.clients.real import scene
from tests.clients.real.environments import HERE, run_suite

CASES = 17
"""Those that the suite has for the service, in its version of 2026: `tests/test_realtime/test_realtime.py`."""
SCENARIO = HERE / "livekit" / "suite.yaml"


@pytest.mark.slow
async def test_one_scenario_serves_the_whole_suite(tmp_path):
    microphone = tmp_path / "microphone.pcm"
    microphone.write_bytes(scene.question())
    scenario = load(SCENARIO)
    async with LiveServer(session_setup(scenario, scenario.server.detector), LiveSettings()) as server:
        outcomes = await run_suite("livekit-agents", "livekit/suite.py", server.url, microphone)
    assert {case: problem for case, problem in outcomes.items() if problem} == {}
    assert len(outcomes) == CASES

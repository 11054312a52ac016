"""Generated timelines: speech, typing, zeroed stretches, app switches, network and server faults, in any order."""

from typing import Any

from hypothesis import strategies as st

from harness.faults import CATALOGUE
from harness.scenario.model import Action, App, At, Inject, Noise, Reply, Say, Scenario, ServerSetup, Step
from harness.units import MS, SECOND


def spans(shortest_ms: int, longest_ms: int) -> st.SearchStrategy[int]:
    """Durations in microseconds, in steps of 100 ms."""
    return st.integers(shortest_ms // 100, longest_ms // 100).map(lambda tenths: tenths * 100 * MS)


def injections(*names: str, lasts: st.SearchStrategy[int | None]) -> st.SearchStrategy[Inject]:
    """One of the faults of these names."""
    return st.builds(Inject, st.sampled_from([CATALOGUE[name]() for name in names]), lasts)


SPEECH = st.builds(Say, st.just("babble"), st.sampled_from([-18.0, -24.0, -30.0]), spans(600, 3_000))
TYPING = st.builds(Noise, st.sampled_from(["keyboard", "thocks", "door"]), spans(500, 4_000))
CAPTURE = st.one_of(
    injections("zeroed", lasts=spans(500, 20_000)),
    injections("suspended", lasts=spans(500, 20_000)),
    injections("zeroed", "near-silent", "suspended", lasts=st.none()),
)
APP = st.builds(
    App, spans(500, 10_000), st.sampled_from(["keeps", "suspended"]), st.sampled_from(["keeps", "suspended"])
)
NETWORK = injections("half-open", "stall", "reset", lasts=spans(500, 15_000))
SERVER = st.one_of(
    injections("mute", "held-active", "held-idle", "stalled-reply", lasts=st.none()),
    injections("held-active", "held-idle", lasts=spans(500, 10_000)),
)
ACTIONS: st.SearchStrategy[Action] = st.one_of(SPEECH, TYPING, CAPTURE, APP, NETWORK, SERVER)
POLICIES = st.sampled_from(["reset", "buffer_only", "wedge"])


@st.composite
def scenarios(draw: Any) -> Scenario:
    """A scenario of up to eight steps, each some time after the one before."""
    at = SECOND
    steps = []
    for gap, action in draw(st.lists(st.tuples(spans(0, 8_000), ACTIONS), max_size=8)):
        at += gap
        steps.append(Step(At(at), action))
    reply = Reply(clip="babble", lasts_us=1_500 * MS, latency_us=300 * MS)
    policy = ServerSetup().policy.changed(clear_during_speech=draw(POLICIES))
    server = ServerSetup(detector="energy", reply=reply, policy=policy)
    last = Step(At(at + 3 * SECOND), Say("babble", -20.0, 2 * SECOND))
    return Scenario("generated", (*steps, last), server=server)

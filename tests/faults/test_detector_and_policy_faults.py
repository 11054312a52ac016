import numpy as np
import pytest

from harness.faults.held_active import HeldActive
from harness.faults.held_idle import HeldIdle
from harness.faults.stalled_reply import StalledReply
from harness.server.policy import ServerPolicy


@pytest.mark.parametrize("honest", [0.0, 0.35, 0.5, 1.0])
def test_a_held_detector_says_one_thing_whatever_it_hears(honest):
    assert HeldActive().begin(np.random.default_rng(0))(honest) == 1.0
    assert HeldIdle().begin(np.random.default_rng(0))(honest) == 0.0


def test_a_stalled_reply_sets_one_switch_of_the_policy():
    assert ServerPolicy().changed(**StalledReply().changes) == ServerPolicy(reply="stalls")

import numpy as np
import pytest

from harness.audio.clips import load_clip
from harness.faults.held_active import HeldActive
from harness.faults.held_idle import HeldIdle
from harness.faults.on_session import SessionFaults
from harness.faults.stalled_reply import StalledReply
from harness.journal import SessionEntry
from harness.protocol.events import InputAudioBufferAppend, event_type
from harness.server.policy import ServerPolicy
from harness.server.session import Session, SessionSetup
from tests.faults.testing import activated

SPEECH = load_clip("speech_en_f_arctic_a0009").samples.tobytes()
SILENCE = np.zeros(24_000, np.int16).tobytes()


@pytest.fixture
def session():
    return Session(SessionSetup(detector="energy", policy=ServerPolicy(rate_limits="never")), "x")


def edges(session, audio):
    outputs = session.receive(InputAudioBufferAppend(audio=audio), 0)
    kinds = [event_type(output) for output in outputs if not isinstance(output, SessionEntry)]
    return [kind.rpartition("_")[2] for kind in kinds if ".speech_" in kind]


def test_a_detector_fault_lasts_until_it_is_released(session):
    faults, held = SessionFaults(session), activated(HeldActive())
    assert faults.inject(held, 0) == []
    assert edges(session, SILENCE) == ["started"]
    faults.release(held, 0)
    assert edges(session, SILENCE) == ["stopped"]


def test_the_latest_decides(session):
    faults, active, idle = SessionFaults(session), activated(HeldActive()), activated(HeldIdle())
    assert faults.inject(active, 0) == []
    assert faults.inject(idle, 0) == []
    assert edges(session, SPEECH + SILENCE) == []
    faults.release(idle, 0)
    assert edges(session, SILENCE) == ["started"]


def test_one_below_another_is_released_alone(session):
    faults, active, idle = SessionFaults(session), activated(HeldActive()), activated(HeldIdle())
    assert faults.inject(active, 0) == []
    assert faults.inject(idle, 0) == []
    faults.release(active, 0)
    assert edges(session, SPEECH + SILENCE) == []
    faults.release(idle, 0)
    assert edges(session, SPEECH + SILENCE)[:1] == ["started"]


def test_policy_is_as_before_afterwards(session):
    honest, faults, fault = session.policy, SessionFaults(session), activated(StalledReply())
    assert faults.inject(fault, 0) == []
    assert session.policy.reply == "stalls"
    assert session.policy.rate_limits == "never"
    faults.release(fault, 0)
    assert session.policy == honest


def test_one_that_is_not_on_it_changes_nothing(session):
    honest = session.policy
    SessionFaults(session).release(activated(StalledReply()), 0)
    assert session.policy == honest
    assert session.hearing.distort is None

"""Each strategy does what its name says, and nothing else."""

from typing import get_args

import pytest

from harness.clients.interface import (
    Closed,
    Connect,
    Log,
    Opened,
    Ping,
    Play,
    ReopenCapture,
    ResumePlayback,
    StopPlayback,
)
from harness.clients.recovery.detectors import SYMPTOM_DETECTORS
from harness.clients.recovery.strategies import STRATEGIES, StrategyName
from harness.clients.recovery.symptoms import DETECTOR_NAMES, NEED_OF, Need, Symptom
from harness.clients.reference import RESILIENT_SETTINGS, Resilient
from harness.protocol import events
from tests.clients.testing import DrivenClient, cleared, conversation, created, delta, of_type, started
from tests.world.testing import MAN, at, inject, say, story, verdict

pytestmark = pytest.mark.slow

UPDATE = events.SessionUpdate


def test_every_strategy_has_a_setting_and_a_line_that_says_what_it_does():
    assert ("off", *STRATEGIES) == get_args(StrategyName)
    assert all(strategy.does and "\n" not in strategy.does for strategy in STRATEGIES.values())


def test_every_symptom_has_a_need_and_every_detector_a_line():
    assert set(NEED_OF) == set(get_args(Symptom))
    assert set(NEED_OF.values()) == set(get_args(Need))
    assert tuple(SYMPTOM_DETECTORS) == DETECTOR_NAMES
    assert all(detector.__doc__ for detector in SYMPTOM_DETECTORS.values())


def after_stuck_speech(strategy, seconds=7.0):
    """What a client does about speech that never ends, in the middle of an answer."""
    driven = DrivenClient(recovery=strategy, detectors="stuck_speech")
    driven.advance(2)
    driven.deliver(delta(40_000), started())
    driven.advance(seconds)
    quiet = (events.InputAudioBufferAppend, Log, Ping, Play)
    return [type(command) for _, command in driven.commands if not isinstance(command, quiet)]


@pytest.mark.parametrize(
    ("strategy", "commands"),
    [
        ("off", []),
        ("none", []),
        ("clear", [events.InputAudioBufferClear]),
        ("clear_ends_speech", [events.InputAudioBufferClear]),
        ("commit_and_create", [events.InputAudioBufferCommit, events.ResponseCreate]),
        ("detection_off_on", [UPDATE, UPDATE]),
        ("cancel_and_truncate", [events.ResponseCancel, StopPlayback, events.ConversationItemTruncate]),
        ("reopen_capture", [ReopenCapture]),
        ("reconnect_empty", [Connect]),
        ("reconnect_with_history", [Connect]),
        ("reconnect_and_resend", [Connect]),
        ("watchdog_ladder", [events.InputAudioBufferClear]),
        ("ladder", []),
    ],
)
def test_the_first_thing_a_strategy_does(strategy, commands):
    """The ladder opens its gate, which is no command."""
    assert after_stuck_speech(strategy) == commands


def test_the_watchdog_ladder_climbs():
    kinds = after_stuck_speech("watchdog_ladder", 30)
    assert kinds[:4] == [
        events.InputAudioBufferClear, events.InputAudioBufferCommit, events.ResponseCreate, Connect,
    ]  # fmt: skip


@pytest.mark.parametrize(("strategy", "ends"), [("clear", False), ("clear_ends_speech", True)])
def test_cleared_is_the_end_of_speech_for_one_and_not_for_the_other(strategy, ends):
    driven = DrivenClient(recovery=strategy)
    driven.deliver(started())
    driven.advance(6)
    driven.deliver(cleared())
    driven.advance(20)
    assert (len(driven.symptoms()) == 1) == ends


def test_watching_notes_what_it_sees_and_does_nothing():
    driven = DrivenClient(recovery="none")
    driven.deliver(started())
    driven.advance(8)
    noticed = [
        command.fields for _, command in driven.commands if isinstance(command, Log) and command.kind == "noticed"
    ]
    assert {"symptom": "speech_stuck"} in noticed


@pytest.mark.parametrize(
    ("strategy", "turns"), [("reconnect_empty", 0), ("reconnect_with_history", 2), ("reconnect_and_resend", 2)]
)
def test_turns_are_replayed_into_a_new_session_by_those_that_say_so(strategy, turns):
    client = Resilient(RESILIENT_SETTINGS.changed(recovery=strategy))
    client.receive(Opened(), 0)
    client.receive(created(), 0)
    assert len(conversation(client)) == turns


@pytest.mark.parametrize(("strategy", "resends"), [("reconnect_with_history", 0), ("reconnect_and_resend", 1)])
def test_unanswered_speech_is_sent_again_by_those_that_say_so(strategy, resends):
    driven = DrivenClient(recovery=strategy)
    driven.speak(2)
    driven.deliver(Closed(1006), Opened(), created())
    long = [append for append in of_type(driven.sent(events.InputAudioBufferAppend), object) if len(append.audio) > 960]
    assert len(long) == resends


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_detector_that_is_switched_off_sees_nothing(strategy):
    driven = DrivenClient(recovery=strategy, detectors="ping")
    driven.deliver(started())
    driven.advance(20)
    assert driven.symptoms() == []
    assert driven.times(ResumePlayback) == []


@pytest.mark.parametrize(
    ("fault", "strategy", "outcome"),
    [
        ("mute", "none", "failed"),
        ("mute", "clear", "failed"),
        ("mute", "reconnect_empty", "held"),
        ("mute", "reconnect_and_resend", "held"),
        ("stalled-reply", "watchdog_ladder", "held"),
    ],
)
def test_what_recovers_a_frozen_server(fault, strategy, outcome):
    scenario = story(say(1, MAN), at(8, inject(fault)), recover_s=60)
    assert verdict(scenario, "resilient", recovery=strategy, gate_mode="off").name == outcome

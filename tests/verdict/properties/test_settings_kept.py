import pytest

from harness.journal import ConnectionClosed, ConnectionOpened, FaultInjected, ResponseForItem
from harness.protocol.events import SessionCreated, SessionUpdate, SessionUpdated
from harness.units import SECOND
from tests.verdict.journals import Tale
from tests.verdict.properties.testing import Talker, found
from tests.world.testing import MAN, at, inject, run, say, story

DEFAULTS = {"instructions": "000000000000", "voice": "alloy", "tools": []}
CHOSEN = {"instructions": "b94d27b9934d", "tools": ["get_weather"]}
DEFAULT_DETECTION = {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 200}
DETECTION = {"type": "server_vad", "threshold": 0.4, "silence_duration_ms": 500}


def first_session(detection=None):
    """The client sets instructions and tools at 0.3 s; the connection ends at 10 s and a new one opens at 11 s."""
    named = {} if detection is None else {"turn_detection": detection}
    tale = Tale().server(0.2, SessionCreated, settings=DEFAULTS, turn_detection=DEFAULT_DETECTION)
    tale.client(0.3, SessionUpdate, settings=CHOSEN, **named)
    tale.server(0.4, SessionUpdated, settings={**DEFAULTS, **CHOSEN}, turn_detection=DETECTION)
    tale.add(10, ConnectionClosed, connection=1, code=1006).add(11, ConnectionOpened, connection=2)
    return tale.server(11.1, SessionCreated, connection=2, settings=DEFAULTS, turn_detection=DEFAULT_DETECTION)


def answers(tale, at_s=15):
    """A response begins in the new session."""
    return tale.add(at_s, ResponseForItem, connection=2, response_id="r2", item_id=None)


def again(tale, at_s=11.2, *, confirmed=True, settings=CHOSEN):
    tale.client(at_s, SessionUpdate, connection=2, settings=settings)
    if confirmed:
        tale.server(at_s + 0.1, SessionUpdated, connection=2, settings={**DEFAULTS, **settings})
    return tale


def test_what_is_not_set_again_is_lost():
    (finding,) = found("settings_kept", answers(first_session()).end())
    assert finding.at_us == 15 * SECOND
    assert "session 2, opened at 11.000 s" in finding.reason
    assert finding.reason.endswith("at 15.000 s without what the client had set before: instructions, tools")


def test_what_is_set_again_is_kept():
    assert not found("settings_kept", answers(again(first_session())).end())


def test_a_session_that_begins_with_the_settings_needs_no_update():
    """As with a client secret that holds the configuration."""
    tale = first_session().server(11.1, SessionCreated, connection=2, settings={**DEFAULTS, **CHOSEN})
    assert not found("settings_kept", answers(tale).end())


def test_other_settings_on_purpose_are_no_loss():
    tale = again(first_session(), settings={"instructions": "other", "tools": ["search"]})
    assert not found("settings_kept", answers(tale).end())


def test_only_what_is_missing_is_named():
    tale = again(first_session(), settings={"instructions": CHOSEN["instructions"]})
    (finding,) = found("settings_kept", answers(tale).end())
    assert finding.reason.endswith("before: tools")


def test_of_turn_detection_what_the_client_named_counts():
    tale = answers(again(first_session({"type": "server_vad", "threshold": 0.4})))
    (finding,) = found("settings_kept", tale.end())
    assert finding.reason.endswith("before: turn_detection")
    same = first_session({"type": "server_vad", "threshold": 0.4})
    same.server(11.3, SessionUpdated, connection=2, turn_detection={**DETECTION, "silence_duration_ms": 200})
    assert not found("settings_kept", answers(again(same)).end())


@pytest.mark.parametrize("setting", [SessionCreated, SessionUpdated])
def test_what_the_server_never_confirmed_was_not_set(setting):
    tale = Tale().client(0.3, SessionUpdate, settings=CHOSEN).server(0.4, setting, settings=DEFAULTS)
    tale.add(10, ConnectionClosed, connection=1, code=1006).add(11, ConnectionOpened, connection=2)
    tale.server(11.1, SessionCreated, connection=2, settings=DEFAULTS)
    assert not found("settings_kept", answers(tale).end())


def test_a_session_without_a_turn_is_not_judged_and_one_that_is_spoken_to_is():
    assert not found("settings_kept", first_session().end())
    (finding,) = found("settings_kept", first_session().speaks(12, length_s=1).end())
    assert finding.at_us == 16 * SECOND, "5 s after it opened"
    brief = first_session().speaks(12, length_s=1).add(15, ConnectionClosed, connection=2, code=1006)
    assert not found("settings_kept", brief.end())


def test_an_update_that_was_lost_must_be_sent_again():
    lost = answers(again(first_session(), confirmed=False))
    (finding,) = found("settings_kept", lost.end(40))
    assert "(sent at 11.200 s, and not confirmed)" in finding.reason
    assert not found("settings_kept", lost.end(20)), "the session is too short to tell"
    repeated = again(answers(again(first_session(), confirmed=False)), 18)
    assert not found("settings_kept", repeated.end(40))


def test_a_faulty_session_is_judged_once_the_fault_is_over():
    def faulty(length_us):
        return answers(first_session().add(11.05, FaultInjected, kind="lost-settings", length_us=length_us))

    assert not found("settings_kept", faulty(None).end(60))
    assert not found("settings_kept", faulty(10 * SECOND).end(30))
    (finding,) = found("settings_kept", faulty(10 * SECOND).end(60))
    assert finding.at_us == 36_050_000, "15 s after its end"


class Forgetful(Talker):
    """Sets up its first session only."""

    def begins(self):
        detection = {"type": "server_vad", "threshold": 0.4}
        chosen = {"type": "realtime", "instructions": "Be brief.", "audio": {"input": {"turn_detection": detection}}}
        return [SessionUpdate(session=chosen)] if self.session == 1 else []


class Mindful(Forgetful):
    """Sets up each session."""

    def begins(self):
        self.session = 1
        return super().begins()


RECONNECT = story(say(1), at(10, inject("reset")), say(14, MAN))


def test_a_client_that_sets_up_its_first_session_only():
    (finding,) = found("settings_kept", run(RECONNECT, Forgetful()).journal)
    assert "session 2" in finding.reason
    assert finding.reason.endswith("before: instructions, turn_detection")
    assert not found("settings_kept", run(RECONNECT, Mindful()).journal)

"""What the assistant says because nobody spoke is an answer to nobody."""

from harness.clients.interface import Connect
from harness.clients.recovery.prompts import IdlePrompts
from harness.protocol import events
from tests.clients.testing import (
    DrivenClient,
    answered,
    committed,
    delta,
    done,
    idled,
    response_created,
)  # fmt: skip


def prompt(driven, number, ms=500):
    """A prompt from its beginning to its end."""
    item, response = f"idle_{number}", f"prompt_{number}"
    driven.deliver(idled(item), committed(item), response_created(response))
    driven.deliver(delta(ms, item_id=f"said_{number}", response_id=response), done(response_id=response))


def test_the_response_after_a_timeout_is_a_prompt_and_the_next_one_is_not():
    prompts = IdlePrompts()
    prompts.triggered("idle_1")
    assert prompts.committed("idle_1")
    prompts.response_created("resp_1")
    prompts.response_created("resp_2")
    assert "resp_1" in prompts
    assert "resp_2" not in prompts


def test_after_a_turn_of_the_user_the_next_response_is_no_prompt():
    """The prompt was cancelled, and its response.created was lost."""
    prompts = IdlePrompts()
    prompts.triggered("idle_1")
    assert not prompts.committed("item_2")
    prompts.response_created("resp_2")
    assert "resp_2" not in prompts


def test_a_voice_that_is_not_heard_is_noticed_whatever_the_assistant_says_unasked():
    """As without prompts: after the 6 s of answer_timeout_ms, the gate; after 6 s more, a new session."""
    driven = DrivenClient(renew_after_ms=60_000)
    driven.advance(1)
    driven.speak(3)
    for number in range(3):
        driven.advance(3)
        prompt(driven, number, ms=1500)
        driven.advance(2)
    assert driven.symptoms() == ["voice_unheard", "voice_unheard"]
    assert len(driven.times(Connect)) == 1


def test_everything_is_renewed_if_only_prompts_are_heard():
    """The user speaks again and again; 20 s of renew_after_ms."""
    driven = DrivenClient(detectors="assistant_heard")
    driven.advance(1)
    for number in range(5):
        driven.speak(2)
        driven.advance(3)
        prompt(driven, number)
        driven.advance(1)
    assert "nothing_heard" in driven.symptoms()


def test_words_are_kept_for_the_next_session_though_a_prompt_was_heard():
    driven = DrivenClient(renew_after_ms=60_000)
    driven.advance(1)
    driven.speak(3)
    driven.advance(2)
    prompt(driven, 1)
    assert driven.client.unanswered


def test_who_says_nothing_is_prompted_for_ever_and_nothing_is_wrong():
    driven = DrivenClient()
    driven.advance(1)
    driven.speak(2)
    answered(driven)
    for number in range(12):
        driven.advance(5)
        prompt(driven, number)
    assert driven.symptoms() == []
    assert driven.sent(events.ResponseCreate) == []


def test_a_prompt_is_no_turn_of_the_user_to_a_new_session():
    driven = DrivenClient()
    prompt(driven, 1)
    assert driven.client.history.replay() == []


def test_a_prompt_that_gets_stuck_is_a_stuck_response():
    driven = DrivenClient()
    driven.advance(1)
    driven.deliver(idled(), committed("idle_1"), response_created("prompt_1"))
    driven.advance(9)
    assert driven.symptoms() == ["response_stuck"]

"""Azure's differences (§2.7), as its recordings of 2026-07 show them."""

from dataclasses import asdict

import pytest

from harness.server.policy import ServerPolicy
from harness.server.services import policy_of
from tests.server.playbook import WORDS, Playbook, append, passes, says, sends, silence, some, speech
from tests.server.testing import ADDED, DONE, STARTED, STOPPED

PARTS = ("response.content_part.added", "response.content_part.done")


def said_of(policy, **response):
    play = Playbook(policy=asdict(policy), strict=False) >> sends("response.create", response=response) >> passes(3000)
    return play.said


@pytest.mark.behaviour("azure-part-twice", "part-once")
@pytest.mark.parametrize(
    ("modality", "empty", "whole"),
    [
        ("audio", {"type": "audio", "transcript": ""}, {"type": "audio", "transcript": WORDS}),
        ("text", {"type": "text", "text": ""}, {"type": "text", "text": WORDS}),
    ],
)
def test_azure_has_the_part_twice(modality, empty, whole):
    """Captured: both names, the same object; OpenAI has ``part`` alone."""
    for service, twice in (("azure", True), ("openai", False)):
        events = said_of(policy_of(service), output_modalities=[modality])
        parts = [event for event in events if event["type"] in PARTS]
        assert [event["part"] for event in parts] == [empty, whole]
        assert [event.get("content") for event in parts] == ([empty, whole] if twice else [None, None])


@pytest.mark.behaviour("azure-no-limits")
def test_azure_sends_no_rate_limits():
    """Captured: in none of its recordings."""
    assert "rate_limits.updated" not in [event["type"] for event in said_of(policy_of("azure"))]


@pytest.mark.behaviour("azure-edges")
def test_azure_hears_a_turn_later_and_ends_it_earlier():
    play = Playbook(policy=asdict(policy_of("azure"))) >> append(silence(10) + speech(5) + silence(6))
    play << says(STARTED, audio_start_ms=13 * 32 - 300) << says(STOPPED, audio_end_ms=21 * 32)
    play << some("input_audio_buffer.committed", ADDED, DONE)


def test_what_was_chosen_stays():
    chosen = ServerPolicy(rate_limits="after_created", onset="sticky")
    azure = policy_of("azure", chosen)
    assert (azure.rate_limits, azure.onset, azure.content_part) == ("after_created", "sticky", "twice")
    assert policy_of("openai", chosen) == chosen

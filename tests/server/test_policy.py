import pytest

from harness.errors import SettingError
from harness.server.policy import KNOWN, ServerPolicy, check_policy, names, variants


def test_every_switch_says_how_its_default_is_known():
    """Every open question is a switch that says so; these are the oldest ones."""
    assert set(KNOWN) == set(names())
    assert {
        "clear_during_speech", "commit_during_speech", "clock_on_clear", "conversation_created", "prefix_in_start",
        "cancel_chain", "rate_limits",
    } <= set(names())  # fmt: skip


@pytest.mark.parametrize("name", names())
def test_the_first_variant_is_the_default(name):
    assert getattr(ServerPolicy(), name) == variants(name)[0]
    for variant in variants(name):
        assert getattr(ServerPolicy().changed(**{name: variant}), name) == variant


def test_changed_keeps_the_rest():
    wedge = ServerPolicy(clear_during_speech="wedge")
    assert wedge.changed(rate_limits="never") == ServerPolicy(clear_during_speech="wedge", rate_limits="never")
    assert wedge.rate_limits == "recorded"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"clear_during_speach": "wedge"}, ["clear_during_speach", "did you mean 'clear_during_speech'?"]),
        ({"clear_during_speech": "wegde"}, ["clear_during_speech", "'wegde'", "did you mean 'wedge'?"]),
        ({"rate_limits": None}, ["rate_limits", "None", "recorded, after_done, after_created, never"]),
    ],
)
def test_mistakes_are_named(changes, words):
    with pytest.raises(SettingError) as raised:
        check_policy(changes)
    assert all(word in str(raised.value) for word in words)
    with pytest.raises(SettingError):
        ServerPolicy().changed(**changes)

"""Whatever a client sends, in whatever order, and however late the session is woken: it never raises and keeps §3.1."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harness.server.session import LASTS_US
from harness.units import MS
from tests.properties.testing import LATEST, Trial, policies
from tests.server.playbook import append, sends, silence, speech

ids = st.sampled_from([LATEST, LATEST, "item_mine", "item_nowhere", "root", ""])
optional_ids = st.none() | ids
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
pieces = st.one_of(
    st.integers(1, 12).map(speech), st.integers(1, 12).map(silence), st.integers(1, 5).map(bytes), st.binary(max_size=9)
)
audio = st.lists(pieces, max_size=4).map(b"".join)
content_types = st.sampled_from(["input_text", "output_text", "output_audio"])
parts = st.fixed_dictionaries({"type": content_types, "text": st.text(max_size=3)})
items = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.just("message"),
            "role": st.sampled_from(["user", "assistant", "system"]),
            "content": st.lists(parts, max_size=2),
        },
        optional={"id": ids},
    ),
    st.just({"type": "function_call_output", "call_id": "call_1", "output": "42"}),
    st.just({"type": "function_call", "name": "f", "arguments": "{}"}),
    st.dictionaries(st.sampled_from(["type", "role", "content", "id", "status"]), anything, max_size=4),
)
turn_detections = st.fixed_dictionaries(
    {"type": st.just("server_vad")},
    optional={
        "threshold": st.floats(-0.1, 1.1),
        "prefix_padding_ms": st.integers(-1, 700),
        "silence_duration_ms": st.integers(-1, 300),
        "create_response": st.booleans(),
        "interrupt_response": st.booleans(),
        "nope": st.none(),
    },
)
formats = st.sampled_from(["audio/pcm", "audio/pcmu", "audio/pcma", "audio/opus"]).map(lambda name: {"type": name})
updates = st.one_of(
    turn_detections.map(lambda detection: {"audio": {"input": {"turn_detection": detection}}}),
    st.just({"audio": {"input": {"turn_detection": None}}}),
    formats.map(lambda form: {"audio": {"input": {"format": form}}}),
    formats.map(lambda form: {"audio": {"output": {"format": form}}}),
    st.sampled_from([{"output_modalities": ["text"]}, {"output_modalities": ["audio"]}, {"nope": 1}, {"audio": None}]),
    st.dictionaries(st.sampled_from(["audio", "instructions", "model"]), anything, max_size=2),
    st.sampled_from([[], {}, 5, None, [5], [{"type": "function", "name": "f"}]]).map(lambda tools: {"tools": tools}),
).map(lambda changes: {"type": "realtime", **changes})

events = st.one_of(
    audio.map(append),
    audio.map(append),
    st.sampled_from(["input_audio_buffer.commit", "input_audio_buffer.clear", "output_audio_buffer.clear"]).map(sends),
    st.builds(sends, st.just("session.update"), session=updates | anything),
    st.builds(sends, st.just("conversation.item.create"), item=items, previous_item_id=optional_ids),
    st.builds(sends, st.sampled_from(["conversation.item.delete", "conversation.item.retrieve"]), item_id=ids),
    st.builds(
        sends, st.just("conversation.item.truncate"), item_id=ids, content_index=st.integers(-1, 1),
        audio_end_ms=st.integers(-1, 400),
    ),
    st.builds(sends, st.just("response.create"), response=st.none() | anything),
    st.builds(sends, st.just("response.cancel"), response_id=optional_ids),
    st.builds(sends, st.text(max_size=5), event_id=anything),
)  # fmt: skip
on_time = st.integers(0, 900).map(lambda ms: ("on time", ms * MS))
overslept = st.integers(0, 900).map(lambda ms: ("overslept", ms * MS))


DELETE = sends("conversation.item.delete", item_id=LATEST)
DELETED_IN_MID_OUTPUT = [sends("response.create"), ("on time", 400 * MS), DELETE, ("on time", 900 * MS), DELETE]
BARGE_IN = [append(speech(3) + silence(7)), ("on time", 500 * MS), append(speech(1)), ("overslept", 900 * MS)]
CLEARED_IN_SPEECH = [append(silence(40) + speech(9)), sends("input_audio_buffer.clear"), append(silence(9))]


@pytest.mark.slow
@pytest.mark.behaviour("reply-order", "one-item-id", "one-response-id")
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(policies, st.lists(events | on_time | overslept, max_size=25))
@example({}, DELETED_IN_MID_OUTPUT)
@example({}, BARGE_IN)
@example({"clear_during_speech": "buffer_only", "clock_on_clear": "restart"}, CLEARED_IN_SPEECH)
def test_arbitrary_clients(policy, steps):
    trial = Trial(policy)
    for step in steps:
        trial.take(step)
    trial.ledger.check_end()


@pytest.mark.behaviour("always-done")
@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(audio.map(append), on_time, st.just(sends("response.cancel"))), max_size=30))
def test_every_response_ends(steps):
    """Exactly one response.done per response.created (documented, §2.3), once time has passed."""
    trial = Trial({})
    for step in steps:
        trial.take(step)
    trial.pass_time("on time", 10_000 * MS)
    assert trial.ledger.active is None and trial.session.next_wake == LASTS_US
    assert all(letters.count("C") == letters.count("D") == 1 for letters in trial.ledger.letters.values())


@pytest.mark.behaviour("atomic", "recoverable")
@settings(max_examples=100, deadline=None)
@given(st.lists(events, max_size=12), updates)
def test_a_refused_update_changes_nothing(steps, changes):
    """Atomic (captured, §4.6, §4.7): after an error the configuration, the audio and the items are as before."""
    trial = Trial({})
    for step in steps:
        trial.take(step)
    session = trial.session
    before = session.config.echo, session.hearing.buffered_bytes, session.hearing.turn.state, len(session.conversation)
    trial.take(sends("session.update", session={**changes, "no such field": 1}))
    after = session.config.echo, session.hearing.buffered_bytes, session.hearing.turn.state, len(session.conversation)
    assert before == after

"""Items (§4.9): created, found, cut and removed by the client."""

import base64
from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ProtocolError
from harness.protocol.objects import Content, Item
from harness.server.conversation import Conversation
from harness.server.tokens import Tokens
from tests.server.playbook import (
    CREATE,
    FINISHES,
    REPLY_MS,
    REST,
    Id,
    Playbook,
    passes,
    refuses,
    says,
    sends,
    silence,
    user_says,
)
from tests.server.testing import talking

Loose = partial(Playbook, strict=False)
ADDED, DONE = "conversation.item.added", "conversation.item.done"


def answered():
    """A playbook with a user's item and a spoken answer to it, and the answer's id."""
    play = Playbook() >> user_says("hello", item={"id": "item_user"}) << REST >> CREATE << REST >> FINISHES << REST
    return play, play.last("response.output_item.done")["item"]["id"]


def creating(**item):
    return sends("conversation.item.create", item={"type": "message", **item})


def truncate(item_id, audio_end_ms, content_index=0):
    return sends("conversation.item.truncate", item_id=item_id, content_index=content_index, audio_end_ms=audio_end_ms)


# --- create -----------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("item-ids")
def test_an_item_gets_an_id_or_keeps_its_own():
    """Captured: added and done, status completed."""
    item = Id()
    play = (
        Playbook() >> user_says("one") << says(ADDED, previous_item_id=None, item={"id": item, "status": "completed"})
    )
    play << says(DONE, previous_item_id=None, item={"id": item})
    play >> user_says("two", item={"id": "mine"}) << says(ADDED, previous_item_id=item, item={"id": "mine"})
    assert play << says(DONE, previous_item_id=item, item={"id": "mine", "content": [{"text": "two"}]})


@pytest.mark.behaviour("item-place")
def test_where_an_item_goes():
    """Documented: absent means the end, ``root`` the beginning, an id right behind that item."""
    play = Playbook()
    for name, previous, follows in [
        ("a", None, None), ("b", None, "a"), ("first", "root", None), ("between", "a", "a"), ("last", "b", "b"),
        ("end", None, "last"),
    ]:  # fmt: skip
        play >> user_says(name, item={"id": name}, previous_item_id=previous)
        play << says(ADDED, previous_item_id=follows) << says(DONE, previous_item_id=follows)
    assert play


@pytest.mark.behaviour("item-place")
def test_the_order_after_inserting():
    """Seen from outside: an item put behind ``a`` comes before what followed ``a``; the end stays the end."""
    play = Playbook() >> user_says("a", item={"id": "a"}) << REST >> user_says("b", item={"id": "b"}) << REST
    play >> user_says("c", item={"id": "c"}, previous_item_id="a") << REST
    play >> user_says("d", item={"id": "d"}) << says(ADDED, previous_item_id="b") << REST
    for item_id in ("d", "b"):
        play >> sends("conversation.item.delete", item_id=item_id) << REST
    assert play >> user_says("e") << says(ADDED, previous_item_id="c") << says(DONE)


@pytest.mark.behaviour("item-refused")
def test_an_item_behind_an_unknown_one_is_refused():
    play = Playbook() >> user_says("x", previous_item_id="nowhere", event_id="e1")
    play << refuses("item_create_invalid_item_id", event_id="e1", param="previous_item_id")
    assert play >> user_says("y") << says(ADDED, previous_item_id=None) << says(DONE)


@pytest.mark.behaviour("item-refused")
def test_an_id_can_be_used_once():
    play = Playbook() >> user_says("x", item={"id": "same"}) << REST >> user_says("y", item={"id": "same"})
    play << refuses("item_create_duplicate_item_id") >> sends("conversation.item.retrieve", item_id="same")
    assert play << says("conversation.item.retrieved", item={"content": [{"text": "x"}]})


@pytest.mark.behaviour("item-schema")
@pytest.mark.parametrize(
    ("item", "code", "param"),
    [
        ({"type": "message", "content": []}, "missing_required_parameter", "item.role"),
        ({"type": "message", "role": "user"}, "missing_required_parameter", "item.content"),
        ({"type": "function_call_output", "output": "42"}, "missing_required_parameter", "item.call_id"),
        ({"type": "function_call", "name": "f"}, "missing_required_parameter", "item.arguments"),
        ({"type": "song"}, "invalid_value", "item.type"),
        ({"type": "message", "role": "user", "content": [{"type": "output_text", "text": "x"}]}, "invalid_value",
         "item.content[0].type"),
    ],
)  # fmt: skip
def test_an_item_must_be_one_of_the_schema(item, code, param):
    """The vendor's types require these fields, so a server that passed the item on would break its own schema."""
    assert Playbook() >> sends("conversation.item.create", item=item) << refuses(code, param=param)


@pytest.mark.behaviour("longest-id")
@pytest.mark.parametrize("length", [0, 513])
def test_an_id_has_a_length(length):
    """Ours (§5): 1 to 512 characters."""
    assert Playbook() >> user_says("x", item={"id": "x" * length}) << refuses("invalid_value", param="item.id")
    assert Playbook() >> user_says("x", item={"id": "x" * 512}) << says(ADDED) << says(DONE)


@pytest.mark.behaviour("most-items")
def test_a_conversation_can_be_full():
    """Ours (§5): at 10,000 items a client can create no more, until it deletes some."""
    play = Playbook()
    for index in range(10_000):
        play.session.conversation.add(item(f"item_{index}"))
    play >> user_says("x") << refuses("conversation_full")
    play >> sends("conversation.item.delete", item_id="item_7") << says("conversation.item.deleted")
    assert play >> user_says("x") << says(ADDED) << says(DONE)


@pytest.mark.behaviour("tool-output", "output-status")
def test_a_function_result_is_answered_like_any_item():
    """Captured (§3.4): added and done; recordings of the service, 2026-07/08, show it without a status."""
    item = {"type": "function_call_output", "call_id": "call_1", "output": "42"}
    play = Playbook() >> sends("conversation.item.create", item={**item, "status": "completed"})
    play << says(ADDED, item=item) << says(DONE, item=item)
    assert [set(event["item"]) for event in play.said[-2:]] == [{"id", *item}] * 2


# --- retrieve and delete ----------------------------------------------------------------------------------------------


@pytest.mark.behaviour("item-retrieve", "item-unknown")
def test_retrieve_and_delete():
    play = Playbook() >> user_says("x", item={"id": "x"}) << REST
    play >> sends("conversation.item.retrieve", item_id="x")
    play << says("conversation.item.retrieved", item={"id": "x", "role": "user", "content": [{"text": "x"}]})
    play >> sends("conversation.item.delete", item_id="x") << says("conversation.item.deleted", item_id="x")
    for action in ("retrieve", "delete"):
        play >> sends(f"conversation.item.{action}", item_id="x", event_id="again")
        play << refuses(f"item_{action}_invalid_item_id", event_id="again")
    assert play >> user_says("y", item={"id": "x"}) << says(ADDED, previous_item_id=None) << says(DONE)


# --- truncate ---------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("truncate")
@pytest.mark.parametrize("audio_end_ms", [0, 100, REPLY_MS])
def test_truncate_cuts_what_was_not_played(audio_end_ms):
    """Documented (§4.5): the transcript goes too."""
    play, answer = answered()
    play >> truncate(answer, audio_end_ms)
    play << says("conversation.item.truncated", item_id=answer, content_index=0, audio_end_ms=audio_end_ms)
    play >> sends("conversation.item.retrieve", item_id=answer)
    assert play << says("conversation.item.retrieved", item={"id": answer, "content": [{"type": "output_audio"}]})
    assert "transcript" not in play.last("conversation.item.retrieved")["item"]["content"][0]


@pytest.mark.behaviour("truncate-too-late")
def test_truncate_beyond_the_audio():
    """Reported verbatim (§4.5), param null; what was cut before is what counts."""
    play, answer = answered()
    play >> truncate(answer, REPLY_MS + 1)
    play << refuses(
        "invalid_value", f"Audio content of {REPLY_MS}ms is already shorter than {REPLY_MS + 1}ms", param=None
    )
    play >> truncate(answer, 200) << says("conversation.item.truncated") >> truncate(answer, 201)
    assert play << refuses("invalid_value", "Audio content of 200ms is already shorter than 201ms")


@pytest.mark.behaviour("truncate-what")
def test_what_cannot_be_truncated():
    """Documented and reported (§4.5): assistant items only, part 0 only, by an id that exists."""
    play, answer = answered()
    play >> truncate("item_nowhere", 100) << refuses("item_truncate_invalid_item_id")
    play >> truncate("item_user", 100) << refuses("invalid_value")
    play >> truncate(answer, 100, content_index=1) << refuses("invalid_value")
    play >> truncate(answer, -1) << refuses("integer_below_min_value", param="audio_end_ms")
    assert "shorter" not in play.last("error")["error"]["message"]
    play >> sends("conversation.item.retrieve", item_id=answer)
    assert play << says("conversation.item.retrieved", item={"content": [{"transcript": "I can hear you well."}]})


@pytest.mark.behaviour("truncate-too-late")
def test_truncate_in_mid_output_counts_what_was_sent():
    """Documented (§4.5): at most the actual audio; after one delta that is 100 ms."""
    play = talking() << REST
    answer = play.last("response.output_item.added")["item"]["id"]
    play >> sends("response.cancel") << REST >> truncate(answer, 101) << refuses("invalid_value")
    assert play >> truncate(answer, 100) << says("conversation.item.truncated")


# --- the class itself -------------------------------------------------------------------------------------------------


def item(item_id, role="user"):
    return Item(id=item_id, type="message", role=role, content=[Content(type="input_text", text=item_id)])


CHANGES = st.tuples(st.sampled_from(["add", "spoke", "say", "truncate", "delete", "ask"]), st.integers(0, 4))


@given(st.lists(CHANGES, max_size=40))
def test_property_the_tokens_of_a_conversation_are_those_of_its_items(changes):
    """Whatever changed since somebody asked for them last."""
    conversation, names = Conversation("conv_1"), [f"item {number}" for number in range(5)]
    for number, (change, at) in enumerate(changes):
        name = names[at]
        if change == "add" and name not in conversation:
            conversation.add(item(name, "assistant"), audio_ms=70 * number)
        elif change == "spoke":
            conversation.spoke(name, 130 * number)
        elif change == "say":
            said = Content(type="output_audio", transcript="one " * number)
            conversation.replace(Item(id=name, type="message", role="assistant", content=[said]))
        elif change == "truncate" and name in conversation:
            with suppress(ProtocolError):
                conversation.truncate(name, 0, 10 * number)
        elif change == "delete" and name in conversation:
            conversation.delete(name)
        elif change == "ask":
            _ = conversation.tokens
    each = [conversation.tokens_of(item) for item in conversation.newest_first()]
    assert conversation.tokens == sum(each, Tokens())
    conversation.clear()
    assert conversation.tokens == Tokens()


def test_a_conversation_knows_its_items():
    conversation = Conversation("conv_1")
    assert conversation.last_id is None and len(conversation) == 0
    conversation.add(item("a"))
    conversation.add(item("b"))
    assert (len(conversation), conversation.last_id, "a" in conversation) == (2, "b", True)
    conversation.delete("b")
    assert (len(conversation), conversation.last_id, "b" in conversation) == (1, "a", False)


@pytest.mark.behaviour("item-deleted")
def test_a_deleted_item_does_not_come_back():
    conversation = Conversation("conv_1")
    conversation.add(item("a", "assistant"))
    conversation.delete("a")
    conversation.spoke("a", 100)
    conversation.replace(item("a", "assistant"))
    assert (len(conversation), "a" in conversation, conversation.tokens) == (0, False, Tokens())


@pytest.mark.behaviour("item-audio")
def test_audio_of_an_item_is_told_when_it_is_retrieved_and_not_before():
    """Documented (§4.9): added and done have all but the audio, retrieved has it."""
    audio = base64.b64encode(silence(4)).decode()
    play = Loose() >> creating(role="user", content=[{"type": "input_audio", "audio": audio}], id="item_1")
    play << says("conversation.item.added") << says("conversation.item.done")
    assert all("audio" not in event["item"]["content"][0] for event in play.said if "item" in event)
    play >> sends("conversation.item.retrieve", item_id="item_1") << REST
    assert play.last("conversation.item.retrieved")["item"]["content"][0]["audio"] == audio


@pytest.mark.behaviour("item-picture")
def test_a_picture_is_added_without_its_address():
    """Recordings of the service, 2026-07/08."""
    part = {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}
    play = Loose() >> creating(role="user", content=[part], id="item_1")
    play << says("conversation.item.added", item={"content": [{"type": "input_image"}]}) << REST
    assert all("image_url" not in event["item"]["content"][0] for event in play.said if "item" in event)


@pytest.mark.behaviour("item-long-text")
def test_a_text_has_at_most_256_000_characters():
    """A recording of the service, 2026-09, verbatim."""
    message = (
        "Invalid 'item.content[0].text': string too long. Expected a string with maximum length 256000, but got a "
        "string with length 256001 instead."
    )
    play = Loose() >> user_says("x" * 256_000) << says("conversation.item.added") << says("conversation.item.done")
    play >> user_says("x" * 256_001)
    assert play << refuses("string_above_max_length", message, param="item.content[0].text")


@pytest.mark.behaviour("item-assistant-audio")
def test_an_assistant_s_audio_cannot_be_created():
    """Documented (§4.9); a transcript can be, as clients do that replay a conversation."""
    said = {"type": "output_audio", "transcript": "Hello."}
    play = Loose() >> creating(role="assistant", content=[{**said, "audio": "AAAA"}])
    play << refuses("invalid_value", param="item.content[0].audio") >> creating(role="assistant", content=[said])
    assert play << says("conversation.item.added") << says("conversation.item.done")


@pytest.mark.behaviour("item-nulls")
def test_fields_of_other_items_are_dropped_and_null_is_as_good_as_nothing():
    """Assumed (§4.9)."""
    item = {"id": None, "object": None, "status": None, "call_id": "call_1", "server_label": "x"}
    play = Loose() >> creating(role="user", content=[{"type": "input_text", "text": "Hi."}], **item) << REST
    added = play.last("conversation.item.added")["item"]
    assert added["id"].startswith("item_") and added["status"] == "completed"
    assert not {"call_id", "server_label", "object"} & set(added)


@pytest.mark.behaviour("truncate")
def test_a_truncation_during_the_response_holds():
    """Documented (§4.5): the transcript is gone from the conversation, and does not come back with the rest."""
    play = Loose() >> CREATE >> passes(430) << REST
    item = play.last("response.output_item.added")["item"]["id"]
    play >> sends("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=50) << REST >> FINISHES
    play << REST >> sends("conversation.item.retrieve", item_id=item) << REST
    assert "transcript" not in play.last("conversation.item.retrieved")["item"]["content"][0]
    play >> sends("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=100)
    assert play << refuses("invalid_value", "Audio content of 50ms is already shorter than 100ms")


def test_response_done_has_an_item_that_was_deleted():
    """Documented (§2.3): all output items."""
    play = Loose() >> CREATE >> passes(430) << REST
    item = play.last("response.output_item.added")["item"]["id"]
    play >> sends("conversation.item.delete", item_id=item) << REST >> FINISHES << REST
    assert [each["id"] for each in play.last("response.done")["response"]["output"]] == [item]


TOOL = {"name": "find", "input_schema": {}}
CALL = {"type": "mcp_call", "server_label": "docs", "name": "find", "arguments": "{}"}


@pytest.mark.behaviour("item-vendor-types")
@pytest.mark.parametrize(
    ("item", "param"),
    [
        ({"type": "mcp_list_tools", "server_label": "docs", "tools": [{}]}, "item.tools[0].name"),
        ({**CALL, "error": {"type": "zzz"}}, "item.error.type"),
        ({**CALL, "error": {"type": "http_error", "message": "no"}}, "item.error.code"),
        ({"type": "mcp_approval_response", "approval_request_id": None, "approve": True}, "item.approval_request_id"),
        ({"type": "message", "role": "user", "content": [], "object": "foo"}, "item.object"),
    ],
)
def test_what_the_vendor_s_types_do_not_allow_is_refused(item, param):
    """An item in an event is an item of the schema (§4.9): a client's own types would break on any other."""
    play = Playbook() >> sends("conversation.item.create", item=item)
    assert play.said[-1]["type"] == "error" and play.said[-1]["error"]["param"] == param


@pytest.mark.behaviour("item-vendor-types")
@pytest.mark.parametrize(
    "item",
    [
        {"type": "mcp_list_tools", "server_label": "docs", "tools": [TOOL]},
        {**CALL, "error": {"type": "tool_execution_error", "message": "no"}, "role": "user"},
        {"type": "mcp_approval_response", "approval_request_id": "a", "approve": True, "reason": None},
    ],
)
def test_items_of_mcp_can_be_put_into_the_conversation(item):
    """Documented (§4.9); the playbook checks the events about them with the vendor's types."""
    play = Playbook() >> sends("conversation.item.create", item=item)
    assert play << says(ADDED, item={"type": item["type"]}) << says(DONE)

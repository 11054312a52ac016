"""A client that changes whatever it is given, and whatever it has returned, gets the run of one that copies first."""

import copy
import dataclasses

import msgspec
import numpy as np
import pytest

from harness.audio.chunk import Chunk
from harness.clients.reference import REFERENCE_CLIENTS
from harness.errors import ClientError
from harness.journal import EventAtClient
from harness.protocol import events
from harness.protocol.objects import Content, Item
from harness.world.handover import for_client
from harness.world.play import play
from tests.world.testing import SECOND, Mute, at, inject, run, say, story


def spoil(value, seen=None):
    """Change everything that can be reached from a value."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, dict):
        for each in list(value.values()):
            spoil(each, seen)
        value.clear()
        value["spoilt"] = True
    elif isinstance(value, list):
        for each in value:
            spoil(each, seen)
        value.append("spoilt")
    elif isinstance(value, np.ndarray):
        try:
            value.flags.writeable = True
            value[:] = 77
        except ValueError:
            pass
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            spoil(getattr(value, name), seen)
            msgspec.structs.force_setattr(value, name, None)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            spoil(getattr(value, field.name), seen)
            object.__setattr__(value, field.name, None)
    elif isinstance(value, Chunk):
        spoil(value.samples, seen)
        for name in value.__slots__:
            spoil(getattr(value, name), seen)
            setattr(value, name, None)


class Careful:
    """A reference client behind copies: what it is given, and what it returns, is its own."""

    def __init__(self, name):
        made, defaults = REFERENCE_CLIENTS[name]
        self.inner = made(defaults)
        self.settings = defaults

    def hear(self, chunk, now):
        return self.given(self.inner.hear, chunk, now)

    def receive(self, event, now):
        return self.given(self.inner.receive, event, now)

    def wake(self, now):
        return copy.deepcopy(self.inner.wake(now))

    def next_wake(self):
        return self.inner.next_wake()

    def given(self, method, value, now):
        own = Chunk(value.samples.copy(), value.energy, value.peak, value.pcm) if isinstance(value, Chunk) else value
        return copy.deepcopy(method(own if own is not value else copy.deepcopy(value), now))


class Hostile(Careful):
    """The same, but it changes all that it is given, and later all that it has returned."""

    def __init__(self, name):
        super().__init__(name)
        self.returned = []

    def given(self, method, value, now):
        commands = super().given(method, value, now)
        spoil(value)
        for each in self.returned:
            spoil(each)
        self.returned = list(commands)
        return commands


STORIES = {
    "conversation": story(say(1), say(12), recover_s=30),
    "everything twice": story(say(1), at(2, inject("duplicated-events", 20 * SECOND)), say(12), recover_s=30),
    "lost and looped": story(
        say(1), at(4, inject("looped", 6 * SECOND)), say(9), at(14, inject("closed")), say(20), recover_s=30
    ),
}


@pytest.mark.parametrize("name", ["reported", "resilient", "push_to_talk"])
@pytest.mark.parametrize("scenario", STORIES.values(), ids=STORIES)
def test_whatever_a_client_changes_is_its_own(scenario, name):
    assert run(scenario, Hostile(name)).journal.sha256() == run(scenario, Careful(name)).journal.sha256()


def test_what_a_client_changes_after_it_was_sent_is_not_sent():
    """Instructions, tools and items are dictionaries and lists, which are in flight for some time."""

    class Changing(Mute):
        def __init__(self):
            self.session = {"instructions": "first", "tools": [{"type": "function", "name": "first"}]}
            self.is_sent = False

        def receive(self, event, now):
            if isinstance(event, events.SessionCreated):
                self.is_sent = True
                return [events.SessionUpdate(session=self.session)]
            return []

        def hear(self, chunk, now):
            if self.is_sent:
                spoil(self.session)
            return []

    class Constant(Changing):
        def hear(self, chunk, now):
            return []

    scenario = story(say(1), recover_s=3)
    assert run(scenario, Changing()).journal.sha256() == run(scenario, Constant()).journal.sha256()


def test_settings_that_a_client_changes_are_its_own():
    given = {"nested": {"list": [1]}}

    class Spoiling(Mute):
        def __init__(self, settings):
            spoil(settings)

    journal = play(story(say(1), recover_s=3), Spoiling, settings=given).journal
    assert given == {"nested": {"list": [1]}} == journal.header["settings"]


def test_a_clients_message_is_equal_and_another_object():
    event = events.SessionUpdated(event_id="e", session={"tools": [], "audio": {"input": {"turn_detection": None}}})
    given = for_client(event)
    assert given == event
    assert given is not event
    spoil(given)
    assert event.session == {"tools": [], "audio": {"input": {"turn_detection": None}}}


def test_a_chunk_keeps_its_bytes_whatever_is_done_to_its_samples():
    chunk = Chunk.of(np.arange(480, dtype=np.int16))
    given = chunk.copy()
    given.samples[:] = 0
    assert given.pcm == chunk.pcm == np.arange(480, dtype="<i2").tobytes()
    assert chunk.samples.tolist() == list(range(480))


class Sending(Mute):
    """Sends what it is given, once the session has begun."""

    def __init__(self, command):
        self.command = command

    def receive(self, event, now):
        return [self.command] if isinstance(event, events.SessionCreated) else []


USER = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}
AS_OBJECT = Item(type="message", role="user", content=[Content(type="input_text", text="hello")])


@pytest.mark.parametrize(
    ("plain", "made"),
    [
        (events.ConversationItemCreate(item=USER), events.ConversationItemCreate(item=AS_OBJECT)),
        (events.ResponseCreate(response={"input": [USER]}), events.ResponseCreate(response={"input": [AS_OBJECT]})),
    ],
)
def test_an_item_may_be_a_dictionary(plain, made):
    scenario = story(say(1), recover_s=3)
    one, other = (run(scenario, Sending(event)).journal for event in (plain, made))
    assert one.sha256() == other.sha256()
    assert not list(one.events(EventAtClient, events.ErrorEvent))


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (events.ConversationItemCreate(item="hello"), "Invalid type for 'item': expected object, but got str"),
        (events.ConversationItemCreate(item=None), "Invalid type for 'item'"),
        (
            events.ConversationItemCreate(item={"type": "function_call_output", "call_id": 5, "output": "{}"}),
            "Invalid type for 'item.call_id': expected str, but got int",
        ),
        (events.ConversationItemDelete(item_id=5), "Invalid type for 'item_id': expected str, but got int"),
        (events.ConversationItemRetrieve(item_id=b"item_1"), r"whose item_id is of bytes; decode\(\) it to a str"),
        (events.ResponseCancel(response_id=4), "Invalid type for 'response_id'"),
        (events.ResponseCreate(response=[1]), "Invalid type for 'response': expected object"),
        (events.SessionUpdate(session="realtime"), "Invalid type for 'session': expected object"),
        (events.SessionUpdate(session={"type": "realtime", "tools": [object()]}), "cannot be encoded"),
        ({"type": "response.create"}, r"make it an object, such as ResponseCreate\(\)"),
    ],
)
def test_what_is_no_event_is_said_in_one_sentence(command, sentence):
    with pytest.raises(ClientError, match=sentence) as caught:
        run(story(say(1), recover_s=3), Sending(command))
    assert "\n" not in str(caught.value)

import sys
import types

import pytest

from harness.clients.development import Development
from harness.clients.registry import chunk_ms_of, find_client
from harness.clients.reported import Reported
from harness.clients.resilient import Resilient
from harness.errors import ClientError, SettingError
from tests.world.stories import Mute


@pytest.fixture
def own(monkeypatch):
    """A module ``own_client`` in which the test puts its classes."""
    module = types.ModuleType("own_client")
    monkeypatch.setitem(sys.modules, "own_client", module)
    return module


def test_reference_clients_have_the_settings_of_the_report():
    reported, development, resilient = (
        find_client(name)({}).settings for name in ("reported", "development", "resilient")
    )
    assert (reported.gate_mode, reported.gate_threshold) == ("zeros", 0.03)
    assert (reported.interruption_threshold, reported.watchdog_ms, reported.recovery) == (0.1, 30_000, "off")
    assert (development.gate_mode, development.interruption_threshold) == ("off", 0.02)
    assert (development.watchdog_ms, development.recovery) == (None, "off")
    assert (resilient.gate_threshold, resilient.interruption_threshold) == (0.03, 0.1)
    assert (resilient.watchdog_ms, resilient.recovery) == (None, "ladder")


@pytest.mark.parametrize(("name", "made"), [("reported", Reported), ("development", Development)])
def test_changes_are_made_to_a_clients_own_settings(name, made):
    client = find_client(name)({"chunk_ms": 40})
    assert type(client) is made
    assert client.settings.chunk_ms == 40
    assert client.settings.interruption_threshold == made().settings.interruption_threshold


def test_each_client_is_a_new_one():
    factory = find_client("resilient")
    assert type(factory({})) is Resilient
    assert factory({}) is not factory({})


def test_an_unknown_name_is_told_with_the_nearest_one():
    with pytest.raises(SettingError, match="did you mean 'resilient'"):
        find_client("resilent")


def test_an_own_class_is_loaded_and_given_the_changes(own):
    class Mine(Mute):
        def __init__(self, settings=None):
            self.given = settings

    own.Mine = Mine
    factory = find_client("own_client:Mine")
    assert factory({}).given is None
    assert factory({"chunk_ms": 40}).given == {"chunk_ms": 40}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no_such_module_here:Mine", "ModuleNotFoundError"),
        ("own_client:Absent", "AttributeError"),
        ("own_client:Half", "lacks the method wake; a client has hear, receive, wake, next_wake"),
    ],
)
def test_a_class_that_is_none_is_told_in_one_sentence(own, name, words):
    class Half:
        def hear(self, samples, now): ...
        def receive(self, event, now): ...
        def next_wake(self): ...

    own.Half = Half
    with pytest.raises(ClientError) as raised:
        find_client(name)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("changes", [{}, {"chunk_ms": 40}])
def test_a_class_that_cannot_be_made_is_a_client_error(own, changes):
    class Broken(Mute):
        def __init__(self):
            raise ZeroDivisionError

    own.Broken = Broken
    with pytest.raises(ClientError):
        find_client("own_client:Broken")(changes)


def test_a_client_may_choose_its_chunks():
    client = Mute()
    assert chunk_ms_of(client) == 20
    client.settings = types.SimpleNamespace(chunk_ms=60)
    assert chunk_ms_of(client) == 60


def test_a_client_that_keeps_the_settings_it_was_given_gets_its_chunks():
    client = Mute()
    client.settings = {"chunk_ms": 60}
    assert chunk_ms_of(client) == 60


@pytest.mark.parametrize("chunk_ms", [0, -20, "often"])
def test_chunks_of_no_length_are_refused(chunk_ms):
    client = Mute()
    client.settings = types.SimpleNamespace(chunk_ms=chunk_ms)
    with pytest.raises(ClientError):
        chunk_ms_of(client)

import sys
import types
import zlib

import pytest

from harness.clients import resilient
from harness.clients.reference import Development, Reported, Resilient
from harness.clients.registry import NamedClient, chunk_ms_of, find_client
from harness.errors import ClientError, SettingError
from harness.scenario.loader import load, shipped_scenarios
from harness.world.play import play
from tests.world.testing import Mute, say, story


@pytest.fixture
def own(monkeypatch):
    """A module ``own_client`` in which the test puts its classes."""
    module = types.ModuleType("own_client")
    monkeypatch.setitem(sys.modules, "own_client", module)
    return module


def test_reference_clients_have_the_settings_of_the_report():
    reported, development, recovering = (
        find_client(name).make({}).settings for name in ("reported", "development", "resilient")
    )
    assert (reported.gate_mode, reported.gate_threshold) == ("zeros", 0.03)
    assert (reported.interruption_threshold, reported.watchdog_ms, reported.recovery) == (0.1, 30_000, "off")
    assert (development.gate_mode, development.interruption_threshold) == ("off", 0.02)
    assert (development.watchdog_ms, development.recovery) == (None, "off")
    assert (recovering.gate_threshold, recovering.interruption_threshold) == (0.03, 0.1)
    assert (recovering.watchdog_ms, recovering.recovery) == (None, "ladder")


@pytest.mark.parametrize(("name", "made"), [("reported", Reported), ("development", Development)])
def test_changes_are_made_to_a_clients_own_settings(name, made):
    client = find_client(name).make({"chunk_ms": 40})
    assert type(client) is made
    assert client.settings.chunk_ms == 40
    assert client.settings.interruption_threshold == made().settings.interruption_threshold


def test_each_client_is_a_new_one():
    chosen = find_client("resilient")
    assert chosen.name == "resilient"
    assert type(chosen.make({})) is Resilient
    assert chosen.make({}) is not chosen.make({})


def test_an_unknown_name_is_refused_with_the_nearest_one():
    with pytest.raises(SettingError, match="did you mean 'resilient'"):
        find_client("resilent")


def test_an_own_class_is_loaded_and_given_the_changes(own):
    class Mine(Mute):
        def __init__(self, settings=None):
            self.given = settings

    own.Mine = Mine
    for choice in ("own_client:Mine", Mine):
        chosen = find_client(choice)
        assert chosen.make({}).given is None
        assert chosen.make({"chunk_ms": 40}).given == {"chunk_ms": 40}


def test_a_class_has_the_name_that_would_load_it():
    assert find_client(Mute).name == "tests.world.testing:Mute"
    assert find_client("tests.world.testing:Mute").name == "tests.world.testing:Mute"


def test_a_named_client_is_itself():
    named = NamedClient("mine", lambda changes: Mute())
    assert find_client(named) is named


def test_a_client_object_is_refused_in_one_sentence():
    """A run needs a new client each time."""
    with pytest.raises(ClientError, match="give a class") as raised:
        find_client(Mute())
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "client", [Development, "harness.clients.reference:Development", NamedClient("mine", lambda _: Mute())]
)
def test_each_choice_of_a_client_plays_and_its_name_is_in_the_journal(client):
    run = play(story(say(1), recover_s=3), client, detector="energy")
    assert run.journal.header["client"] == run.client == find_client(client).name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no_such_module_here:Mine", "ModuleNotFoundError"),
        ("own_client:Absent", "AttributeError"),
        ("own_client:Half", "lacks the method wake; a client has hear, receive, wake, next_wake"),
    ],
)
def test_a_class_that_is_no_client_is_refused_in_one_sentence(own, name, words):
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
        find_client("own_client:Broken").make(changes)


CHANGING_SETTINGS = [path.stem for path in shipped_scenarios() if "\nclient:" in path.read_text()]


@pytest.mark.parametrize("name", CHANGING_SETTINGS)
def test_a_class_without_settings_plays_scenarios_that_change_client_settings(own, name):
    """It is played as it is, with chunks of 20 ms whatever the scenario's ``chunk_ms``."""
    chunks_ms = set()

    class Plain(Mute):
        def hear(self, chunk, now):
            chunks_ms.add(chunk.samples.size / 24)
            return super().hear(chunk, now)

    own.Plain = Plain
    assert load(name).client
    play(load(name), "own_client:Plain", detector="energy", settings={"chunk_ms": 40})
    play(load(name), Plain, detector="energy")
    assert chunks_ms == {20}


def test_the_module_of_0_1_0_still_has_its_names():
    assert resilient.Resilient is Resilient
    assert Resilient().settings == resilient.SETTINGS


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


METHODS = "".join(f"    def {name}(self, *_): return []\n" for name in ("hear", "receive", "wake", "next_wake"))


@pytest.mark.parametrize(
    "error", ["SystemExit(0)", "CancelledError()", "GeneratorExit()", "KeyboardInterrupt()", "BaseException('x')"]
)
@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("{raises}\n", 2),
        ("class Mine:\n    {raises}\n", 3),
        ("class Mine:\n    def __init__(self): {raises}\n" + METHODS, 3),
        ("class Mine:\n    @property\n    def settings(self): {raises}\n" + METHODS, 4),
        ("class Mine:\n    def __getattribute__(self, name): {raises}\n" + METHODS, 3),
        ("class Meta(type):\n    def __getattribute__(cls, name): {raises}\nclass Mine(metaclass=Meta): pass\n", 3),
    ],
    ids=["module", "class", "init", "settings", "attributes", "metaclass"],
)
def test_a_class_that_raises_anything_is_a_client_error_with_its_line(tmp_path, monkeypatch, where, line, error):
    text = "from asyncio import CancelledError\n" + where.format(raises=f"raise {error}")
    name = f"raises_{zlib.crc32(text.encode())}"
    (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ClientError) as raised:
        chunk_ms_of(find_client(f"{name}:Mine").make({}))
    message = str(raised.value)
    assert message.startswith(f"{tmp_path / name}.py:{line}: client ")
    assert error.partition("(")[0] in message
    assert "\n" not in message


def test_settings_reach_a_class_that_passes_on_what_it_is_given():
    class Base:
        def __init__(self, settings=None):
            self.settings = settings

        def hear(self, *_):
            return []

        receive = wake = hear

        def next_wake(self):
            return None

    class Wrapped(Base):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)

    class Positional(Base):
        def __init__(self, settings=None, /):
            super().__init__(settings)

    changes = {"gate_mode": "off"}
    assert find_client(Wrapped).make(changes).settings == changes
    assert find_client(Positional).make(changes).settings is None

"""A client under test may do anything: the answer is one sentence, and the run ends."""

import asyncio
import enum
import json
import os
import signal

import numpy as np
import pytest

from harness.clients.interface import Connect, Disconnect, Log, Opened, Play, PlaybackEnded, TellUser
from harness.errors import ClientError, InputError
from harness.faults import SourceFault
from harness.faults.seams import Distortion
from harness.journal import (
    ClientLog,
    ClientTellsUser,
    ConnectionClosed,
    EventAtClient,
    MicrophoneAudio,
    UplinkAudio,
)
from harness.protocol import events
from harness.scenario.model import Inject
from harness.world.play import play
from tests.world.testing import SECOND, Mute, Open, at, kinds, logged, run, say, story, times


class Hang(BaseException):
    """Raised in a run that hangs; the world takes it for the client's."""


OPEN_US = 120_000
"""Three latencies: from here on what is sent arrives."""
SHORT = story(say(1), recover_s=3)


@pytest.fixture(autouse=True)
def _no_hang():
    """A run that hangs is stopped after 60 s of real time, and again if that was not noticed."""

    stopped = []

    def stop(signum, frame):
        stopped.append(signum)
        raise Hang

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 60.0, 0.5)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    assert not stopped, "the run hung"


def client(**methods):
    return type("Own", (Mute,), methods)()


def broken(tested, scenario=SHORT):
    with pytest.raises(ClientError) as raised:
        run(scenario, tested)
    message = str(raised.value)
    assert "\n" not in message
    return message


def throw(*_):
    raise ZeroDivisionError("oops")


class Halved(SourceFault):
    """A fault of the tests: two chunks of half the length in place of one."""

    name = "halved"

    def begin(self, rng):
        class Halves(Distortion):
            def chunk(self, samples, playing):
                return samples[: samples.size // 2], samples[samples.size // 2 :]

        return Halves()


def samples_of(journal, levels):
    return sum(entry.samples for entry in journal.select(levels))


def test_a_client_hears_each_chunk_that_a_fault_delivers_at_its_time():
    tested = Open()
    journal = run(story(at(5, Inject(Halved(), SECOND)), say(7)), tested).journal
    sizes = [samples.size for now, samples in tested.chunks if 5 * SECOND < now <= 6 * SECOND]
    assert sizes == [240] * 100
    assert samples_of(journal, MicrophoneAudio) == sum(samples.size for _, samples in tested.chunks)
    assert samples_of(journal, UplinkAudio) == sum(samples.size for now, samples in tested.chunks if now >= OPEN_US)


def test_silence_that_is_sent_is_as_long_as_it_is_whatever_was_heard():
    """20 ms of zeros for each chunk, once the connection is open."""
    calls = []

    def hear(self, chunk, now):
        calls.append(now)
        return [events.InputAudioBufferAppend(audio=bytes(960))]

    journal = run(story(say(1), at(5, Inject(Halved(), SECOND)), say(7)), client(hear=hear)).journal
    assert samples_of(journal, UplinkAudio) == 480 * len([now for now in calls if now >= OPEN_US])


METHODS = ("hear", "receive", "wake", "next_wake")


@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_raises_is_told_with_its_place_and_time(method):
    methods = {"next_wake": lambda self: 500_000} if method == "wake" else {}
    message = broken(client(**{**methods, method: throw}))
    assert f"the client raised ZeroDivisionError in {method}() at " in message
    assert "test_tested.py:" in message
    assert message.endswith(" s: oops")


def exits(error):
    def method(self, *_):
        raise error

    return method


@pytest.mark.parametrize("leave", ["_exit", "execv"])
def test_a_client_cannot_end_the_process_of_the_tests(leave):
    """Its exit code 0 would be a pass of all of them."""
    arguments = (0,) if leave == "_exit" else ("/bin/true", ["true"])
    before = getattr(os, leave)
    message = broken(client(hear=lambda self, chunk, now: getattr(os, leave)(*arguments)))
    assert f"the client raised SystemExit in hear() at 0.020 s: os.{leave}(" in message
    assert getattr(os, leave) is before


class Unspeakable(Exception):
    def __str__(self):
        raise SystemExit(0)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "error",
    [SystemExit(0), asyncio.CancelledError(), GeneratorExit(), KeyboardInterrupt(), Hang("x"), Unspeakable()],
    ids=lambda error: type(error).__name__,
)
def test_whatever_a_method_raises_is_the_clients(method, error):
    methods = {"next_wake": lambda self: 500_000} if method == "wake" else {}
    message = broken(client(**{**methods, method: exits(error)}))
    assert f"the client raised {type(error).__name__} in {method}() at " in message


def test_ctrl_c_is_the_users():
    """Python raises it by itself, between two instructions of whatever runs."""

    def hear(self, chunk, now):
        signal.raise_signal(signal.SIGINT)
        return []

    with pytest.raises(KeyboardInterrupt):
        run(SHORT, client(hear=hear))


def test_what_a_library_raises_is_told_with_the_clients_own_line():
    def hear(self, chunk, now):
        return json.loads("{")

    line = hear.__code__.co_firstlineno + 1
    assert broken(client(hear=hear)).startswith(f"{__file__}:{line}: the client raised JSONDecodeError in hear()")


class Evil:
    """Neither its text nor its length nor its truth can be had."""

    def __repr__(self):
        raise SystemExit(0)

    __len__ = __bool__ = __str__ = __iter__ = __eq__ = __hash__ = __repr__


@pytest.mark.parametrize("where", ["returned", "command", "audio", "item", "text", "log", "code", "wake"])
def test_an_object_of_which_nothing_can_be_had_is_told(where):
    evil = Evil()
    commands = {
        "returned": evil,
        "command": [evil],
        "audio": [Play(evil, "i", "r")],
        "item": [events.ConversationItemCreate(item=evil)],
        "text": [TellUser(evil)],
        "log": [Log("x", {"x": evil})],
        "code": [Disconnect(evil)],
        "wake": [],
    }[where]
    methods = {"next_wake": lambda self: evil} if where == "wake" else {}
    broken(client(hear=lambda self, chunk, now: commands, **methods))


def test_what_is_returned_wrong_is_told_alike_in_every_process():
    """An address would make one mistake look like many."""
    assert " at 0x" not in broken(client(hear=lambda self, chunk, now: Mute()))
    assert "<tests.world.testing.Mute object>" in broken(client(hear=lambda self, chunk, now: Mute()))


class EvilList(list):
    def __iter__(self):
        raise SystemExit(0)

    __bool__ = __len__ = __getitem__ = __iter__


class Word(enum.StrEnum):
    MINE = "mine"


class Whole(int):
    def __lt__(self, other):
        raise SystemExit(0)

    __gt__ = __eq__ = __le__ = __ge__ = __add__ = __index__ = __int__ = __lt__
    __hash__ = int.__hash__


def test_subclasses_of_plain_types_are_taken_for_what_they_hold():
    log = logged(run(SHORT, client(hear=lambda self, chunk, now: EvilList([Log(Word.MINE, {"n": 1})]))).journal, "mine")
    assert log[0] == {"n": 1}
    wakes = []
    run(
        SHORT,
        client(
            next_wake=lambda self: None if wakes else Whole(500_000), wake=lambda self, now: wakes.append(now) or []
        ),
    )
    assert wakes == [500_000]


@pytest.mark.parametrize("code", [5, 0, -1, 999, 1004, 1005, 1006, 1015, 2999, 5000, 10**30, True])
def test_a_close_code_that_no_frame_may_hold_is_told(code):
    """RFC 6455, section 7.4.1."""
    assert "Disconnect" in broken(client(hear=lambda self, chunk, now: [Disconnect(code)]))


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1014, 3000, 4999])
def test_a_close_code_of_a_client(code):
    journal = run(SHORT, client(hear=lambda self, chunk, now: [Disconnect(code)] if now == SECOND else [])).journal
    assert [entry.code for entry in journal.select(ConnectionClosed)] == [code]


HALF = "half \ud83d of a pair"


@pytest.mark.parametrize(
    "command",
    [
        Log(HALF, {}),
        Log("x", {"text": HALF}),
        Log("x", {HALF: 1}),
        TellUser(HALF),
        Play(bytes(960), HALF, "r"),
        Play(bytes(960), "i", HALF),
        Play(bytes(960), "i", "r", HALF),
        events.ConversationItemDelete(item_id=HALF),
        events.SessionUpdate(session={"instructions": HALF}),
    ],
    ids=str,
)
def test_half_of_a_surrogate_pair_is_told(command):
    broken(client(hear=lambda self, chunk, now: [command]))


def test_a_fault_of_the_users_own_that_raises_is_told_with_its_line():
    class Bad(SourceFault):
        """A fault of the tests."""

        name = "bad"

        def begin(self, rng):
            raise SystemExit(0)

    with pytest.raises(InputError, match=r"test_tested\.py:\d+: a fault of your own raised SystemExit at 1\.000 s: 0"):
        run(story(at(1, Inject(Bad(), SECOND)), say(3)))


def test_what_a_clients_module_asked_numpy_for_does_not_matter():
    with np.errstate(all="raise"):
        asked = run(story(say(1)), "reported").journal.sha256()
    assert asked == run(story(say(1)), "reported").journal.sha256()


@pytest.mark.parametrize("method", ["hear", "receive", "wake"])
@pytest.mark.parametrize("given", [None, (), "junk", 7])
def test_what_is_no_list_is_told(method, given):
    methods = {"next_wake": lambda self: 500_000} if method == "wake" else {}

    def answer(self, *_):
        return given

    assert f"returned {given!r}; it must return a list of commands" in broken(client(**{**methods, method: answer}))


@pytest.mark.parametrize("junk", ["append", None, 7, {"type": "input_audio_buffer.clear"}, Opened()])
def test_junk_among_the_commands_is_told(junk):
    message = broken(client(hear=lambda self, chunk, now: [junk]))
    assert repr(junk) in message
    assert "neither a client event nor a command" in message


@pytest.mark.parametrize("wake", ["soon", 1.5, [1]])
def test_a_wake_that_is_no_time_is_told(wake):
    assert "next_wake() returned" in broken(client(next_wake=lambda self: wake))


@pytest.mark.parametrize("wake", [0, -1, -(10**12)])
def test_to_be_woken_in_the_past_for_ever_is_told(wake):
    assert "move next_wake() on" in broken(client(next_wake=lambda self: wake))


def test_to_be_woken_often_is_allowed():
    """Every millisecond, three times at each."""

    class Busy(Mute):
        due, left, wakes = 0, 3, 0

        def wake(self, now):
            self.wakes += 1
            self.left -= 1
            if not self.left:
                self.due, self.left = now + 1_000, 3
            return []

        def next_wake(self):
            return self.due

    busy = Busy()
    run(SHORT, busy)
    assert busy.wakes > 3 * 5_000


SERVER_EVENT = events.SessionCreated(event_id="e", session={})


@pytest.mark.parametrize(
    "command",
    [
        SERVER_EVENT,
        events.InputAudioBufferAppend(audio="abc"),
        events.ConversationItemCreate(item="x"),
        Log("line", {"kind": "mine"}),
        Log("line", {"t": 1}),
        Log("line", {1: "one"}),
        Log("line", None),
    ],
    ids=[
        "server event",
        "append of text",
        "item of text",
        "log of kind",
        "log of t",
        "log of a number",
        "log of nothing",
    ],
)
def test_a_command_with_junk_inside_is_told(command):
    broken(client(hear=lambda self, chunk, now: [command]))


def test_a_log_that_cannot_be_written_is_told():
    with pytest.raises(ClientError):
        run(SHORT, client(hear=lambda self, chunk, now: [Log("line", {"o": object()})])).journal.sha256()


@pytest.mark.parametrize("name", ["self", "now", "connection"])
def test_a_log_may_name_its_fields_as_it_likes(name):
    found = run(SHORT, client(hear=lambda self, chunk, now: [Log("line", {name: 7})])).journal
    assert logged(found, "line")[0] == {name: 7}


def test_to_dial_again_as_soon_as_the_connection_opens_does_not_break_the_world():
    dials = [Connect(), None]

    def receive(self, event, now):
        return [dials.pop(0)] if isinstance(event, Opened) and dials[0] else []

    found = run(SHORT, client(receive=receive)).journal
    assert kinds(found, "connection")[:5] == ["dial", "open", "closed", "dial", "open"]


class Eager(Mute):
    """Answers each of some messages at once, and is taken for endless when time has stood still too long."""

    PATIENCE = 50_000

    def __init__(self, answered, command):
        self.answered, self.command, self.left = answered, command, self.PATIENCE

    def receive(self, event, now):
        if not isinstance(event, self.answered):
            return []
        self.left -= 1
        if not self.left:
            raise Hang
        return [self.command]


UPDATE = events.SessionUpdate(session={"type": "realtime"})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answered", "command"),
    [
        pytest.param((events.SessionCreated, events.SessionUpdated), UPDATE, id="updates without latency"),
        pytest.param((Opened, PlaybackEnded), Play(b"", "item", "resp"), id="playback of nothing"),
    ],
)
def test_an_endless_exchange_in_no_time_is_told(answered, command):
    broken(Eager(answered, command), story(say(1), recover_s=3, latency_us=0, jitter_us=0))


# --- commands that are obeyed ---


def test_chunks_come_every_20_ms_from_the_start():
    tested = Open()
    run(SHORT, tested)
    assert [now for now, _ in tested.chunks[:3]] == [20_000, 40_000, 60_000]
    assert {len(samples) for _, samples in tested.chunks} == {480}


def test_a_client_is_woken_when_it_asked_for():
    woken = []

    class Sleeper(Mute):
        due = 700_001

        def wake(self, now):
            woken.append(now)
            self.due = 2 * SECOND if now < SECOND else None
            return []

        def next_wake(self):
            return self.due

    run(SHORT, Sleeper())
    assert woken == [700_001, 2 * SECOND]


def test_a_client_that_leaves_is_told_so_and_stays_away():
    class Leaver(Open):
        def hear(self, chunk, now):
            return [Disconnect(1000)] if now == SECOND else super().hear(chunk, now)

    tested = Leaver()
    journal = run(SHORT, tested).journal
    assert kinds(journal, "connection") == ["dial", "open", "closed"]
    assert times(journal, ConnectionClosed) == [SECOND]
    assert not [now for now, event in tested.told if isinstance(event, events.Event) and now > SECOND]


def test_what_a_client_tells_the_user_and_logs_is_in_the_journal():
    def hear(self, chunk, now):
        return [TellUser("speak up"), Log("mood", {"good": True})] if now == SECOND else []

    journal = run(SHORT, client(hear=hear)).journal
    assert [entry.document() for entry in journal.select(ClientTellsUser, ClientLog)] == [
        {"t": SECOND, "lane": "client", "kind": "tells_user", "text": "speak up"},
        {"t": SECOND, "lane": "client", "kind": "mood", "good": True},
    ]


def test_sending_without_a_connection_is_lost_and_harmless():
    def hear(self, chunk, now):
        return [Disconnect(), events.InputAudioBufferClear(), events.InputAudioBufferAppend(audio=chunk.pcm)]

    journal = run(SHORT, client(hear=hear)).journal
    assert "input_audio_buffer.clear" not in kinds(journal, "client")
    assert list(journal.select(UplinkAudio)) == []


@pytest.mark.parametrize(
    ("kind", "fields", "is_taken"),
    [
        ("pong", {"connection": 1}, False),
        ("error", {"connection": 1}, False),
        ("tells_user", {"text": "x"}, False),
        ("error", {"why": "x"}, True),
        ("pong", {"why": "x"}, True),
        ("remedy", {"symptom": "x", "remedy": "y"}, True),
    ],
)
def test_a_log_that_would_be_read_back_as_another_entry_is_refused(kind, fields, is_taken):
    """Else a client could write, say, pongs that it never received, and a diagnosis of the file would believe them."""

    class Logs:
        def hear(self, chunk, now):
            return [Log(kind, fields)] if now < 100_000 else []

        def receive(self, event, now):
            return []

        def wake(self, now):
            return []

        def next_wake(self):
            return None

    scenario = story(say(1), recover_s=1)
    if is_taken:
        assert any(entry.kind == kind for entry in play(scenario, Logs, detector="energy").journal.select(ClientLog))
    else:
        with pytest.raises(ClientError, match=f"the client logged '{kind}' .*; rename the kind"):
            play(scenario, Logs, detector="energy")


# --- dictionaries in place of objects ---


MESSAGE = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}


@pytest.mark.parametrize(
    "command",
    [
        events.ConversationItemCreate(item=MESSAGE),
        events.ResponseCreate(response={"conversation": "none", "input": [MESSAGE]}),
    ],
    ids=["item", "response"],
)
def test_a_dictionary_will_do_for_an_item(command):
    """As the service's own libraries take one."""
    tested = client(receive=lambda self, event, now: [command] if isinstance(event, events.SessionCreated) else [])
    journal = run(SHORT, tested).journal
    assert times(journal, EventAtClient, type(command))
    assert times(journal, EventAtClient, events.ErrorEvent) == []


def test_a_dictionary_that_is_no_item_is_one_sentence():
    for item in ({"role": "user"}, {"type": 7}, {"type": "message", "content": "hello"}):
        command = events.ConversationItemCreate(item=item)
        tested = client(receive=lambda self, event, now, command=command: [command])
        assert "no valid client event" in broken(tested)

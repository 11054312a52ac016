"""The client under test: gives it chunks, messages and wake-ups, and executes its commands."""

from collections.abc import Callable
from types import FrameType
from typing import Any

from ..audio.chunk import Chunk
from ..audio.formats import PCM24K, SAMPLE_RATE_HZ, sample_count
from ..clients.interface import (
    Client,
    Closed,
    Connect,
    DialFailed,
    Disconnect,
    Log,
    MarkPlayback,
    Opened,
    Ping,
    Play,
    ReopenCapture,
    ResumePlayback,
    Signal,
    StopPlayback,
    TellUser,
)
from ..errors import ClientError
from ..journal import (
    ClientDisconnects,
    ClientLog,
    ClientReopensCapture,
    ClientTellsUser,
    Journal,
    MicrophoneAudio,
)
from ..protocol.events import Event, InputAudioBufferAppend
from ..scenario.model import App, PageStep
from ..scenario.profiles import Timers
from ..units import SECOND
from ..user_code import defined_at, innermost_line, is_interrupt, own_line, raised, shown
from .call import CallConnection
from .connection import Connection
from .damage import Damaged
from .handover import commands_from, for_client, from_client, wake_from
from .microphone import Microphone
from .network import Dial, FromServer, Network
from .scheduler import Scheduler
from .speaker import Speaker
from .tape import Tape
from .tested_part import SwitchedPart
from .timers import allowed_at
from .uplink import Uplink

DIAL_TIMEOUT_US = 5 * SECOND
"""A dial without an answer fails after this, unless TCP asked again before, when there was a network."""
CLOSE_TIMEOUT_US = 10 * SECOND
"""The client stops waiting for the answer to its Close after this, as most WebSocket libraries do."""
CALLS_IN_A_SECOND = 50_000
"""A client that is called more often in a second of virtual time is in an endless loop."""


class TestedClient:
    """Drives one client: a :class:`harness.world.world.TestedPart`, and the :class:`ClientEnd` of its connection.

    Raises :exc:`ClientError` if it raises, or returns anything but a list of commands.
    """

    __test__ = False
    is_page = False

    def __init__(
        self,
        client: Client,
        scheduler: Scheduler,
        journal: Journal,
        microphone: Microphone,
        speaker: Speaker,
        network: Network,
        *,
        chunk_us: int,
    ) -> None:
        self._hear, self._receive, self._wake_client, self._next_wake = _methods(client)
        self._scheduler = scheduler
        self._journal = journal
        self._microphone = microphone
        self._speaker = speaker
        self._network = network
        self._calls_by_media = network.call_speaker is not None
        self._chunk_us = chunk_us
        self._heard: Chunk | None = None
        self._chunk_size = sample_count(chunk_us)
        self._silence = bytes(PCM24K.bytes_per_sample * self._chunk_size)
        self._captured = network.captured
        self._dial: Dial | None = None
        self._capture_tape = Tape(lambda began, _, levels, __: journal.add(MicrophoneAudio(t=began, **levels)))
        self._uplink = Uplink(scheduler, journal, network)
        self._wake_at: int | None = None
        self._timers: Timers | None = None
        self._called_in = -1
        self._calls = 0
        self._commands: dict[type, Callable[[Any], None]] = {
            Connect: lambda _: self._connect(),
            Disconnect: self._disconnect,
            Ping: self._send,
            Play: speaker.play,
            MarkPlayback: lambda mark: speaker.mark(mark.name),
            StopPlayback: lambda _: speaker.stop(),
            ReopenCapture: self._reopen_capture,
            ResumePlayback: lambda _: speaker.resume(),
            Log: self._log,
            TellUser: lambda command: journal.add(ClientTellsUser(t=scheduler.now, text=command.text)),
        }

    # --- what the world calls ---

    def begin(self) -> None:
        """Dial the first connection, and start the capture."""
        self._connect()
        self._scheduler.at(self._chunk_us, self._tick)
        self._schedule_wake()

    def end(self) -> None:
        """Write the levels of the last, incomplete windows."""
        self._capture_tape.flush()
        self._uplink.flush()

    def tell(self, message: Event | Signal) -> None:
        """Give the client an event or a signal."""
        self._count_call()
        commands = self._call("receive", self._receive, for_client(message), self._scheduler.now)
        self._execute(commands, self._receive)
        self._schedule_wake()

    def throttle(self, timers: Timers | None) -> None:
        """Slow the client's timers down from now on; None: they are on time again, and overdue ones fire now."""
        self._timers = timers
        if timers is None and self._wake_at is not None:
            self._scheduler.at(self._wake_at, self._wake, self._wake_at)

    def switch(self, action: App) -> frozenset[SwitchedPart]:
        """No platform is around it: the world imitates all that a switch does."""
        return frozenset()

    def act(self, action: PageStep) -> None:
        """There is no page; the world has checked that."""

    # --- what the network calls ---

    def reached(self, dial: Dial) -> None:
        """Nothing: a client's dial asks for a WebSocket at once."""

    def opened(self, dial: Dial, connection: Connection) -> None:
        """The connection is open."""
        self.tell(Opened(connection.transport))

    def failed(self, dial: Dial, reason: str) -> None:
        """The dial failed."""
        self.tell(DialFailed(reason))

    def receive(self, connection: Connection, message: FromServer) -> None:
        """A message arrived; one that cannot be read is ignored."""
        arrived = message.event if isinstance(message, Damaged) else message
        if arrived is not None:
            self.tell(arrived)

    # --- time ---

    def _tick(self, _: object) -> None:
        """Deliver one chunk. Almost all time of a run is spent here."""
        now = self._scheduler.now
        delivered = self._microphone.capture(now)
        later = sum(chunk.size for chunk in delivered) if len(delivered) > 1 else 0
        for chunk in delivered:
            self._heard, given = chunk, chunk.copy()
            self._capture_tape.add(now, chunk.size, chunk.energy, chunk.peak)
            if later:
                later -= chunk.size
            if chunk.peak:
                self._captured.add(chunk, now - later * SECOND // SAMPLE_RATE_HZ if later else now)
            commands = self._call("hear", self._hear, given, now)
            if commands:
                self._execute(commands, self._hear)
            if self._calls_by_media:
                self._send_silence(chunk.size)
            self._schedule_wake()
        if delivered and self._calls_by_media and isinstance(call := self._network.connection, CallConnection):
            call.send_media(self._chunk_us)
        self._scheduler.at(now + self._chunk_us, self._tick)

    def _send_silence(self, size: int) -> None:
        """A track carries silence where the page gave nothing of a chunk to it."""
        call = self._network.connection
        if isinstance(call, CallConnection) and call.captured(size):
            self._uplink.chunk(size, 0, 0, call)

    def _wake(self, wake: int) -> None:
        if self._wake_at != wake:
            return
        if self._timers is not None:
            allowed = allowed_at(self._timers, self._scheduler.now, playing=self._speaker.playing)
            if allowed != self._scheduler.now:
                if allowed is not None:
                    self._scheduler.at(allowed, self._wake, wake)
                return
        self._wake_at = None
        self._count_call()
        self._execute(self._call("wake", self._wake_client, self._scheduler.now), self._wake_client)
        self._schedule_wake()

    def _count_call(self) -> None:
        second = self._scheduler.now // SECOND
        self._calls = self._calls + 1 if second == self._called_in else 1
        self._called_in = second
        if self._calls > CALLS_IN_A_SECOND:
            raise ClientError(
                f"from {second} s on, the client was called {CALLS_IN_A_SECOND} times within a second; this is an "
                "endless loop: let wake() move next_wake() on, and answer no signal with a command that causes it again"
            )

    def _schedule_wake(self) -> None:
        try:
            returned = self._next_wake()
        except BaseException as error:  # whatever a user's class raises
            raise self._error_in("next_wake", self._next_wake, error) from error
        if returned is None:
            self._wake_at = None
            return
        try:
            wake = returned if type(returned) is int else wake_from(returned)
        except ClientError as error:
            raise _placed(error, self._next_wake) from None
        if wake == self._wake_at:
            return
        self._wake_at = wake
        if wake is not None:
            self._scheduler.at(wake, self._wake, wake)

    def _call(self, name: str, method: Callable[..., Any], *arguments: Any) -> list[Any]:
        try:
            returned = method(*arguments)
        except BaseException as error:  # whatever a user's class raises
            told = self._error_in(name, method, error)
            if told is error:
                raise
            raise told from error
        if type(returned) is list:
            return returned.copy()
        try:
            return commands_from(returned, name)
        except ClientError as error:
            raise _placed(error, method) from None

    def _error_in(self, name: str, method: Callable[..., Any], error: BaseException) -> BaseException:
        """The error of a method in one sentence, or the user's Ctrl-C."""
        if is_interrupt(error):
            return error
        if isinstance(error, ClientError) and not own_line(error):
            return error  # of a worklet, with its own file and line
        place = own_line(error) or defined_at(method) or innermost_line(error)
        where = f" in {name}() at {self._scheduler.now / SECOND:.3f} s"
        return ClientError(f"{place}: the client raised {raised(error, where)}")

    def _execute(self, commands: list[Any], method: Callable[..., Any]) -> None:
        """Do what ``method`` returned."""
        for command in commands:
            if type(command) is InputAudioBufferAppend and type(command.audio) is bytes and command.event_id is None:
                connection = self._network.connection
                if connection is not None:
                    audio = command.audio
                    if connection.append(audio):
                        self._note_append(audio, connection)
                continue
            try:
                checked = from_client(command)
            except ClientError as error:
                raise _placed(error, method) from None
            if isinstance(checked, Event):
                self._send(checked)
            else:
                self._commands[type(checked)](checked)

    def _note_append(self, audio: bytes, connection: Connection) -> None:
        """Measure what is sent, unless it is the last chunk or silence of that length, whose levels are known."""
        heard = self._heard
        if heard is not None:
            if audio is self._silence or audio == self._silence:
                self._uplink.chunk(self._chunk_size, 0, 0, connection)
                return
            if audio is heard.pcm:
                self._uplink.chunk(heard.size, heard.energy, heard.peak, connection)
                return
        self._uplink.audio(audio, connection)

    def _send(self, message: Event | Ping) -> None:
        connection = self._network.connection
        if connection is None:
            return
        if isinstance(message, Event):
            self._uplink.event(message, connection)
        connection.send(message)

    # --- its other commands ---

    def _connect(self) -> None:
        """Leave the connection that there is, and dial a new one; an earlier dial is forgotten."""
        if self._network.connection is not None:
            self._network.leave(self._network.connection, 1000)
        if self._dial is not None:
            self._dial.is_over = True
        self._dial = self._network.dial(self, DIAL_TIMEOUT_US)

    def _disconnect(self, command: Disconnect) -> None:
        connection = self._network.connection
        if connection is None:
            return
        self._journal.add(ClientDisconnects(t=self._scheduler.now, code=command.code))
        if self._network.leave(connection, command.code):
            self.tell(Closed(command.code))
        else:
            self._scheduler.at(self._scheduler.now + CLOSE_TIMEOUT_US, self._close_unanswered, self._dial)

    def _close_unanswered(self, dial: Dial | None) -> None:
        if dial is self._dial:
            self.tell(Closed(1006, "the Close was not answered"))

    def _reopen_capture(self, _: ReopenCapture) -> None:
        self._journal.add(ClientReopensCapture(t=self._scheduler.now))
        self._microphone.reopen(self._scheduler.now)

    def _log(self, log: Log) -> None:
        self._journal.add(ClientLog(t=self._scheduler.now, kind=log.kind, fields=log.fields))


def _methods(client: Client) -> tuple[Callable[..., Any], ...]:
    try:
        methods = client.hear, client.receive, client.wake, client.next_wake
    except BaseException as error:  # whatever a user's class raises
        if is_interrupt(error):
            raise
        place = own_line(error)
        why = f"the client has no methods to call: {raised(error)}"
        raise ClientError(f"{place}: {why}" if place else why) from error
    for name, method in zip(("hear", "receive", "wake", "next_wake"), methods, strict=True):
        if not callable(method):
            raise ClientError(f"the client's {name} is {shown(method)}, which cannot be called; make it a method")
    return methods


def _placed(error: ClientError, method: Callable[..., Any]) -> ClientError:
    """The error of what a method returned, with the place of the method."""
    place = defined_at(method)
    return ClientError(f"{place}: {error}") if place else error


def running_method(frame: FrameType | None) -> tuple[str, int] | None:
    """The client's method that has not returned, in a stack that runs, and the virtual time; None if there is none."""
    while frame is not None:
        if frame.f_code in (TestedClient._call.__code__, TestedClient._schedule_wake.__code__):
            return f"{frame.f_locals.get('name', 'next_wake')}()", frame.f_locals["self"]._scheduler.now
        frame = frame.f_back
    return None

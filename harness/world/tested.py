"""The client under test in the world: its chunks, its messages, its wake-ups, and doing what it asks for."""

from collections.abc import Callable
from typing import Any, Protocol

from harness.audio.formats import SAMPLE_RATE_HZ
from harness.clients.interface import (
    Client,
    Command,
    Connect,
    Disconnect,
    Log,
    Ping,
    Play,
    ReopenCapture,
    ResumePlayback,
    StopPlayback,
    TellUser,
)
from harness.errors import ClientError
from harness.journal import Journal
from harness.protocol.events import Event, InputAudioBufferAppend, event_type
from harness.protocol.summary import summary
from harness.units import SECOND
from harness.world.connection import Connection
from harness.world.microphone import Microphone
from harness.world.scheduler import Scheduler
from harness.world.speaker import Speaker
from harness.world.tape import Tape

WAKES_AT_ONE_TIME = 100
"""A client that wants to be woken more often than this without time passing is broken."""


class World(Protocol):
    """What a client's commands act on."""

    scheduler: Scheduler
    journal: Journal
    microphone: Microphone
    speaker: Speaker
    connection: Connection | None

    def dial(self) -> None: ...
    def leave(self, code: int) -> None: ...


class TestedClient:
    """Drives one client. Raises :exc:`ClientError` if it raises or hands back what is no list of commands."""

    __test__ = False

    def __init__(self, client: Client, world: World, *, chunk_us: int) -> None:
        self._hear, self._receive = client.hear, client.receive
        self._wake_client, self._next_wake = client.wake, client.next_wake
        self._world = world
        self._chunk_us = chunk_us
        self._chunk_samples = chunk_us * SAMPLE_RATE_HZ // SECOND
        self._captured = Tape(world.journal, "microphone")
        self._sent = Tape(world.journal, "uplink")
        self._wake_at: int | None = None
        self._woken_at = -1
        self._wakes = 0
        self._commands: dict[type, Callable[[Any], None]] = {
            Connect: lambda _: world.dial(),
            Disconnect: lambda command: world.leave(command.code),
            Ping: self._send,
            Play: world.speaker.play,
            StopPlayback: lambda _: world.speaker.stop(),
            ReopenCapture: self._reopen_capture,
            ResumePlayback: lambda _: world.speaker.resume(),
            Log: lambda command: self._note(command.kind, **command.fields),
            TellUser: lambda command: self._note("tells_user", text=command.text),
        }

    def begin(self) -> None:
        """Start the capture."""
        self._world.scheduler.at(self._chunk_us, self._tick)
        self._rewake()

    def end(self) -> None:
        """Write what the tapes still hold."""
        self._captured.flush()
        self._sent.flush()

    def tell(self, message: Any) -> None:
        """Something arrived for the client."""
        self._obey(self._ask(self._receive, message, self._world.scheduler.now))
        self._rewake()

    def _tick(self, _: object) -> None:
        world = self._world
        now = world.scheduler.now
        samples = world.microphone.capture(now, self._chunk_samples)
        if samples is not None:
            self._captured.add(now, samples.tobytes())
            commands = self._ask(self._hear, samples, now)
            if commands:
                self._obey(commands)
            self._rewake()
        world.scheduler.at(now + self._chunk_us, self._tick)

    def _wake(self, wake: int) -> None:
        if self._wake_at != wake:
            return
        self._wake_at = None
        now = self._world.scheduler.now
        self._wakes = self._wakes + 1 if now == self._woken_at else 0
        self._woken_at = now
        if self._wakes > WAKES_AT_ONE_TIME:
            raise ClientError(
                f"the client's next_wake() stays at or before {now / SECOND:.3f} s however often wake() is called; "
                "let wake() move it on, or return None"
            )
        self._obey(self._ask(self._wake_client, now))
        self._rewake()

    def _rewake(self) -> None:
        try:
            wake = self._next_wake()
        except Exception as error:  # whatever a user's class raises
            raise self._broken(self._next_wake, error) from error
        if wake == self._wake_at:
            return
        if wake is not None and not isinstance(wake, int):
            raise ClientError(f"the client's next_wake() gave {wake!r}; it gives whole microseconds or None")
        self._wake_at = wake
        if wake is not None:
            self._world.scheduler.at(wake, self._wake, wake)

    def _ask(self, method: Callable[..., list[Command]], *arguments: Any) -> list[Command]:
        try:
            commands = method(*arguments)
        except Exception as error:  # whatever a user's class raises
            raise self._broken(method, error) from error
        if not isinstance(commands, list):
            raise ClientError(f"the client's {method.__name__}() gave {commands!r}; it gives a list of commands")
        return commands

    def _broken(self, method: Callable[..., Any], error: Exception) -> ClientError:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}: " if trace is not None else ""
        seconds = self._world.scheduler.now / SECOND
        raised = f"the client raised {type(error).__name__} in {method.__name__}() at {seconds:.3f} s"
        return ClientError(f"{place}{raised}: {error}")

    def _obey(self, commands: list[Command]) -> None:
        for command in commands:
            if type(command) is InputAudioBufferAppend:
                self._append(command)
            elif isinstance(command, Event):
                self._send(command)
            elif (do := self._commands.get(type(command))) is not None:
                do(command)
            else:
                raise ClientError(f"the client gave {command!r}, which is neither a client event nor a command")

    def _append(self, message: InputAudioBufferAppend) -> None:
        connection = self._world.connection
        if connection is not None and connection.open:
            self._sent.add(self._world.scheduler.now, message.audio, connection.number)
            connection.wire.send("up", message)

    def _send(self, message: Event | Ping) -> None:
        world = self._world
        connection = world.connection
        if connection is None or not connection.open:
            return
        if isinstance(message, Event):
            self._note(event_type(message), connection=connection.number, **summary(message))
        connection.send(message)

    def _reopen_capture(self, _: ReopenCapture) -> None:
        self._note("reopens_capture")
        self._world.microphone.reopen(self._world.scheduler.now)

    def _note(self, kind: str, **fields: Any) -> None:
        self._world.journal.write(self._world.scheduler.now, "client", kind, **fields)

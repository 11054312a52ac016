"""The client under test: gives it chunks, messages and wake-ups, and executes its commands."""

import inspect
import reprlib
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import UNSET

from ..audio.chunk import Chunk
from ..audio.formats import FORMATS, PCM24K, SAMPLE_RATE_HZ, sample_count
from ..clients.interface import (
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
from ..errors import ClientError, ProtocolError
from ..journal import (
    ClientDisconnects,
    ClientLog,
    ClientReopensCapture,
    ClientTellsUser,
    EventAtClient,
    Journal,
    MicrophoneAudio,
    UplinkAudio,
)
from ..journal.files import entry_of
from ..protocol.codec import decode_client_event, encode
from ..protocol.events import Event, InputAudioBufferAppend, ResponseCreate, SessionUpdate
from ..scenario.profiles import Timers
from ..units import MS, SECOND
from .captured import SentStream
from .connection import Connection
from .microphone import Microphone
from .network import Network
from .scheduler import Scheduler
from .speaker import Speaker
from .tape import Levels, Tape

CALLS_IN_A_SECOND = 50_000
"""A client that is called more often in a second of virtual time is in an endless loop."""


class TestedClient:
    """Drives one client. Raises :exc:`ClientError` if it raises, or returns anything but a list of commands."""

    __test__ = False

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
        self._hear, self._receive = client.hear, client.receive
        self._wake_client, self._next_wake = client.wake, client.next_wake
        self._scheduler = scheduler
        self._journal = journal
        self._microphone = microphone
        self._speaker = speaker
        self._network = network
        self._chunk_us = chunk_us
        self._heard: Chunk | None = None
        self._chunk_size = sample_count(chunk_us)
        self._silence = bytes(PCM24K.bytes_per_sample * self._chunk_size)
        self._captured = network.captured
        self._stream = SentStream(network.captured)
        self._capture_tape = Tape(lambda began, _, levels, __: journal.add(MicrophoneAudio(t=began, **levels)))
        self._sent = Tape(self._write_sent)
        self._wake_at: int | None = None
        self._timers: Timers | None = None
        self._called_in = -1
        self._calls = 0
        self._commands: dict[type, Callable[[Any], None]] = {
            Connect: lambda _: network.dial(),
            Disconnect: self._disconnect,
            Ping: self._send,
            Play: speaker.play,
            StopPlayback: lambda _: speaker.stop(),
            ReopenCapture: self._reopen_capture,
            ResumePlayback: lambda _: speaker.resume(),
            Log: self._log,
            TellUser: lambda command: journal.add(ClientTellsUser(t=scheduler.now, text=command.text)),
        }

    def _write_sent(self, began: int, connection: int, levels: Levels, age_ms: int) -> None:
        self._journal.add(UplinkAudio(t=began, **levels, connection=connection, age_ms=age_ms or UNSET))

    def begin(self) -> None:
        """Start the capture."""
        self._scheduler.at(self._chunk_us, self._tick)
        self._schedule_wake()

    def end(self) -> None:
        """Write the levels of the last, incomplete windows."""
        self._capture_tape.flush()
        self._sent.flush()

    def tell(self, message: Any) -> None:
        """Give the client an event or a signal."""
        self._count_call()
        self._execute(self._call("receive", self._receive, message, self._scheduler.now))
        self._schedule_wake()

    def throttle(self, timers: Timers | None) -> None:
        """Slow the client's timers down from now on; None: they are on time again, and overdue ones fire now."""
        self._timers = timers
        if timers is None and self._wake_at is not None:
            self._scheduler.at(self._wake_at, self._wake, self._wake_at)

    def _tick(self, _: object) -> None:
        """Deliver one chunk. Almost all time of a run is spent here."""
        now = self._scheduler.now
        delivered = self._microphone.capture(now)
        later = sum(chunk.samples.size for chunk in delivered) if len(delivered) > 1 else 0
        for chunk in delivered:
            self._heard = chunk
            self._capture_tape.add(now, chunk.samples.size, chunk.energy, chunk.peak)
            if later:
                later -= chunk.samples.size
            if chunk.peak:
                self._captured.add(chunk, now - later * SECOND // SAMPLE_RATE_HZ if later else now)
            commands = self._call("hear", self._hear, chunk, now)
            if commands:
                self._execute(commands)
            self._schedule_wake()
        self._scheduler.at(now + self._chunk_us, self._tick)

    def _wake(self, wake: int) -> None:
        if self._wake_at != wake:
            return
        if self._timers is not None and (allowed := self._allowed(self._timers)) != self._scheduler.now:
            if allowed is not None:
                self._scheduler.at(allowed, self._wake, wake)
            return
        self._wake_at = None
        self._count_call()
        self._execute(self._call("wake", self._wake_client, self._scheduler.now))
        self._schedule_wake()

    def _allowed(self, timers: Timers) -> int | None:
        """When a timer that is due may fire; None: not until :meth:`throttle` is called again."""
        now = self._scheduler.now
        if timers.unless_audible and self._speaker.playing:
            return now
        return None if timers.granule_us is None else -(-now // timers.granule_us) * timers.granule_us

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
            wake = self._next_wake()
        except (Exception, SystemExit) as error:  # whatever a user's class raises
            raise self._error_in("next_wake", error) from error
        if wake == self._wake_at:
            return
        if wake is not None and not isinstance(wake, int):
            raise ClientError(f"the client's next_wake() returned {wake!r}; it must return whole microseconds or None")
        self._wake_at = wake
        if wake is not None:
            self._scheduler.at(wake, self._wake, wake)

    def _call(self, name: str, method: Callable[..., list[Command]], *arguments: Any) -> list[Command]:
        try:
            commands: Any = method(*arguments)
        except (Exception, SystemExit) as error:  # whatever a user's class raises
            raise self._error_in(name, error) from error
        if not isinstance(commands, list):
            if inspect.iscoroutine(commands):
                commands.close()  # or Python complains that nobody awaited it
            raise ClientError(
                f"the client's {name}() returned {reprlib.repr(commands)}; it must return a list of commands"
            )
        return commands

    def _error_in(self, name: str, error: BaseException) -> ClientError:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}: " if trace is not None else ""
        seconds = self._scheduler.now / SECOND
        raised = f"the client raised {type(error).__name__} in {name}() at {seconds:.3f} s"
        return ClientError(f"{place}{raised}: {error}")

    def _execute(self, commands: list[Command]) -> None:
        for command in commands:
            if type(command) is InputAudioBufferAppend and type(command.audio) is bytes:
                connection = self._network.connection
                if connection is not None:
                    self._note_append(command.audio, connection)
                    connection.wire.up.send(command)
            elif isinstance(command, Event):
                self._send(_checked(command))
            elif (do := self._commands.get(type(command))) is not None:
                _check(command)
                do(command)
            else:
                raise ClientError(
                    f"the client returned {reprlib.repr(command)}, which is neither a client event nor a command"
                )

    def _note_append(self, audio: bytes, connection: Connection) -> None:
        """Measure what is sent, unless it is the last chunk or silence of that length, whose levels are known."""
        heard = self._heard
        if heard is not None:
            if audio == self._silence:
                self._sent.add(self._scheduler.now, self._chunk_size, 0, 0, connection.number)
                return
            if audio is heard.pcm:
                self._sent.add(self._scheduler.now, heard.samples.size, heard.energy, heard.peak, connection.number)
                return
        audio_format = connection.session.hearing.format
        whole = len(audio) - len(audio) % audio_format.bytes_per_sample
        sent = Chunk.of(audio_format.decode(audio[:whole]))
        now = self._scheduler.now
        pieces = self._stream.pieces(audio)
        age_ms = (now - pieces[-1].captured_us) // MS if pieces else 0
        ratio = SAMPLE_RATE_HZ // audio_format.rate_hz
        self._sent.add(now, ratio * sent.samples.size, ratio * sent.energy, sent.peak, connection.number, age_ms)

    def _send(self, message: Event | Ping) -> None:
        connection = self._network.connection
        if connection is None:
            return
        if isinstance(message, SessionUpdate):
            self._network.sent.asks(message.session)
        elif isinstance(message, ResponseCreate):
            self._network.sent.asks(message.response)
        if isinstance(message, Event):
            entry = EventAtClient.of(message, t=self._scheduler.now, connection=connection.number)
            self._journal.add(entry)
        connection.send(message)

    def _disconnect(self, command: Disconnect) -> None:
        if self._network.connection is not None:
            self._journal.add(ClientDisconnects(t=self._scheduler.now, code=command.code))
        self._network.leave(command.code)

    def _reopen_capture(self, _: ReopenCapture) -> None:
        self._journal.add(ClientReopensCapture(t=self._scheduler.now))
        self._microphone.reopen(self._scheduler.now)

    def _log(self, log: Log) -> None:
        self._journal.add(ClientLog(t=self._scheduler.now, kind=log.kind, fields=dict(log.fields)))


_CONTENTS: dict[type, dict[str, type]] = {
    Disconnect: {"code": int},
    Play: {"audio": bytes, "item_id": str, "response_id": str},
    Log: {"kind": str, "fields": dict},
    TellUser: {"text": str},
}


def _checked(event: Event) -> Event:
    """The event as the server reads it, in which dictionaries for objects, such as an item's, have become objects.

    Raises :exc:`ClientError` if a client cannot send this event, or if it cannot be encoded.
    """
    try:
        return decode_client_event(encode(event))
    except ProtocolError as error:
        raise ClientError(
            f"the client sent {reprlib.repr(event)}, which is no valid client event: {error.message}"
        ) from None
    except Exception as error:  # whatever cannot be encoded
        raise ClientError(f"the client sent {reprlib.repr(event)}, which cannot be encoded: {error}") from None


def _check(command: Command) -> None:
    """Raise :exc:`ClientError` if a field of a command has a wrong type."""
    for name, wanted in _CONTENTS.get(type(command), {}).items():
        value = getattr(command, name)
        if not isinstance(value, wanted):
            given = f"{type(command).__name__}.{name} is {value!r}"
            raise ClientError(f"the client returned a command whose {given}; it must be a {wanted.__name__}")
    if isinstance(command, Play) and command.format not in (None, *FORMATS):
        known = ", ".join(FORMATS)
        raise ClientError(f"the client returned a Play whose format is {command.format!r}; use one of: {known}")
    if isinstance(command, Log):
        try:
            msgspec.json.encode(command.fields)
            clash = {"t", "lane", "kind"} & command.fields.keys()
        except Exception as error:  # whatever cannot be written as JSON
            raise ClientError(
                f"the client logged {reprlib.repr(command.fields)}, which cannot be written as JSON: {error}"
            ) from None
        if not all(isinstance(name, str) for name in command.fields):
            raise ClientError(f"the client logged {reprlib.repr(command.fields)}; the names of fields must be strings")
        if clash:
            raise ClientError(
                f"the client logged a field named {clash.pop()!r}, which every journal entry has already; rename it"
            )
        if not _reads_back_as_a_log(command):
            raise ClientError(
                f"the client logged {command.kind!r} with the fields of stillthere's own entry of that kind, and a "
                "reader of the journal could not tell them apart; rename the kind"
            )


def _reads_back_as_a_log(log: Log) -> bool:
    try:
        line = {"t": 0, "lane": ClientLog.lane, "kind": log.kind, **log.fields}
        return isinstance(entry_of(line), ClientLog)
    except (KeyError, TypeError, ValueError):
        return False

"""What a client under test is: a class with four methods, which take chunks, events and signals and return commands.

A client never reads a clock and never waits. It is passed ``now``, the time in integer microseconds since the scenario
began, and :meth:`Client.next_wake` says when :meth:`Client.wake` is wanted. The harness dials the first connection;
every later one is made by the client's :class:`Connect`.
"""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ..audio.chunk import Chunk
from ..protocol.events import Event

# --- signals: what a client receives besides server events -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """The connection is open: client events may be sent. The server's first event is ``session.created``."""

    transport: Literal["websocket", "webrtc"] = "websocket"
    """``webrtc``: the events travel on the data channel of a call, and the audio as media. The audio of each
    ``input_audio_buffer.append`` then goes into the track that is sent, and the assistant's audio is played by the
    browser: there is no ``response.output_audio.delta``, and nothing to :class:`Play` or to stop."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection is closed, with its session and conversation. Only :class:`Connect` opens a new one.

    Not received for a connection that the client left by its own :class:`Connect`.
    """

    code: int
    """The WebSocket close code, RFC 6455 §7.4; 1006: the connection ended without a Close frame."""
    reason: str = ""
    """The reason in the Close frame; empty if there is none."""


@dataclass(frozen=True, slots=True)
class DialFailed:
    """A :class:`Connect` failed: no connection was made."""

    reason: str
    """Why, in words, such as ``refused``."""


@dataclass(frozen=True, slots=True)
class Pong:
    """The server answered a :class:`Ping`. A dead connection (half-open) sends none."""


@dataclass(frozen=True, slots=True)
class CallState:
    """The path of a call has changed, as ``connectionState`` of a browser: nothing else is said of a lost network."""

    state: Literal["connected", "disconnected", "failed"]
    """``disconnected``: no packet has come for some 6 s, and the call may come back by itself; ``failed``: after some
    18 s; ``connected``: it is back."""


@dataclass(frozen=True, slots=True)
class ChannelClosed:
    """The data channel of a call was closed: no event comes any more. The audio may run on, or the call has ended."""


@dataclass(frozen=True, slots=True)
class MediaReport:
    """What the browser counts of the assistant's audio (``getStats``), twice a second while a call is open."""

    packets: int
    """Packets that arrived since the last report."""
    audible_ms: int
    """How much that can be heard was played of them, in ms."""


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """All audio queued by :class:`Play` so far has been played. Not received while the output is suspended."""


@dataclass(frozen=True, slots=True)
class AppState:
    """The app went to the background, or returned to the foreground."""

    foreground: bool
    """True: it returned; capture and output may still be suspended."""


@dataclass(frozen=True, slots=True)
class TalkButton:
    """The user presses the talk button when an utterance begins, and releases it when it ends.

    It is received for every utterance. A client without a button ignores it.
    """

    pressed: bool
    """True: the user speaks from now on; False: the utterance ended shortly before."""


@dataclass(frozen=True, slots=True)
class MarkPlayed:
    """All audio queued before a :class:`MarkPlayback` has been played, or was dropped by :class:`StopPlayback`."""

    name: str
    """The name of the mark."""


Signal = (
    Opened | Closed | DialFailed | Pong | CallState | ChannelClosed | MediaReport | PlaybackEnded | MarkPlayed
    | AppState | TalkButton
)  # fmt: skip
"""What :meth:`Client.receive` gets besides server events."""

# --- commands: what a client asks for besides client events ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Connect:
    """Dial a new connection; leave the present one, if there is one. The new session has an empty conversation.

    The answer is :class:`Opened` or :class:`DialFailed`.
    """


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the connection with a Close frame. The answer is :class:`Closed`."""

    code: int = 1000
    """The WebSocket close code; 1000: normal closure."""


@dataclass(frozen=True, slots=True)
class Ping:
    """Send a WebSocket ping. The answer is :class:`Pong`."""


@dataclass(frozen=True, slots=True)
class Play:
    """Queue assistant audio for the speaker, behind what is already queued."""

    audio: bytes
    """Audio as the service sends it; by default PCM: int16, little-endian, mono, 24 kHz (48 bytes a ms)."""
    item_id: str
    """The conversation item that the audio belongs to."""
    response_id: str
    """The response that the audio belongs to."""
    format: str | None = None
    """The format that it is played as, such as ``audio/pcmu``; None: the one that the client asked for last, in a
    ``session.update`` or a ``response.create``, and PCM before. If that is not what the service sent, noise is played.
    """


@dataclass(frozen=True, slots=True)
class MarkPlayback:
    """Put a mark behind the audio queued so far, as the media streams of telephone services have them.

    The answer is :class:`MarkPlayed`.
    """

    name: str
    """Any name; it is repeated in the answer."""


@dataclass(frozen=True, slots=True)
class StopPlayback:
    """Stop playback at once and drop all queued audio; the marks in it are answered at once."""


@dataclass(frozen=True, slots=True)
class ReopenCapture:
    """Release the microphone and open it again. This cures a capture that died; no chunk is delivered meanwhile."""


@dataclass(frozen=True, slots=True)
class ResumePlayback:
    """Resume an output that the system suspended."""


@dataclass(frozen=True, slots=True)
class Log:
    """Write an entry to the journal, in the lane ``client``."""

    kind: str
    """One short word, such as ``watchdog``."""
    fields: dict[str, Any]
    """JSON values by name; the names ``t``, ``lane`` and ``kind`` are taken."""


@dataclass(frozen=True, slots=True)
class TellUser:
    """Show or say to the user that something is wrong."""

    text: str
    """One sentence."""


Command = (
    Event | Connect | Disconnect | Ping | Play | MarkPlayback | StopPlayback | ReopenCapture | ResumePlayback
    | Log | TellUser
)  # fmt: skip
"""What a method of a client returns: client events, which are sent to the server, and the commands of this module."""


class Client(Protocol):
    """The four methods of a client under test. Any class that has them is a client; it need not inherit from this one.

    :meth:`hear`, :meth:`receive` and :meth:`wake` return a list of commands, which are executed in order at ``now``; an
    empty list does nothing. A client event that is returned while no connection is open is dropped. Whatever a method
    raises (:exc:`SystemExit` too), or a value of another type that it returns, ends the run with
    :exc:`harness.errors.ClientError`. What a client is given is its own, and what it returns is copied: it may change
    both, and nothing else changes.

    If ``__init__`` has a parameter called ``settings``, the client settings that a scenario changes are passed to it as
    a dictionary; if it has none, they are not passed, and the client plays the scenario as it is. The length of its
    chunks in ms is ``client.settings.chunk_ms`` or ``client.settings["chunk_ms"]``; without either, 20.
    """

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        """Take the next chunk of captured audio and return commands, usually the append of its audio.

        ``chunk.samples``: int16, mono, 24 kHz, shape (n,), with n = 480 for 20 ms; ``chunk.pcm``: the same as
        little-endian bytes; ``chunk.rms``: its level, relative to full scale, 0.0 to 1.0; ``chunk.peak``: its largest
        sample, 0 to 32768. ``now``: when it was delivered, in microseconds. It is also called while no connection is
        open; it is not called while the capture is stopped::

            def hear(self, chunk, now):
                return [InputAudioBufferAppend(audio=chunk.pcm)] if self.connected else []
        """

    def receive(self, event: Event | Signal, now: int) -> list[Command]:
        """Take a server event or a signal and return commands.

        ``event``: an object of a class of :mod:`harness.protocol.events`, or a :data:`Signal`; ignore the ones you do
        not know. ``now``: when it arrived, in microseconds::

            def receive(self, event, now):
                if isinstance(event, ResponseOutputAudioDelta):
                    return [Play(event.delta, event.item_id, event.response_id)]
                if isinstance(event, Closed):
                    return [Connect()]
                return []
        """

    def wake(self, now: int) -> list[Command]:
        """Do what is due at ``now``, in microseconds, and return commands.

        It is called at the time that :meth:`next_wake` returned, or later if the app's timers are throttled. It must
        move :meth:`next_wake` on, to a later time or to None::

            def wake(self, now):
                self.next_ping = now + 5_000_000
                return [Ping()]
        """

    def next_wake(self) -> int | None:
        """Return when :meth:`wake` is wanted, in microseconds; None: it is not wanted.

        It is asked after each call of the other three methods, so it must be cheap and change nothing::

            def next_wake(self):
                return self.next_ping
        """

"""Between a WebSocket and the session behind it: what each may call on the other, so that neither imports the other."""

from collections.abc import Iterator
from typing import Protocol

from ...faults.seams import ActiveFault
from .handshake import EndedBy


class DeliveryLog(Protocol):
    """Is told what the faults on a wire deliver, and what they do not deliver at once."""

    def delivered(self, number: int, *, damaged: bool) -> None:
        """The server's event with this number was written to the socket, perhaps with a changed text."""
        ...

    def uplink_held(self, size_bytes: int, audio_us: int) -> None:
        """A message of the client, or bytes that nobody reads, reached the socket and not the session."""
        ...

    def uplink_arrived(self, size_bytes: int, audio_us: int, late_us: int) -> None:
        """Such a message reaches the session, so many microseconds later."""
        ...


class Sender(Protocol):
    """What a handler may ask of its WebSocket."""

    @property
    def blocked(self) -> bool:
        """Nothing should be sent now: the client does not read, or a stalled wire is full. ``resumed`` follows."""
        ...

    def send(self, text: bytes, number: int) -> bool:
        """Send a text message with the next :meth:`flush`; ignored if the connection is no longer open.

        False: faults on the wire decide when it is delivered, and tell their :class:`DeliveryLog` its number; or the
        connection is no longer open.
        """
        ...

    def flush(self) -> None:
        """Write all that is to be sent."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake. Raises :exc:`harness.errors.SettingError` if RFC 6455 forbids the code."""
        ...

    def inject(self, active: ActiveFault, log: DeliveryLog) -> None:
        """Start a :class:`harness.faults.WireFault` on this connection."""
        ...

    def release(self, active: ActiveFault) -> None:
        """End a fault; the messages that it held are delivered."""
        ...


class MessageHandler(Protocol):
    """Receives what happens on one WebSocket: :meth:`opened` first, :meth:`closed` last."""

    def opened(self, sender: Sender) -> None:
        """The handshake is done."""
        ...

    def text(self, data: bytes) -> None:
        """A text message was received, as UTF-8."""
        ...

    def large(self, data: bytes | bytearray) -> Iterator[None]:
        """A text message of over 128 KiB was received: take it in short steps, each of which ends in ``yield``.

        Nothing else is received on this connection before the last step; :meth:`closed` may be called between two.
        """
        ...

    def binary(self) -> None:
        """A binary message was received."""
        ...

    def resumed(self) -> None:
        """The client reads again: what had to wait may be sent."""
        ...

    def closed(self, code: int, reason: str, by: EndedBy) -> None:
        """The connection is gone. Code 1006: without a Close frame."""
        ...

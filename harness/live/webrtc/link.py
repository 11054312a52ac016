"""Between a call on the server's event loop and its peer on that of the media: each calls the other soon, in order."""

import asyncio
from typing import TYPE_CHECKING, Protocol

from websockets.frames import Frame, Opcode

from ...faults.seams import ActiveFault, MediaFault
from ..socket.handler import DeliveryLog, Sender
from ..socket.handshake import EndedBy, check_close
from ..wire import LiveWire, TextToSend, ToSend
from .media_loop import MediaLoop

if TYPE_CHECKING:
    from .peer import Peer  # it imports aiortc

_NORMAL, _GOING_AWAY, _ABNORMAL = 1000, 1001, 1006
"""The codes with which a WebSocket would have been closed."""


class CallHandler(Protocol):
    """Receives what happens in a call: :meth:`opened` first, :meth:`closed` last."""

    def opened(self, sender: Sender) -> None:
        """Events can be sent."""
        ...

    def text(self, data: bytes) -> None:
        """A message on the data channel."""
        ...

    def heard(self, pcm: bytes) -> None:
        """The next audio of the client."""
        ...

    def ran_dry(self) -> None:
        """No packets arrive any more."""
        ...

    def channel_closed(self) -> None:
        """The client has closed the data channel alone."""
        ...

    def closed(self, code: int, reason: str, by: EndedBy) -> None:
        """The call is over."""
        ...


class CallLink:
    """A :class:`harness.live.socket.handler.Sender`. Call :meth:`answer`, set :attr:`handler`, then all else."""

    blocked = False
    """The data channel takes whatever is sent."""
    transport: asyncio.Transport | None = None
    """It has none of its own on the server's loop."""

    def __init__(self, media: MediaLoop, *, loopback_only: bool) -> None:
        self.handler: CallHandler | None = None
        self.gone = False
        """Whether the call is over."""
        self._media = media
        self._loopback_only = loopback_only
        self._home = asyncio.get_running_loop()
        self._peer: Peer
        self._open = False
        self._ending: tuple[int, str, EndedBy] | None = None
        self._sidebands: dict[Sender, None] = {}
        self._wire: LiveWire | None = None

    @property
    def ends(self) -> bool:
        """Whether the call is over, or about to be."""
        return self.gone or self._ending is not None

    async def answer(self, offer: str) -> str:
        """The SDP answer. Raises :exc:`harness.live.webrtc.sdp.InvalidOffer`."""
        return await self._media.run(self._answer(offer))

    async def _answer(self, offer: str) -> str:
        from .peer import Peer

        self._peer = Peer(_Posted(self, self._home), loopback_only=self._loopback_only)
        return await self._peer.answer(offer)

    # --- what the call says ---

    def send(self, text: bytes, number: int) -> bool:
        """Send an event on the data channel, and to who has joined; False: faults decide about the data channel."""
        for sideband in self._sidebands:
            if not sideband.blocked:
                sideband.send(text, number)
        if self._wire is not None:
            self._wire.send_text(text, number)
            return False
        self._media.call(self._peer.send, text.decode())
        return True

    def _deliver(self, message: ToSend) -> None:
        if isinstance(message, TextToSend):
            self._media.call(self._peer.send, message.text.decode(errors="replace"))

    def flush(self) -> None:
        """Write what is to be sent to who has joined."""
        for sideband in self._sidebands:
            sideband.flush()

    def play(self, pcm: bytes, number: int) -> None:
        """Send 20 ms of audio on the media track."""
        self._media.call(self._peer.play, pcm, number)

    def close(self, code: int, reason: str) -> None:
        """End the call. Raises :exc:`SettingError` for a code or a reason that a WebSocket could not have."""
        check_close(code, reason)
        self._end(code, reason, "server")

    def hang_up(self) -> None:
        """The client ends the call by an HTTP request."""
        self._end(_NORMAL, "", "client")

    def stop(self) -> None:
        """The whole server stops."""
        self._end(_GOING_AWAY, "", "stop")

    def _end(self, code: int, reason: str, by: EndedBy) -> None:
        if self._ending is not None or self.gone:
            return
        self._ending = code, reason, by
        for sideband in list(self._sidebands):
            sideband.close(code, reason)
        self._media.run(self._peer.close())

    def inject(self, active: ActiveFault, log: DeliveryLog) -> None:
        """Start a fault on the messages of the data channel, on the media, or on the path."""
        fault = active.fault
        if isinstance(fault, MediaFault):
            self._media.call(self._peer.inject, active)
            if fault.closes == "call":
                self._end(_ABNORMAL, "", "server")
            return
        if self._wire is None:
            self._wire = LiveWire(self._arrive, self._deliver, self.flush, log)
        self._wire.inject(active)

    def release(self, active: ActiveFault) -> None:
        """End it; the messages that it held are delivered."""
        if isinstance(active.fault, MediaFault):
            self._media.call(self._peer.faults.release, active)
        elif self._wire is not None:
            self._wire.release(active)
            self.flush()

    async def packets(self) -> dict[str, int]:
        """What became of the packets so far."""
        return await self._media.run(self._packets())

    async def _packets(self) -> dict[str, int]:
        return self._peer.packets()

    # --- who has joined ---

    def join(self, sideband: Sender) -> None:
        """A WebSocket hears all events from now on."""
        self._sidebands[sideband] = None

    def leave(self, sideband: Sender) -> None:
        """It is gone."""
        self._sidebands.pop(sideband, None)

    # --- what the peer tells, on the server's loop ---

    def began(self) -> None:
        """Events can be sent."""
        if self.handler is not None and not self._open:
            self._open = True
            self.handler.opened(self)

    def text(self, data: bytes) -> None:
        """A message on the data channel."""
        if self._wire is not None:
            self._wire.receive(Frame(Opcode.TEXT, data))
        else:
            self._arrive(Frame(Opcode.TEXT, data))

    def _arrive(self, frame: Frame) -> None:
        if self.handler is not None and self._open and not self.gone:
            self.handler.text(bytes(frame.data))

    def audio(self, pcm: bytes) -> None:
        """The next audio of the client; what comes before the first event has nobody to hear it."""
        if self.handler is not None and self._open and not self.gone:
            self.handler.heard(pcm)

    def audio_stopped(self) -> None:
        """No packets arrive any more."""
        if self.handler is not None and self._open and not self.gone:
            self.handler.ran_dry()

    def channel_closed(self) -> None:
        """The client has closed the data channel."""
        if self.handler is not None and not self.gone:
            self.handler.channel_closed()

    def ended(self, state: str) -> None:
        """The connection is gone: by the client, unless the server ended it."""
        if self.gone:
            return
        self.gone = True
        if self._wire is not None:
            self._wire.stop()
        code = _NORMAL if state == "closed" else _ABNORMAL
        if self.handler is not None:
            self.handler.closed(*(self._ending or (code, "", "client")))


class _Posted:
    """The peer's events, each called on the server's loop."""

    def __init__(self, link: CallLink, home: asyncio.AbstractEventLoop) -> None:
        self._link, self._home = link, home

    def began(self) -> None:
        self._home.call_soon_threadsafe(self._link.began)

    def text(self, data: bytes) -> None:
        self._home.call_soon_threadsafe(self._link.text, data)

    def audio(self, pcm: bytes, how: str) -> None:
        self._home.call_soon_threadsafe(self._link.audio, pcm)

    def audio_stopped(self) -> None:
        self._home.call_soon_threadsafe(self._link.audio_stopped)

    def channel_closed(self) -> None:
        self._home.call_soon_threadsafe(self._link.channel_closed)

    def gone(self, state: str) -> None:
        if not self._home.is_closed():
            self._home.call_soon_threadsafe(self._link.ended, state)

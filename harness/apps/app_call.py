"""An app's call over WebRTC: its peer connection is real, its session and its events are in the world.

Events pass the world's wire and its faults, and then the data channel. Audio travels on the media track alone. What the
server plays is known to have left, or to have been lost by a fault: what the user hears of it is heard at the app's
speaker.
"""

import asyncio
import copy
from collections.abc import Callable

from ..audio.formats import PCM24K
from ..audio.levels import rms_lsb
from ..clients.interface import Closed, Signal
from ..errors import ProtocolError
from ..faults.seams import ActiveFault, Fault, MediaFault, PacketFilter
from ..journal import AudioDelivered, CallStateChanged, ClientDisconnects, MediaPackets
from ..live.admission import Admitted
from ..live.before_socket.calls import NewCall, StartedCall
from ..live.before_socket.vendor_errors import VendorError
from ..live.deliveries import AUDIBLE_LSB
from ..live.socket.handler import Sender
from ..live.socket.handshake import EndedBy
from ..live.socket.limits import MAX_MESSAGE_BYTES
from ..live.webrtc.desk import Calls
from ..live.webrtc.link import CallLink
from ..live.webrtc.media_loop import MediaLoop
from ..protocol.codec import decode_client_event, encode
from ..protocol.events import Event, OutputAudioBufferCleared, OutputAudioBufferStopped, SessionUpdate
from ..server.call_session import CallSession, Filled, FromCall, Generated, MediaFrame
from ..server.output_buffer import FRAME_US
from ..server.outputs import Output
from ..server.session import GOING_AWAY, SessionSetup
from ..units import MS, SECOND
from ..world.call import HoldingLink
from ..world.connection import Connection, ConnectionParts
from ..world.damage import Damaged
from ..world.network import NO_CLOSE_FRAME, Dial, FromServer
from ..world.uplink import Uplink
from .tested_app import TestedApp

NEVER_US = 2**62
"""The server's side of a dial has no time-out: the app's own decides."""
_NO_NETWORK = "the network is down, by a fault of the scenario"


class AppConnection(Connection):
    """A :class:`Connection` of the world whose audio goes through ``link``."""

    link = HoldingLink
    transport = "webrtc"

    def __init__(self, parts: ConnectionParts, app: TestedApp, link: CallLink) -> None:
        super().__init__(*parts)
        self._app = app
        self._link = link
        self._channel_open = True
        self._counted: dict[str, int] = {}
        self._counting: asyncio.Task[None] | None = None
        self._losing: dict[ActiveFault, PacketFilter] = {}
        """The faults of the media: which frames are lost is drawn as the datagrams' own fate is."""
        self._call = self._machine = CallSession(self.session)
        self._uplink = Uplink(app.around.scheduler, app.around.journal, app.around.network)
        self._items: dict[str, dict[str, list[int]]] = {}
        """By response and item: the microseconds that have left, that no fault lost, and that could be heard."""

    def begin(self) -> None:
        """Send the first events, and start to count packets."""
        super().begin()
        self._scheduler.at(self._app.now + SECOND, self._count)

    def _count(self, _: object) -> None:
        if self.open and not self._app.is_over:
            self._scheduler.at(self._app.now + SECOND, self._count)
            self._counting = asyncio.ensure_future(self._note_packets())

    async def _note_packets(self) -> None:
        """Write what became of the packets of the last second: what faults lost on the way up, the app has sent."""
        before, self._counted = self._counted, await self._link.packets()
        if self.open and not self._app.is_over:
            second = {name: count - before.get(name, 0) for name, count in self._counted.items()}
            self._app.around.journal.add(MediaPackets(t=self._app.now, connection=self.number, **second))

    # --- from the app ---

    def says(self, text: bytes) -> None:
        """A message of the data channel."""
        if not self.open:
            return
        try:
            event = decode_client_event(text)
        except ProtocolError as error:
            self.send(Damaged(text, None, error))
            return
        self._uplink.event(event, self)
        self.send(event)

    def hears(self, pcm: bytes) -> None:
        """The next audio of the app's track."""
        if self.open:
            self._uplink.audio(pcm, self)
            self._arrivals.add(pcm, PCM24K, self._app.now)
            self._answer(self._call.hear(pcm, self._app.now))

    def runs_dry(self) -> None:
        """The app's packets have stopped."""
        if self.open:
            self._answer(self._call.run_dry(self._app.now))

    def channel_closed(self) -> None:
        """The app has closed the data channel alone."""
        self._channel_open = False
        if self.open:
            self._tell_state("channel_closed")
            self._answer(self._call.channel_closed(self._app.now))

    def leaves(self, code: int) -> None:
        """The app's end of the call is gone."""
        if self.open:
            self._app.around.journal.add(ClientDisconnects(t=self._app.now, code=code))
            self._app.around.network.leave(self, code)
        self._uplink.flush()

    # --- to the app ---

    def _hand_on(self, output: FromCall) -> None:
        if isinstance(output, MediaFrame):
            self._plays(output)
        elif isinstance(output, Generated):
            delta = output.delta
            self._sent.add(delta.response_id, delta.item_id, self._format(delta.response_id), delta.delta)
        elif isinstance(output, Filled):
            self._arrivals.add(output.pcm, PCM24K, self._app.now)
        else:
            super()._hand_on(output)
        if isinstance(output, OutputAudioBufferStopped | OutputAudioBufferCleared):
            self._write_left(output.response_id)

    def _receive(self, message: Event | Signal | Damaged) -> None:
        """A message is at the data channel, which may be closed."""
        if self._channel_open or isinstance(message, Closed):
            super()._receive(message)

    def _plays(self, frame: MediaFrame) -> None:
        self._link.play(frame.pcm, frame.number)
        lost = sum(loses("down", self._app.now) for loses in self._losing.values())
        if frame.item_id is None or frame.response_id is None:
            return
        left = self._items.setdefault(frame.response_id, {}).setdefault(frame.item_id, [0, 0, 0])
        left[0] += FRAME_US
        if lost:
            return
        left[1] += FRAME_US
        left[2] += FRAME_US if rms_lsb(PCM24K.decode(frame.pcm)) > AUDIBLE_LSB else 0
        self._app.arrives(frame.pcm, frame.item_id, frame.response_id)

    def _write_left(self, response_id: str) -> None:
        for item_id, (left_us, arrived_us, audible_us) in self._items.pop(response_id, {}).items():
            entry = AudioDelivered(
                t=self._app.now,
                connection=self.number,
                response_id=response_id,
                item_id=item_id,
                sent_ms=left_us // MS,
                delivered_ms=arrived_us // MS,
                audible_ms=audible_us // MS,
            )
            self._app.around.journal.add(entry)

    def _said(self, outputs: list[Output]) -> list[FromCall]:
        return self._call.passed_on(outputs, self._app.now)

    def _tell_state(self, state: str) -> None:
        self._app.around.journal.add(CallStateChanged(t=self._app.now, connection=self.number, state=state))

    # --- faults ---

    def inject(self, active: ActiveFault) -> None:
        """A fault begins on this call or its session."""
        fault = active.fault
        if not isinstance(fault, MediaFault):
            super().inject(active)
            return
        self._losing[active] = fault.begin(copy.deepcopy(active.rng))
        if _holds(fault):
            self._events_down.hold()
        self._link.inject(active, _NoLog())

    def release(self, active: ActiveFault) -> None:
        """A fault ends."""
        if not isinstance(active.fault, MediaFault):
            super().release(active)
            return
        self._losing.pop(active, None)
        self._link.release(active)
        if _holds(active.fault) and not any(_holds(each.fault) for each in self._losing):
            self._events_down.let_go()

    @property
    def _events_down(self) -> HoldingLink:
        down = self.wire.down
        assert isinstance(down, HoldingLink)
        return down


def _holds(fault: Fault) -> bool:
    """Whether no event passes while the fault lasts: then none may count as arrived."""
    return isinstance(fault, MediaFault) and (fault.stops_events or fault.stops_checks)


class _NoLog:
    """Nobody asks a call's link what became of messages: those pass the world's wire, which notes it."""

    def delivered(self, number: int, *, damaged: bool) -> None:
        """Nothing."""

    def uplink_held(self, size_bytes: int, audio_us: int) -> None:
        """Nothing."""

    def uplink_arrived(self, size_bytes: int, audio_us: int, late_us: int) -> None:
        """Nothing."""


class AppCall:
    """A call as its link knows it: a :class:`harness.live.webrtc.link.CallHandler`.

    ``enter`` is called before anything of the outside reaches the world.
    """

    def __init__(
        self, app: TestedApp, link: CallLink, call: NewCall, setup: SessionSetup, enter: Callable[[], None]
    ) -> None:
        self.link = link
        self.call = call
        self.connection: AppConnection | None = None
        self.waiting: list[bytes] = []
        """Messages that came before the session was there: no more than one message may hold."""
        self._app = app
        self._setup = setup
        self._enter = enter
        self._dial: Dial | None = None

    def opened(self, sender: Sender) -> None:
        """The data channel is open: a session is dialled."""
        if not self._app.is_over:
            self._enter()
            self._dial = self._app.around.network.dial(_End(self), NEVER_US, self._setup, self._make)

    def _make(self, parts: ConnectionParts) -> Connection:
        return AppConnection(parts, self._app, self.link)

    def text(self, data: bytes) -> None:
        """A message on the data channel."""
        if self._app.is_over:
            return
        self._enter()
        if self.connection is not None:
            self.connection.says(data)
        elif sum(map(len, self.waiting)) + len(data) <= MAX_MESSAGE_BYTES:
            self.waiting.append(data)
        else:
            self.link.hang_up()

    def heard(self, pcm: bytes) -> None:
        """The next audio of the app."""
        if not self._app.is_over and self.connection is not None:
            self._enter()
            self.connection.hears(pcm)

    def ran_dry(self) -> None:
        """No packets arrive any more."""
        if not self._app.is_over and self.connection is not None:
            self._enter()
            self.connection.runs_dry()

    def channel_closed(self) -> None:
        """The app has closed the data channel alone."""
        if not self._app.is_over and self.connection is not None:
            self._enter()
            self.connection.channel_closed()

    def closed(self, code: int, reason: str, by: EndedBy) -> None:
        """The call is over."""
        if self._app.is_over:
            return
        self._enter()
        if self.connection is not None:
            self.connection.leaves(code)
        elif self._dial is not None:
            self._app.around.network.give_up(self._dial)


class _End:
    """The end of the world's dial, a :class:`harness.world.network.ClientEnd`."""

    def __init__(self, call: AppCall) -> None:
        self._call = call

    def reached(self, dial: Dial) -> None:
        """Nothing: the peer connection was made before."""

    def failed(self, dial: Dial, reason: str) -> None:
        """The network is down: the call cannot be reached."""
        self._call.link.hang_up()

    def opened(self, dial: Dial, connection: Connection) -> None:
        """The session is there."""
        call = self._call
        assert isinstance(connection, AppConnection)
        call.connection = connection
        if call.call.session is not None:  # checked when the call was made; nobody gets its answer
            connection.session.receive(SessionUpdate(session=dict(call.call.session)), 0)
        waiting, call.waiting = call.waiting, []
        for text in waiting:
            connection.says(text)

    def receive(self, connection: Connection, message: FromServer) -> None:
        """A message has arrived."""
        link = self._call.link
        if isinstance(message, Closed):
            link.close(GOING_AWAY if message.code == NO_CLOSE_FRAME else message.code, message.reason)
        elif isinstance(message, Damaged):
            link.send(message.text, 0)
        elif isinstance(message, Event):
            link.send(encode(message), 0)


class AppCalls(Calls[AppCall]):
    """The calls of an app: a :class:`harness.live.before_socket.calls.CallDesk`. ``began`` is called with each."""

    def __init__(
        self,
        app: TestedApp,
        setup_for: Callable[[Admitted], SessionSetup],
        mint: Callable[[], str],
        began: Callable[[], None],
        enter: Callable[[], None],
    ) -> None:
        super().__init__(self._admitted, mint, MediaLoop(), loopback_only=True)
        self._app = app
        self._setup_for = setup_for
        self._began = began
        self._enter = enter

    def start(self, call: NewCall) -> asyncio.Future[StartedCall]:
        """Begin a call; the future raises :exc:`VendorError` if the offer cannot be used, or the network is down."""
        from ..live.webrtc import peer  # noqa: F401  it takes a second: so before time begins, and not during the run

        self._began()
        self._enter()
        if self._app.around.network.is_down:
            raise VendorError(503, ProtocolError(None, _NO_NETWORK, error_type="server_error"))
        return super().start(call)

    def _admitted(self, call: NewCall, link: CallLink) -> AppCall:
        return AppCall(self._app, link, call, self._setup_for(call.admitted), self._enter)

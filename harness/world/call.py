"""A WebRTC call between the client and a session: events on a data channel, audio as media, and a path that may fail.

The data channel is a wire of its own that loses nothing. The audio of the client's appends goes into packets, and what
the server's output buffer plays comes back in packets, which the browser plays by itself.
"""

from collections.abc import Callable, Sequence
from typing import Any

from ..audio.concealment import Concealment
from ..audio.formats import PCM24K
from ..clients.interface import CallState, ChannelClosed, Closed, MediaReport, Ping
from ..faults.seams import ActiveFault, MediaFault
from ..journal import AudioDelivered, CallStateChanged, Journal, MediaPackets
from ..protocol.events import Event, InputAudioBufferAppend, OutputAudioBufferCleared, OutputAudioBufferStopped
from ..server.call_session import CallSession, Filled, FromCall, Generated, MediaFrame
from ..server.output_buffer import FRAME_BYTES
from ..server.outputs import Close, Output
from ..server.session import Session
from ..units import MS, SECOND
from .call_speaker import CallSpeaker
from .captured import Captured
from .comparison import SentAudio, audible_spans
from .connection import Connection, NetworkTimes
from .damage import Damaged
from .ice import CONSENT_EXPIRES_US, DISCONNECTED_US, FAILED_US, PathWatch
from .media import MediaLink, Packetizer, Receiver
from .scheduler import Scheduler
from .wire import Link

REPORT_US = SECOND // 2
"""How often a page looks at what its browser counts."""
_CLIENT_TARGET_US = 30 * MS
"""A browser's jitter buffer on a good network (measured)."""
_ON_ITS_WAY_US = SECOND
"""Audio that was sent so long ago has arrived, or is lost."""


class HoldingLink(Link):
    """One direction of a data channel: while it is held, messages wait."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._held: list[tuple[Any, int]] | None = None

    def hold(self) -> None:
        """Messages wait from now on."""
        self._held = self._held or []

    def let_go(self) -> None:
        """They are sent now, in their order."""
        held, self._held = self._held or [], None
        for message, delay_us in held:
            self.pass_on(message, delay_us)

    def pass_on(self, message: Any, delay_us: int = 0) -> None:
        """As of any link, once it is not held."""
        if self._held is not None:
            self._held.append((message, delay_us))
        else:
            super().pass_on(message, delay_us)


class CallConnection(Connection):
    """``speaker`` gets each 20 ms that the browser plays; ``is_latest`` says whether the client has dialled no other
    call since."""

    link = HoldingLink
    transport = "webrtc"

    def __init__(
        self,
        number: int,
        to_client: Callable[[Connection, Any], None],
        session: Session,
        scheduler: Scheduler,
        journal: Journal,
        deliver: Callable[[Connection, Any], None],
        sent: SentAudio,
        captured: Captured,
        network: NetworkTimes,
        speaker: CallSpeaker,
        is_latest: Callable[[], bool],
    ) -> None:
        super().__init__(number, to_client, session, scheduler, journal, deliver, sent, captured, network)
        self._call = self._machine = CallSession(self.session)
        self._speaker = speaker
        self._is_latest = is_latest
        self._path = PathWatch()
        self._active: list[ActiveFault] = []
        self._channel_open = True
        self._packetizer = Packetizer()
        self._concealment = Concealment()
        self._at_server: Receiver[bytes] = Receiver(scheduler, self._hear, self._stopped)
        self._at_client: Receiver[MediaFrame] = Receiver(scheduler, self._play, self._play_nothing, _CLIENT_TARGET_US)
        up, down = network.of(f"media/{number}/up"), network.of(f"media/{number}/down")
        self._up: MediaLink[bytes] = MediaLink(scheduler, "up", *up, self._at_server.arrive)
        self._down: MediaLink[MediaFrame] = MediaLink(scheduler, "down", *down, self._at_client.arrive)
        self._counted = [0] * 6
        self._report_packets = self._report_audible_us = 0
        self._items: dict[str, dict[str, list[int]]] = {}
        """By response and item: the microseconds that were sent, that arrived, and that could be heard of those."""

    # --- the client's end ---

    def begin(self) -> None:
        """Send the first events, and start to count."""
        super().begin()
        self._scheduler.at(self._scheduler.now + SECOND, self._count)
        self._scheduler.at(self._scheduler.now + REPORT_US, self._report)

    def append(self, audio: bytes) -> bool:
        """The page gives audio to the track that it sends; whether there is room for it."""
        return self._packetizer.give(audio)

    def captured(self, size: int) -> bool:
        """The capture has delivered a chunk of so many samples; whether the page gave nothing for it: silence."""
        return self._packetizer.captured(size)

    def send_media(self, chunk_us: int) -> None:
        """The capture has delivered all chunks of now: send the packets that are due."""
        for number, pcm in self._packetizer.due(self._scheduler.now, chunk_us):
            self._up.send(number, pcm)

    def send(self, message: Event | Ping | Damaged) -> None:
        """The client sends an event; a data channel has no pings, and nothing passes one that is closed."""
        if isinstance(message, InputAudioBufferAppend):
            self.append(message.audio)
        elif self._channel_open and not isinstance(message, Ping):
            super().send(message)

    def hang_up(self, closed: Closed) -> None:
        """The server ends the call: the client sees that its data channel is closed."""
        self.session.closed = True
        self.wire.down.send(closed)

    def lost(self) -> None:
        """The call has ended without the client: tell it, and what its browser notices later if it does nothing."""
        self.to_client(self, ChannelClosed())
        for state, after_us in (("disconnected", DISCONNECTED_US), ("failed", FAILED_US)):
            self._scheduler.at(self._scheduler.now + after_us, self._tell_late, state)

    def _tell_late(self, state: Any) -> None:
        if self._is_latest():
            self.to_client(self, CallState(state))

    def _play(self, frame: MediaFrame | None) -> None:
        """The browser plays 20 ms."""
        if not self.open:
            return
        if frame is not None:
            self._report_packets += 1
            if frame.item_id is not None and frame.response_id is not None:
                length_us = PCM24K.duration_us(frame.audio_bytes)
                audible_us = sum(end - begin for begin, end in audible_spans(frame.pcm, PCM24K.name))
                self._report_audible_us += audible_us
                item = self._item(frame.response_id, frame.item_id)
                item[1] += length_us
                item[2] += audible_us
        self._speaker.frame(frame)

    def _play_nothing(self) -> None:
        """No packets of the assistant arrive any more."""
        if self.open:
            self._speaker.gap()

    def close(self) -> None:
        """The call ends at the client's end: nothing is played any more."""
        super().close()
        self._speaker.gap()

    def _report(self, _: object) -> None:
        if not self.open:
            return
        report = MediaReport(self._report_packets, self._report_audible_us // MS)
        self._report_packets = self._report_audible_us = 0
        self._scheduler.at(self._scheduler.now + REPORT_US, self._report)
        self.to_client(self, report)

    # --- the server's end ---

    def _hear(self, pcm: bytes | None) -> None:
        """20 ms of the microphone, or what stands in for them."""
        if not self.open:
            return
        now = self._scheduler.now
        pcm = self._concealment.good(pcm) if pcm is not None else self._concealment.lost(FRAME_BYTES)
        self._arrivals.add(pcm, PCM24K, now)
        self._answer(self._call.hear(pcm, now))

    def _stopped(self) -> None:
        """No packets of the microphone arrive any more."""
        if self.open:
            self._answer(self._call.run_dry(self._scheduler.now))

    def _hand_on(self, output: FromCall) -> None:
        if isinstance(output, MediaFrame):
            if output.item_id is not None and output.response_id is not None:
                self._item(output.response_id, output.item_id)[0] += PCM24K.duration_us(output.audio_bytes)
            self._down.send(output.number, output)
        elif isinstance(output, Generated):
            delta = output.delta
            self._sent.add(delta.response_id, delta.item_id, self._format(delta.response_id), delta.delta)
        elif isinstance(output, Filled):
            self._arrivals.add(output.pcm, PCM24K, self._scheduler.now)
        elif isinstance(output, Close) or not isinstance(output, Event) or self._channel_open:
            super()._hand_on(output)
        else:
            self._write(output)
        if isinstance(output, OutputAudioBufferStopped | OutputAudioBufferCleared):
            self._scheduler.at(self._scheduler.now + _ON_ITS_WAY_US, self._write_delivered, output.response_id)

    def _said(self, outputs: list[Output]) -> Sequence[FromCall]:
        return self._call.passed_on(outputs, self._scheduler.now)

    def _item(self, response_id: str, item_id: str) -> list[int]:
        return self._items.setdefault(response_id, {}).setdefault(item_id, [0, 0, 0])

    def _write_delivered(self, response_id: str) -> None:
        for item_id, (sent_us, arrived_us, audible_us) in self._items.pop(response_id, {}).items():
            self._journal.add(
                AudioDelivered(
                    t=self._scheduler.now,
                    connection=self.number,
                    response_id=response_id,
                    item_id=item_id,
                    sent_ms=sent_us // MS,
                    delivered_ms=arrived_us // MS,
                    audible_ms=audible_us // MS,
                )
            )

    def _count(self, _: object) -> None:
        """Write what was sent and lost in the last second."""
        links = (self._up, self._at_server), (self._down, self._at_client)
        counts = [count for link, receiver in links for count in (link.sent, link.lost, receiver.made_up)]
        before, self._counted = self._counted, counts
        second = [count - earlier for count, earlier in zip(counts, before, strict=True)]
        if any(second):
            names = ("up_sent", "up_lost", "up_made_up", "down_sent", "down_lost", "down_made_up")
            packets = MediaPackets(
                t=self._scheduler.now, connection=self.number, **dict(zip(names, second, strict=True))
            )
            self._journal.add(packets)
        if self.open:
            self._scheduler.at(self._scheduler.now + SECOND, self._count)

    # --- faults ---

    def inject(self, active: ActiveFault) -> None:
        """A fault begins on this call or its session."""
        fault, now = active.fault, self._scheduler.now
        if not isinstance(fault, MediaFault):
            super().inject(active)
            return
        self._active.append(active)
        loses = fault.begin(active.rng)
        self._up.inject(active, loses)
        self._down.inject(active, loses)
        if fault.stops_events:
            for link in (self.wire.up, self.wire.down):
                assert isinstance(link, HoldingLink)
                link.hold()
        if fault.stops_checks:
            self._path.lost(now)
            self._watch_path()
        if fault.stops_consent:
            self._scheduler.at(now + CONSENT_EXPIRES_US, self._consent_expires, active)
        if fault.closes == "data channel":
            self._close_channel()
        elif fault.closes == "call":
            self.hang_up(Closed(1006, "the call was ended"))

    def release(self, active: ActiveFault) -> None:
        """A fault ends."""
        if not isinstance(active.fault, MediaFault):
            super().release(active)
            return
        if active not in self._active:
            return
        self._active.remove(active)
        self._up.release(active)
        self._down.release(active)
        left = [each.fault for each in self._active if isinstance(each.fault, MediaFault)]
        if active.fault.stops_checks and not any(each.stops_checks for each in left):
            self._path.found(self._scheduler.now)
            self._watch_path()
        if active.fault.stops_events and not any(each.stops_events for each in left) and not self._path.server_gone:
            for link in (self.wire.up, self.wire.down):
                assert isinstance(link, HoldingLink)
                link.let_go()

    def _close_channel(self) -> None:
        """The data channel alone is closed, for good."""
        if not self._channel_open:
            return
        self._channel_open = False
        self._tell_state("channel_closed")
        self._answer(self._call.channel_closed(self._scheduler.now))
        if self.open:
            self.to_client(self, ChannelClosed())

    def _consent_expires(self, active: ActiveFault) -> None:
        if active in self._active and self.open:
            self._tell_state("failed")
            self.session.closed = True
            self._channel_open = False
            self.to_client(self, CallState("failed"))

    def _watch_path(self) -> None:
        due = self._path.next_wake
        if due is not None:
            self._scheduler.at(due, self._path_changes)

    def _path_changes(self, _: object) -> None:
        if not self.open:
            return
        was_gone = self._path.server_gone
        state = self._path.wake(self._scheduler.now)
        if state is not None:
            self._tell_state(state)
            self.to_client(self, CallState(state))
            self._watch_path()
        elif self._path.server_gone and not was_gone:
            self._tell_state("given_up")
            self.session.closed = True

    def _tell_state(self, state: str) -> None:
        self._journal.add(CallStateChanged(t=self._scheduler.now, connection=self.number, state=state))

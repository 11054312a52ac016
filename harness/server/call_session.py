"""A session over WebRTC, sans I/O: audio in and out of an output buffer, and the other events for the data channel.

Use it as a :class:`harness.server.session.Session`, which is in it: :meth:`CallSession.open` first, then
:meth:`CallSession.receive` for each event of the data channel, :meth:`CallSession.hear` for decoded audio, and
:meth:`CallSession.wake` at :attr:`CallSession.next_wake`. What they return is for the data channel, except for a
:class:`MediaFrame`, which is for the media track, and :class:`Generated` and :class:`Filled`, which are for nobody but
who counts.

The session makes audio faster than real time. It never travels as an event: it waits in the output buffer, which plays
it in real time, and so the server knows how much of it was heard.
"""

from dataclasses import dataclass

from ..audio.formats import FORMATS, PCM24K, AudioFormat
from ..errors import ProtocolError
from ..protocol.events import (
    ClientEvent,
    ConversationItemTruncated,
    Event,
    InputAudioBufferAppend,
    InputAudioBufferSpeechStarted,
    OutputAudioBufferClear,
    OutputAudioBufferCleared,
    OutputAudioBufferStarted,
    OutputAudioBufferStopped,
    ResponseCreated,
    ResponseDone,
    ResponseOutputAudioDelta,
    ResponseOutputAudioDone,
)
from .call_format import Converted
from .output_buffer import FRAME_US, SILENT_FRAME, OutputBuffer
from .outputs import Close, Output
from .session import Session
from .shared import earliest

NORMAL = 1000
"""The code of a :class:`Close` that nothing went wrong before."""


@dataclass(frozen=True, slots=True)
class MediaFrame:
    """20 ms of the media track."""

    number: int
    """The 20 ms of the call, counted from its start; frames that are not sent count too."""
    pcm: bytes
    """PCM (int16, 24 kHz), 960 bytes."""
    response_id: str | None = None
    """The response that it is of; None: nothing plays."""
    item_id: str | None = None
    """The item that it is of."""
    audio_bytes: int = 0
    """How much of it is of the item; silence fills up the rest."""


@dataclass(frozen=True, slots=True)
class Generated:
    """Audio that goes into the output buffer: over a WebSocket this event would be sent."""

    delta: ResponseOutputAudioDelta


@dataclass(frozen=True, slots=True)
class Filled:
    """Silence (PCM, int16, 24 kHz) that was appended in place of packets that do not arrive, for who counts."""

    pcm: bytes


FromCall = Output | MediaFrame | Generated | Filled
"""What a call gives back."""


class CallSession:
    """The server's side of one call around a session of any kind."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._buffer = OutputBuffer()
        self._frames: int | None = None
        """How many times 20 ms of the call are over; None: it is not open."""
        self._opened = 0
        self._formats: dict[str, AudioFormat] = {}
        self._silent_from: int | None = None
        """Until when audio, or silence in its place, was appended, while no packets arrive."""
        self._input = Converted()
        self._output = Converted()

    # --- the machine ---

    @property
    def closed(self) -> bool:
        """Whether the server has ended the call."""
        return self.session.closed

    def open(self, now: int) -> list[FromCall]:
        """The data channel is open: the first events. The clock of the media track starts here."""
        self._opened, self._frames = now, 0
        return self._passed_on(self.session.open(now))

    def receive(self, event: ClientEvent, now: int) -> list[FromCall]:
        """Answer an event of the data channel."""
        outputs = self._played(now)
        if isinstance(event, OutputAudioBufferClear):
            return outputs + ([] if self.closed else self._clear())
        return outputs + self._passed_on(self.session.receive(event, now))

    def hear(self, pcm: bytes, now: int) -> list[FromCall]:
        """Append audio of the microphone (PCM, int16, 24 kHz) of any length."""
        self._silent_from = None
        return self._played(now) + self._append(pcm, now)

    def run_dry(self, now: int) -> list[FromCall]:
        """The microphone's packets have stopped; the next :meth:`hear` ends that. A policy says what is appended."""
        if self._silent_from is None:
            self._silent_from = now - FRAME_US
        return self.wake(now)

    def channel_closed(self, now: int) -> list[FromCall]:
        """The data channel alone was closed. A policy says whether that ends the call, by a :class:`Close`."""
        outputs = self._played(now)
        if self.closed or self.session.policy.data_channel_closed == "goes_on":
            return outputs
        self.session.closed = True
        return [*outputs, Close(NORMAL, "the data channel was closed")]

    def wake(self, now: int) -> list[FromCall]:
        """What is due by ``now``: more of a response, frames, silence in place of packets, the session's end."""
        outputs = self._played(now) + self._passed_on(self.session.wake(now))
        while self._silent_from is not None and self._silent_from + FRAME_US <= now:
            self._silent_from += FRAME_US
            if self._fills_gaps:
                outputs += [Filled(SILENT_FRAME), *self._append(SILENT_FRAME, now)]
        return outputs

    @property
    def next_wake(self) -> int | None:
        """When :meth:`wake` must be called next, in microseconds; None if only an event can change anything."""
        if self.closed:
            return None
        filling = self._silent_from + FRAME_US if self._silent_from is not None and self._fills_gaps else None
        return earliest((self.session.next_wake, filling, self._next_frame))

    def emit(self, document: dict[str, object], now: int) -> list[FromCall]:
        """Send a scripted event, as :meth:`harness.server.session.Session.emit`."""
        return self._played(now) + self._passed_on(self.session.emit(document, now))

    def passed_on(self, outputs: list[Output], now: int) -> list[FromCall]:
        """What the session said when it was used directly, such as by a fault, as the call says it."""
        return self._played(now) + self._passed_on(outputs)

    # --- up ---

    @property
    def _fills_gaps(self) -> bool:
        return self.session.policy.rtp_gap == "silence"

    def _append(self, pcm: bytes, now: int) -> list[FromCall]:
        audio = self._input.from_pcm(pcm, self.session.hearing.format)
        return self._passed_on(self.session.receive(InputAudioBufferAppend(audio=audio), now))

    # --- down ---

    def _passed_on(self, outputs: list[Output]) -> list[FromCall]:
        passed: list[FromCall] = []
        for output in outputs:
            if isinstance(output, ResponseOutputAudioDelta):
                pcm = self._output.to_pcm(output.delta, self._formats.get(output.response_id, PCM24K))
                self._buffer.feed(output.response_id, output.item_id, pcm)
                passed.append(Generated(output))
                continue
            passed.append(output)
            if isinstance(output, InputAudioBufferSpeechStarted) and self._interrupts:
                passed += self._clear()
            elif isinstance(output, Event):
                self._note(output)
        return passed

    def _note(self, event: Event) -> None:
        """What the output buffer must know of an event."""
        if isinstance(event, ResponseCreated) and isinstance(event.response.audio, dict):
            self._formats[event.response.id] = FORMATS[event.response.audio["output"]["format"]["type"]]
        elif isinstance(event, ResponseOutputAudioDone):
            self._buffer.item_complete(event.item_id)
        elif isinstance(event, ResponseDone):
            self._buffer.response_done(event.response.id)
            self._formats.pop(event.response.id, None)

    @property
    def _interrupts(self) -> bool:
        """Whether the user's speech cuts off what plays."""
        detection = self.session.config.turn_detection or {}
        return self.session.config.responds and bool(detection.get("interrupt_response"))

    def _clear(self) -> list[FromCall]:
        """Cut off what plays, and truncate it in the conversation at what was played; nothing if nothing plays."""
        cleared = self._buffer.clear()
        if cleared is None:
            return []
        response_id, items = cleared
        event_id = self.session.mint_event_id
        outputs: list[FromCall] = [OutputAudioBufferCleared(event_id=event_id(), response_id=response_id)]
        for cut in items:
            try:
                self.session.conversation.truncate(cut.item_id, 0, cut.played_ms)
            except ProtocolError:  # it was deleted, or is of no conversation
                continue
            outputs.append(
                ConversationItemTruncated(
                    event_id=event_id(), item_id=cut.item_id, content_index=0, audio_end_ms=cut.played_ms
                )
            )
        return outputs

    @property
    def _next_frame(self) -> int | None:
        """When the next frame leaves, or what played has stopped."""
        buffer = self._buffer
        if self._frames is None:
            return None
        if self.session.policy.idle_rtp != "silence" and buffer.next_response is None and buffer.stops() is None:
            return None
        return self._opened + (self._frames + 1) * FRAME_US

    def _played(self, now: int) -> list[FromCall]:
        """The frames that leave by ``now``, and the events about what plays."""
        outputs: list[FromCall] = []
        if self._frames is None or self.closed:
            return outputs
        while self._opened + (self._frames + 1) * FRAME_US <= now:
            if self._next_frame is None:  # nothing happens until then
                self._frames = (now - self._opened) // FRAME_US
                break
            self._frames += 1
            outputs += self._tick(self._frames)
        return outputs

    def _tick(self, number: int) -> list[FromCall]:
        outputs: list[FromCall] = []
        buffer, following = self._buffer, self._buffer.next_response
        stopped = buffer.stops() if following is None else buffer.playing
        if stopped is not None and stopped != following:
            buffer.stopped()
            outputs.append(OutputAudioBufferStopped(event_id=self.session.mint_event_id(), response_id=stopped))
        if following is not None and buffer.playing is None:
            outputs.append(OutputAudioBufferStarted(event_id=self.session.mint_event_id(), response_id=following))
        frame = buffer.take()
        if frame is not None:
            outputs.append(MediaFrame(number, frame.pcm, frame.response_id, frame.item_id, frame.audio_bytes))
        elif self.session.policy.idle_rtp == "silence":
            outputs.append(MediaFrame(number, SILENT_FRAME))
        return outputs

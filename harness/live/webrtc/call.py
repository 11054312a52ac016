"""One call: what a :class:`harness.live.session.LiveSession` is on a WebSocket, with audio on a media track.

The events go out on the data channel and to those who joined by its id. What the session says is never an event here:
it leaves in frames, in real time, and counts as delivered when it leaves.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ...audio.formats import PCM24K
from ...audio.levels import rms_lsb
from ...journal import AudioDelivered, CallStateChanged, Entry, MediaPackets
from ...server.call_session import CallSession, Filled, Generated, MediaFrame
from ...server.output_buffer import FRAME_US
from ...server.outputs import Output
from ...units import MS, SECOND
from ..deliveries import AUDIBLE_LSB, Deliveries
from ..journal_writer import JournalWriter
from ..session import LiveSession
from ..socket.handler import Sender
from ..socket.handshake import EndedBy
from ..socket.inbox import ReceiveMemory
from ..socket.timers import WakeTimer
from .link import CallLink

_NOTED_EVERY_US = SECOND // 2


@dataclass(slots=True)
class _Played:
    """The item whose frames leave."""

    response_id: str
    item_id: str
    played_us: int = 0
    lost_us: int = 0
    audible_us: int = 0
    noted_at: int = 0
    changed: bool = False


class CallDeliveries(Deliveries):
    """The deliveries of a call: of audio, what left on the media track."""

    def __init__(self, connection: int, now: Callable[[], int], write: Callable[[Entry], None]) -> None:
        super().__init__(connection, now, write)
        self._item: _Played | None = None

    def played(self, frame: MediaFrame) -> None:
        """A frame leaves."""
        if frame.response_id is None or frame.item_id is None:
            self._note(at_once=True)
            return
        if self._item is None or self._item.item_id != frame.item_id:
            self._note(at_once=True)
            self._item = _Played(frame.response_id, frame.item_id, noted_at=self._now())
        self.audio_us += FRAME_US
        self._item.played_us += FRAME_US
        self._item.audible_us += FRAME_US if rms_lsb(PCM24K.decode(frame.pcm)) > AUDIBLE_LSB else 0
        self._item.changed = True
        self._note(at_once=False)

    def lost(self, frames: int) -> None:
        """So many of the last frames were lost by faults of ours."""
        if self._item is not None and frames:
            self._item.lost_us = min(self._item.played_us, self._item.lost_us + frames * FRAME_US)
            self._item.changed = True

    def flush(self) -> None:
        """Write all that has changed since the last entries."""
        super().flush()
        self._note(at_once=True)

    def _note(self, *, at_once: bool) -> None:
        item, now = self._item, self._now()
        if item is None or not item.changed or not (at_once or now - item.noted_at >= _NOTED_EVERY_US):
            return
        item.noted_at, item.changed = now, False
        self._add(
            AudioDelivered(
                t=0,
                connection=0,
                response_id=item.response_id,
                item_id=item.item_id,
                sent_ms=item.played_us // MS,
                delivered_ms=(item.played_us - item.lost_us) // MS,
                audible_ms=min(item.audible_us, item.played_us - item.lost_us) // MS,
            )
        )


class LiveCall(LiveSession):
    """The handler of a call. Its ``link`` calls :meth:`opened`, :meth:`text`, :meth:`heard` and :meth:`closed`."""

    transport = "webrtc"

    def __init__(
        self,
        number: int,
        call: CallSession,
        journal: JournalWriter,
        wake_timer: WakeTimer,
        memory: ReceiveMemory,
        *,
        link: CallLink,
        on_start: Callable[[LiveSession], None],
        on_end: Callable[[LiveSession], None],
    ) -> None:
        super().__init__(
            number, call.session, journal, wake_timer, memory, on_start=on_start, on_end=on_end, machine=call
        )
        self.link = link
        self._call = call
        self._played = CallDeliveries(number, lambda: self.now, journal.add)
        self.deliveries = self._played
        self._counting: asyncio.Task[None] | None = None

    def heard(self, pcm: bytes) -> None:
        """The next audio of the client's track."""
        try:
            now = self.now
            self.deliveries.flush_due()
            self.journal.appended(now, pcm, PCM24K)
            self._send(self._call.hear(pcm, now))
        except Exception:
            self._our_bug()

    def ran_dry(self) -> None:
        """The client's packets have stopped."""
        try:
            self._send(self._call.run_dry(self.now))
        except Exception:
            self._our_bug()

    def channel_closed(self) -> None:
        """The client has closed the data channel alone."""
        self.journal.add(CallStateChanged(t=self.now, connection=self.number, state="channel_closed"))
        try:
            self._send(self._call.channel_closed(self.now))
        except Exception:
            self._our_bug()

    def opened(self, sender: Sender) -> None:
        """Events can be sent."""
        super().opened(sender)
        self._counting = asyncio.ensure_future(self._count())

    def closed(self, code: int, reason: str, by: EndedBy) -> None:
        """The call is over."""
        if self.ending is None:
            if self._counting is not None:
                self._counting.cancel()
            super().closed(code, reason, by)

    async def _count(self) -> None:
        """Write what became of the packets, second by second."""
        before: dict[str, int] = {}
        while True:
            await asyncio.sleep(1)
            counts = await self.link.packets()
            second = {name: count - before.get(name, 0) for name, count in counts.items()}
            before = counts
            self._played.lost(second["down_lost"])
            self.journal.add(MediaPackets(t=self.now, connection=self.number, **second))

    def _of_fault(self, outputs: list[Output]) -> list[Any]:
        return self._call.passed_on(outputs, self.now)

    def _send(self, outputs: list[Any]) -> None:
        events = []
        for output in outputs:
            if isinstance(output, MediaFrame):
                self.link.play(output.pcm, output.number)
                self._played.played(output)
            elif isinstance(output, Filled):
                self.journal.appended(self.now, output.pcm, PCM24K)
            elif not isinstance(output, Generated):
                events.append(output)
        super()._send(events)


class Sideband:
    """The handler of a WebSocket that has joined a call by its id: it says and hears what the data channel does."""

    def __init__(self, call: LiveCall) -> None:
        self._call = call
        self._sender: Sender | None = None

    @property
    def _over(self) -> bool:
        return self._call.ending is not None

    def opened(self, sender: Sender) -> None:
        """It hears all events from now on."""
        self._sender = sender
        self._call.link.join(sender)

    def text(self, data: bytes) -> None:
        """A message, to the same session. When the call is over, nobody answers (reported, openai-agents-js#684)."""
        if not self._over:
            self._call.text(data)

    def large(self, data: bytes | bytearray) -> Iterator[None]:
        """A large one."""
        return iter(()) if self._over else self._call.large(data)

    def binary(self) -> None:
        """The service takes no binary message."""
        if not self._over:
            self._call.binary()

    def resumed(self) -> None:
        """It reads again; what was said meanwhile, it has missed."""

    def closed(self, code: int, reason: str, by: EndedBy) -> None:
        """It is gone; the call goes on."""
        if self._sender is not None:
            self._call.link.leave(self._sender)

"""A stream of PortAudio: it captures, plays or both, by blocking calls or by a callback in a thread of its own."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from ...errors import AudioError
from ...units import MS, SECOND
from .callback import AfterCall, Callback, Flags, Times, called
from .capture import Capture
from .card import DeviceError, SoundCard
from .playback import Playback
from .samples import MOST_STREAM_CHANNELS, SAMPLE_BYTES, Layout
from .written import Written

_CHOSEN_US = 20 * MS
"""The length of a block of which the app says nothing, if it has a callback."""
_WRITTEN_US = 10 * MS
"""And if it writes."""
_MOST_WAITS = 25
"""A stream of both sides begins without its microphone if that gives nothing for so many blocks, or chunks of 20 ms."""


@dataclass(frozen=True, slots=True)
class WantedStream:
    """How an app opens a stream."""

    rate_hz: int
    capture: tuple[int, str] | None
    """The channels and the sample format that it captures."""
    playback: tuple[int, str] | None
    """Those that it plays."""
    block_frames: int
    """0: any number."""
    latency_s: float
    callback: Callback | None = None
    finished: Callable[[], None] | None = None
    """Called when the stream is no longer active."""
    name: str = "stream"
    """What the app calls it."""


class DeviceStream:
    """Raises :exc:`DeviceError` for frames that no device takes, and for calls in a wrong state."""

    def __init__(self, card: SoundCard, wanted: WantedStream) -> None:
        self.wanted = wanted
        self.is_active = False
        self.is_stopped = True
        self.is_closed = False
        self._card = card
        self._run = object()
        """Another one after each start and stop: a thread that knows an old one ends."""
        ins, outs = (_layout(wanted.rate_hz, each) for each in (wanted.capture, wanted.playback))
        length_us = _WRITTEN_US if wanted.callback is None else _CHOSEN_US
        self.block_frames = wanted.block_frames or max(1, length_us * wanted.rate_hz // SECOND)
        self.capture: Capture | None = None
        self.playback: Playback | None = None
        self.written: Written | None = None
        try:
            if ins is not None:
                self.capture = Capture(card, ins, self.block_frames)
            if outs is not None:
                self.playback = Playback(card, outs)
        except AudioError as error:
            raise DeviceError(f"Invalid sample rate: {error}", -9997) from error
        if self.playback is not None and wanted.callback is None:
            self.written = Written(card, self.playback, self.block_frames, wanted.latency_s)

    @property
    def time_s(self) -> float:
        """The time of the stream's clock, in seconds."""
        return self._card.time_s

    @property
    def latencies_s(self) -> tuple[float, float]:
        """How old what is captured is when the app gets it, and how long it takes until what it gives is heard."""
        block_s = self.block_frames / self.wanted.rate_hz
        capture_s = max(block_s, self._card.chunk_us / SECOND) if self.capture else 0.0
        if self.written is not None:
            return capture_s, self.written.latency_s
        return capture_s, 2 * block_s if self.playback else 0.0

    # --- states ---

    def start(self) -> None:
        """Capture and play from now on."""
        self.check_open()
        if not self.is_stopped:
            raise DeviceError("Stream is not stopped", -9982)
        run = self._run = object()
        self.is_stopped, self.is_active = False, True
        if self.capture is not None:
            self.capture.open()
        if self.playback is not None:
            self._card.app.resumes()
        if self.wanted.callback is not None:
            drive = self._capture_only if self.playback is None else self._play
            threading.Thread(target=drive, args=(self.wanted.callback, run), name="PortAudio", daemon=True).start()

    def stop(self) -> None:
        """Stop when all that was given has been played."""
        self.check_open()
        if self.is_stopped:
            raise DeviceError("Stream is stopped", -9983)
        if self.written is not None:
            self.written.finish()
        self._run = object()
        if self.playback is not None:
            self.playback.finish()
            if self.playback.until_us > self._card.now:
                self._card.blocks(f"{self.wanted.name}.stop")
            self._card.wait_until(self.playback.until_us)
        self._ended(stopped=True)

    def abort(self) -> None:
        """Stop at once: what is not played yet is never heard."""
        self.check_open()
        if self.is_stopped:
            raise DeviceError("Stream is stopped", -9983)
        self._drop()
        self._ended(stopped=True)

    def close(self) -> None:
        """Release the devices. What is not played yet is never heard."""
        self.check_open()
        if not self.is_stopped:
            self.abort()
        self.is_closed = True

    def check_open(self) -> None:
        """Raises :exc:`DeviceError` if it is closed."""
        if self.is_closed:
            raise DeviceError("Stream closed", -9988)

    def _drop(self) -> None:
        self._run = object()
        if self.written is not None:
            self.written.drop()
        if self.playback is not None:
            self.playback.drop()

    def _ended(self, stopped: bool) -> None:
        was_active, self.is_active = self.is_active, False
        self.is_stopped = stopped
        if self.capture is not None:
            self.capture.close()
        if was_active and self.wanted.finished is not None:
            self.wanted.finished()

    def _completed(self, how: AfterCall) -> None:
        """The callback wants no more."""
        if how is AfterCall.ABORT:
            self._drop()
        elif self.playback is not None:
            run = self._run
            self.playback.finish()
            self._card.wait_until(self.playback.until_us)
            if self._run is not run:
                return
        self._ended(stopped=False)

    # --- blocking calls ---

    def read(self, frames: int) -> tuple[bytes, bool]:
        """Wait for frames; whether some were lost before them."""
        capture = self.capture
        self.check_open()
        if capture is None or self.wanted.callback is not None:
            raise DeviceError(*_cannot("read", capture is not None))
        if self.is_stopped:
            raise DeviceError("Stream is stopped", -9983)
        if capture.available < frames:
            self._card.blocks(f"{self.wanted.name}.read")
        if not capture.wait_for(frames):
            self.check_open()
            raise DeviceError("Stream is stopped", -9983)
        return capture.take(frames), capture.overflow()

    def write(self, frames: bytes) -> bool:
        """Wait until the device has taken all frames; whether it had nothing to play since the last ones."""
        self.check_open()
        if self.written is None:
            raise DeviceError(*_cannot("write", self.playback is not None))
        if self.is_stopped:
            raise DeviceError("Stream is stopped", -9983)
        if not self.written.has_room(frames):
            self._card.blocks(f"{self.wanted.name}.write")
        return self.written.write(frames)

    # --- the callback's thread ---

    def _capture_only(self, callback: Callback, run: object) -> None:
        card, capture, frames = self._card, self.capture, self.block_frames
        assert capture is not None
        length_us, due = capture.layout.length_us(frames), 0
        while capture.wait_for(frames) and self._run is run:
            card.wait_until(due)
            if self._run is not run:
                return
            due = max(due, card.now) + length_us
            flags = Flags.INPUT_OVERFLOW if capture.overflow() else Flags.NONE
            times = Times((card.now - length_us) / SECOND, card.time_s, 0.0)
            _, how = called(callback, capture.take(frames), frames, times, flags)
            if self._run is not run:
                return
            if how is not AfterCall.CONTINUE:
                self._completed(how)
                return

    def _play(self, callback: Callback, run: object) -> None:
        """Ask for a block each time that one is played. A suspended output asks for none."""
        card, playback, frames = self._card, self.playback, self.block_frames
        assert playback is not None
        length_us = playback.layout.length_us(frames)
        begun_us = late = blocks = 0
        captured = _Paired(self.capture, frames, card.chunk_us)
        while self._run is run:
            if card.is_suspended or (blocks == 0 and not captured.is_primed()):
                card.wait_until(card.now + min(length_us, card.chunk_us))
                blocks = 0
                continue
            if blocks == 0:
                begun_us = card.now
            data, flags = captured.take()
            flags |= Flags.OUTPUT_UNDERFLOW if late else Flags.NONE
            now_s, length_s = card.time_s, length_us / SECOND
            times = Times(now_s - length_s if data else 0.0, now_s, now_s + length_s)
            given, how = called(callback, data, frames, times, flags)
            if self._run is not run:
                return
            if how is not AfterCall.ABORT:
                playback.render(given)
            if how is not AfterCall.CONTINUE:
                self._completed(how)
                return
            blocks += 1
            due = begun_us + playback.layout.length_us(frames * blocks)
            late = card.now > due + length_us
            if late:
                blocks = 0
            card.wait_until(due)


class _Paired:
    """The captured blocks of a stream that captures and plays: silence, and a flag, where there is none in time."""

    def __init__(self, capture: Capture | None, frames: int, chunk_us: int) -> None:
        self._capture = capture
        self._frames = frames
        self._primed = capture is None
        self._waits = 0
        self._wanted = 0 if capture is None else frames + chunk_us * capture.layout.rate_hz // SECOND

    def is_primed(self) -> bool:
        """Whether enough is captured to begin; a microphone that is silent for long is not waited for."""
        self._waits += 1
        return self._capture is None or self._capture.available >= self._wanted or self._waits > _MOST_WAITS

    def take(self) -> tuple[bytes, Flags]:
        """The next block."""
        capture, frames = self._capture, self._frames
        if capture is None:
            return b"", Flags.NONE
        flags = Flags.INPUT_OVERFLOW if capture.overflow() else Flags.NONE
        self._primed = capture.available >= (frames if self._primed else self._wanted)
        if not self._primed:
            return capture.layout.silence(frames), flags | Flags.INPUT_UNDERFLOW
        return capture.take(frames), flags


def _layout(rate_hz: int, side: tuple[int, str] | None) -> Layout | None:
    if side is None:
        return None
    channels, sample_format = side
    if not 1 <= channels <= MOST_STREAM_CHANNELS:
        raise DeviceError(f"Invalid number of channels: {channels}", -9998)
    if sample_format not in SAMPLE_BYTES:
        raise DeviceError(f"Sample format not supported: {sample_format}", -9994)
    return Layout(rate_hz, channels, sample_format)


def _cannot(verb: str, has_side: bool) -> tuple[str, int]:
    if has_side:
        return (
            f"Can't {verb} {'from' if verb == 'read' else 'to'} a callback stream",
            -9977 if verb == "read" else -9976,
        )
    if verb == "read":
        return "Can't read from an output only stream", -9975
    return "Can't write to an input only stream", -9974

"""The streams of ``sounddevice``: those of numpy arrays, and the raw ones of bytes."""

import time as clocks
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from .callback import AfterCall, Callback, Flags, Times
from .card import CARD, CHANNELS, DEFAULT_RATE_HZ, HIGH_LATENCY_S, LOW_LATENCY_S, DeviceError
from .devices import INPUT, OUTPUT, chosen
from .samples import SAMPLE_BYTES
from .sd_settings import Pair, default
from .stream import DeviceStream, WantedStream


class PortAudioError(Exception):
    """What PortAudio refuses."""


class CallbackStop(Exception):
    """Raised by a callback: it is not called again, and what it gave is played."""


class CallbackAbort(Exception):
    """Raised by a callback: it is not called again, and what is not played yet is dropped."""


class CallbackFlags:
    """What went wrong since the last callback; false if nothing did."""

    def __init__(self, flags: int = 0) -> None:
        self._flags = Flags(flags)

    input_underflow = property(lambda self: bool(self._flags & Flags.INPUT_UNDERFLOW))
    input_overflow = property(lambda self: bool(self._flags & Flags.INPUT_OVERFLOW))
    output_underflow = property(lambda self: bool(self._flags & Flags.OUTPUT_UNDERFLOW))
    output_overflow = property(lambda self: bool(self._flags & Flags.OUTPUT_OVERFLOW))
    priming_output = property(lambda self: bool(self._flags & Flags.PRIMING_OUTPUT))

    def __bool__(self) -> bool:
        return bool(self._flags)

    def __or__(self, other: "CallbackFlags") -> "CallbackFlags":
        return CallbackFlags(self._flags | other._flags)

    def __str__(self) -> str:
        return ", ".join((each.name or "").lower().replace("_", " ") for each in Flags if each and each in self._flags)

    def __repr__(self) -> str:
        return f"<sounddevice.CallbackFlags: {str(self) or 'no flags set'}>"


class OutputBytes(bytearray):
    """The buffer that a raw callback fills: as long as it is, whatever is put into it."""

    def __getitem__(self, place: Any) -> Any:
        return bytes(super().__getitem__(place)) if isinstance(place, slice) else super().__getitem__(place)

    def __setitem__(self, place: Any, value: Any) -> None:
        if isinstance(place, slice):
            wanted = len(range(*place.indices(len(self))))
            if len(value) != wanted:
                raise ValueError(f"right operand length must match slice length: {len(value)} bytes for {wanted}")
        super().__setitem__(place, value)


def _raised(error: DeviceError) -> PortAudioError:
    return PortAudioError(f"{error.text} [PaErrorCode {error.code}]", error.code)


class _Stream:
    """What all streams have; which sides, and what frames are to the app, is told by the classes below."""

    _captures = _plays = False
    _is_raw = False

    def __init__(
        self,
        samplerate: float | None = None,
        blocksize: int | None = None,
        device: Any = None,
        channels: Any = None,
        dtype: Any = None,
        latency: Any = None,
        extra_settings: Any = None,
        callback: Any = None,
        finished_callback: Callable[[], None] | None = None,
        clip_off: bool | None = None,
        dither_off: bool | None = None,
        never_drop_input: bool | None = None,
        prime_output_buffers_using_stream_callback: bool | None = None,
    ) -> None:
        del extra_settings, clip_off, dither_off, never_drop_input, prime_output_buffers_using_stream_callback
        self._sides = sides = [side for side, has in ((0, self._captures), (1, self._plays)) if has]
        devices, counts, formats, latencies = (
            self._of_both(value, name)
            for value, name in ((device, "device"), (channels, "channels"), (dtype, "dtype"), (latency, "latency"))
        )
        self._devices = {side: chosen(devices[side], (INPUT, OUTPUT)[side]) for side in sides}
        self._formats = {side: _format(formats[side]) for side in sides}
        self._counts = {side: CHANNELS if counts[side] is None else int(counts[side]) for side in sides}
        rate_hz = int(samplerate or default.samplerate or DEFAULT_RATE_HZ)
        ins, outs = ((self._counts[side], self._formats[side]) if side in sides else None for side in (0, 1))
        self._wanted_blocksize = int(default.blocksize if blocksize is None else blocksize)
        wanted = WantedStream(
            rate_hz, ins, outs, self._wanted_blocksize, _latency_s(latencies[sides[-1]]),
            self._adapted(callback) if callback is not None else None, finished_callback,
            f"sounddevice.{type(self).__name__}",
        )  # fmt: skip
        try:
            self._stream = DeviceStream(CARD, wanted)
        except DeviceError as error:
            opening = f"Error opening {type(self).__name__}: {error.text}"
            raise _raised(DeviceError(opening, error.code)) from None

    def _of_both(self, value: Any, name: str) -> Pair:
        given = Pair(value)
        usual = getattr(default, name)
        return Pair([usual[side] if given[side] is None else given[side] for side in (0, 1)])

    # --- the callback, as the app wrote it ---

    def _adapted(self, callback: Any) -> Callback:
        def call(captured: bytes, frames: int, times: Times, flags: Flags) -> tuple[bytes, AfterCall]:
            given: Any = self._empty(frames) if self._plays else None
            arguments = [self._shown(captured)] if self._captures else []
            arguments += [given] if self._plays else []
            when = SimpleNamespace(
                inputBufferAdcTime=times.captured_s, currentTime=times.now_s, outputBufferDacTime=times.heard_s
            )
            how = AfterCall.CONTINUE
            try:
                callback(*arguments, frames, when, CallbackFlags(flags))
            except CallbackStop:
                how = AfterCall.COMPLETE
            except CallbackAbort:
                how = AfterCall.ABORT
            return b"" if given is None else self._bytes(given), how

        return call

    def _empty(self, frames: int) -> Any:
        silence = self._stream.playback.layout.silence(frames)  # type: ignore[union-attr]
        return OutputBytes(silence) if self._is_raw else self._array(silence, 1).copy()

    def _shown(self, captured: bytes) -> Any:
        return captured if self._is_raw else self._array(captured, 0).copy()

    def _array(self, frames: bytes, side: int) -> Any:
        return np.frombuffer(frames, self._formats[side]).reshape(-1, self._counts[side])

    def _bytes(self, frames: Any) -> bytes:
        return bytes(frames) if self._is_raw else np.ascontiguousarray(frames).tobytes()

    # --- what the app asks ---

    def _one(self, values: Any) -> Any:
        return values[self._sides[0]] if len(self._sides) == 1 else (values[0], values[1])

    samplerate = property(lambda self: float(self._stream.wanted.rate_hz))
    blocksize = property(lambda self: self._wanted_blocksize)
    device = property(lambda self: self._one(self._devices))
    channels = property(lambda self: self._one(self._counts))
    dtype = property(lambda self: self._one(self._formats))
    samplesize = property(lambda self: self._one({side: SAMPLE_BYTES[each] for side, each in self._formats.items()}))
    latency = property(lambda self: self._one(self._stream.latencies_s))
    active = property(lambda self: self._stream.is_active)
    stopped = property(lambda self: self._stream.is_stopped)
    closed = property(lambda self: self._stream.is_closed)
    time = property(lambda self: self._stream.time_s)
    cpu_load = property(lambda self: 0.0)

    def __enter__(self) -> Any:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.close()

    def start(self) -> None:
        """Capture and play from now on."""
        try:
            if self._stream.is_stopped or self._stream.is_closed:
                self._stream.start()
        except DeviceError as error:
            raise _raised(error) from None

    def stop(self, ignore_errors: bool = True) -> None:
        """Stop when all that was given has been played."""
        self._tried(self._stream.stop, ignore_errors)

    def abort(self, ignore_errors: bool = True) -> None:
        """Stop at once."""
        self._tried(self._stream.abort, ignore_errors)

    def close(self, ignore_errors: bool = True) -> None:
        """Release the devices."""
        self._tried(self._stream.close, ignore_errors)

    def _tried(self, call: Callable[[], None], ignore_errors: bool) -> None:
        try:
            call()
        except DeviceError as error:
            if not ignore_errors:
                raise _raised(error) from None


class RawInputStream(_Stream):
    """Captures bytes."""

    _captures = _is_raw = True

    @property
    def read_available(self) -> int:
        """How many frames can be read without waiting."""
        return 0 if self._stream.capture is None else self._stream.capture.available

    def read(self, frames: int) -> tuple[Any, bool]:
        """Wait for frames; gives them, and whether some were lost before."""
        try:
            captured, overflowed = self._stream.read(frames)
        except DeviceError as error:
            raise _raised(error) from None
        return self._shown(captured), overflowed


class InputStream(RawInputStream):
    """Captures arrays of frames and channels."""

    _is_raw = False


class RawOutputStream(_Stream):
    """Plays bytes."""

    _plays = _is_raw = True

    @property
    def write_available(self) -> int:
        """How many frames can be written without waiting."""
        return 0 if self._stream.written is None else self._stream.written.available

    def write(self, data: Any) -> bool:
        """Wait until all is in the device's buffer; gives whether the device had nothing to play before."""
        try:
            return self._stream.write(self._checked(data))
        except DeviceError as error:
            raise _raised(error) from None

    def _checked(self, data: Any) -> bytes:
        if self._is_raw:
            frames = bytes(data)
            if len(frames) % self._stream.playback.layout.frame_bytes:  # type: ignore[union-attr]
                raise ValueError("Buffer size not divisible by frame size")
            return frames
        array = np.asarray(data)
        array = array.reshape(-1, 1) if array.ndim < 2 else array
        if array.dtype != self._formats[1]:
            raise TypeError(f"dtype mismatch: {array.dtype.name!r} vs {self._formats[1]!r}")
        if array.shape[1] != self._counts[1]:
            raise ValueError(f"number of channels must match: {array.shape[1]} vs {self._counts[1]}")
        return np.ascontiguousarray(array).tobytes()


class OutputStream(RawOutputStream):
    """Plays arrays of frames and channels."""

    _is_raw = False


class RawStream(RawInputStream, RawOutputStream):
    """Captures and plays bytes."""


class Stream(InputStream, OutputStream):
    """Captures and plays arrays."""


def _format(dtype: Any) -> str:
    name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    return name if name in SAMPLE_BYTES else np.dtype(name).name


def _latency_s(latency: Any) -> float:
    return {"low": LOW_LATENCY_S, "high": HIGH_LATENCY_S, None: HIGH_LATENCY_S}.get(latency) or float(latency)


def _check(kind: type[_Stream], device: Any, channels: Any, dtype: Any, samplerate: Any) -> None:
    kind(samplerate=samplerate, device=device, channels=channels, dtype=dtype)


def check_input_settings(
    device: Any = None, channels: Any = None, dtype: Any = None, extra_settings: Any = None, samplerate: Any = None
) -> None:
    """Raises :exc:`PortAudioError` if such a stream cannot capture."""
    _check(RawInputStream, device, channels, dtype, samplerate)


def check_output_settings(
    device: Any = None, channels: Any = None, dtype: Any = None, extra_settings: Any = None, samplerate: Any = None
) -> None:
    """Raises :exc:`PortAudioError` if such a stream cannot play."""
    _check(RawOutputStream, device, channels, dtype, samplerate)


def sleep(msec: int) -> None:
    """Wait so many milliseconds in the calling thread."""
    clocks.sleep(msec / 1000)

"""The functions of ``sounddevice`` for whole arrays: ``play``, ``rec``, ``playrec``, ``wait``, ``stop``."""

from typing import Any

import numpy as np

from .card import CARD, DEFAULT_RATE_HZ
from .sd_settings import default
from .sd_streams import CallbackFlags, CallbackStop, InputStream, OutputStream, Stream

_last: list["_Whole"] = []
"""What plays or records now."""


class _Whole:
    """One array that is played, one that is recorded, or both."""

    def __init__(self, played: Any, recorded: Any, loop: bool) -> None:
        self.played, self.recorded, self.loop = played, recorded, loop
        self.flags = CallbackFlags()
        self._place = 0
        self._waiting: list[Any] = []
        self.stream: Any = None

    def callback(self, *arguments: Any) -> None:
        """Of its stream."""
        *buffers, frames, _, status = arguments
        self.flags = self.flags | status
        begin, self._place = self._place, self._place + frames
        if self.recorded is not None:
            part = self.recorded[begin : self._place]
            part[:] = buffers[0][: len(part)]
        if self.played is not None:
            if self.loop:
                buffers[-1][:] = self.played[np.arange(begin, self._place) % len(self.played)]
                return
            part = self.played[begin : self._place]
            buffers[-1][: len(part)] = part
            buffers[-1][len(part) :] = 0
        if self._place >= len(self.recorded if self.played is None else self.played):
            raise CallbackStop

    def finished(self) -> None:
        """Its stream is no longer active."""
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            waiter.wake()

    def wait(self) -> None:
        """Wait in the calling thread for its end."""
        if self.stream.active:
            CARD.blocks("sounddevice.wait")
        while self.stream.active and not CARD.app.is_over:
            self._waiting.append(CARD.waiter())
            CARD.wait(self._waiting[-1])


def _begin(
    kind: Any,
    whole: _Whole,
    blocking: bool,
    **wanted: Any,
) -> None:
    stop()
    whole.stream = kind(callback=whole.callback, finished_callback=whole.finished, **wanted)
    whole.stream.start()
    _last[:] = [whole]
    if blocking:
        wait()


def _mapped(mapping: Any) -> None:
    if mapping is not None:
        CARD.fence("sounddevice: the mapping of channels was not heeded")


def _as_frames(data: Any) -> Any:
    array = np.asarray(data)
    if array.dtype == np.float64:
        array = array.astype(np.float32)
    return array.reshape(-1, 1) if array.ndim < 2 else array


def play(
    data: Any,
    samplerate: Any = None,
    mapping: Any = None,
    blocking: bool = False,
    loop: bool = False,
    **wanted: Any,
) -> None:
    """Play an array."""
    _mapped(mapping)
    array = _as_frames(data)
    if len(array) == 0:
        raise ValueError("audio data is empty")
    _begin(
        OutputStream,
        _Whole(array, None, loop),
        blocking,
        samplerate=samplerate,
        channels=array.shape[1],
        dtype=array.dtype.name,
        **wanted,
    )


def _recorded(frames: int, channels: Any, dtype: Any, out: Any) -> Any:
    if out is not None:
        return out
    count = channels or default.channels[0] or 1
    return np.zeros((frames, count), dtype or default.dtype[0])


def rec(
    frames: int | None = None,
    samplerate: Any = None,
    channels: Any = None,
    dtype: Any = None,
    out: Any = None,
    mapping: Any = None,
    blocking: bool = False,
    **wanted: Any,
) -> Any:
    """Record into an array, which is given at once and filled meanwhile."""
    _mapped(mapping)
    if frames is None and out is None:
        raise TypeError("at least one of {frames, out} must be specified")
    array = _recorded(frames or 0, channels, dtype, out)
    _begin(
        InputStream,
        _Whole(None, array, False),
        blocking,
        samplerate=samplerate,
        channels=array.shape[1],
        dtype=array.dtype.name,
        **wanted,
    )
    return array


def playrec(
    data: Any,
    samplerate: Any = None,
    channels: Any = None,
    dtype: Any = None,
    out: Any = None,
    input_mapping: Any = None,
    output_mapping: Any = None,
    blocking: bool = False,
    **wanted: Any,
) -> Any:
    """Play one array and record another one, as long as the first."""
    _mapped(input_mapping or output_mapping)
    played = _as_frames(data)
    array = _recorded(len(played), channels, dtype, out)
    _begin(
        Stream,
        _Whole(played, array, False),
        blocking,
        samplerate=samplerate or default.samplerate or DEFAULT_RATE_HZ,
        channels=(array.shape[1], played.shape[1]),
        dtype=(array.dtype.name, played.dtype.name),
        **wanted,
    )
    return array


def wait(ignore_errors: bool = True) -> CallbackFlags | None:
    """Wait in the calling thread until what plays or records is over."""
    if not _last:
        return None
    whole = _last[0]
    whole.wait()
    whole.stream.close(ignore_errors)
    return whole.flags if whole.flags else None


def stop(ignore_errors: bool = True) -> None:
    """End what plays or records."""
    if _last:
        whole = _last.pop()
        whole.stream.stop(ignore_errors)
        whole.stream.close(ignore_errors)


def get_stream() -> Any:
    """The stream of what plays or records."""
    if not _last:
        raise RuntimeError("play()/rec()/playrec() was not called yet")
    return _last[0].stream


def get_status() -> CallbackFlags:
    """What went wrong in it."""
    if not _last:
        raise RuntimeError("play()/rec()/playrec() was not called yet")
    return _last[0].flags

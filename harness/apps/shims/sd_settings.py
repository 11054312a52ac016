"""``sounddevice.default``, and the settings of host APIs, which nothing here heeds."""

from typing import Any

from .devices import INPUT, OUTPUT


class Pair:
    """A value for the input and one for the output; a single one is for both."""

    def __init__(self, value: Any = None) -> None:
        self._both = list(value) if isinstance(value, list | tuple | Pair) else [value, value]
        if len(self._both) != 2:
            raise ValueError("Only two values are allowed, for input and output")

    def __getitem__(self, index: int | str) -> Any:
        return self._both[_place(index)]

    def __setitem__(self, index: int | str, value: Any) -> None:
        self._both[_place(index)] = value

    def __iter__(self) -> Any:
        return iter(self._both)

    def __len__(self) -> int:
        return 2

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, list | tuple | Pair) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._both)


def _place(index: int | str) -> int:
    return {"input": 0, "output": 1}[index] if isinstance(index, str) else index


_PAIRS = {
    "device": (INPUT, OUTPUT), "channels": (None, None), "dtype": ("float32", "float32"), "latency": ("high", "high"),
    "extra_settings": (None, None),
}  # fmt: skip
_SINGLE = {
    "samplerate": None, "blocksize": 0, "clip_off": False, "dither_off": False, "never_drop_input": False,
    "prime_output_buffers_using_stream_callback": False, "hostapi": 0,
}  # fmt: skip


class Defaults:
    """What a stream takes if the app says nothing."""

    device: Any
    channels: Any
    dtype: Any
    latency: Any
    extra_settings: Any
    samplerate: Any
    blocksize: Any
    hostapi: int

    def __init__(self) -> None:
        self.reset()

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _PAIRS and name not in _SINGLE:
            raise AttributeError(f"'default' object has no attribute {name!r}")
        object.__setattr__(self, name, Pair(value) if name in _PAIRS else value)

    def reset(self) -> None:
        """Forget what the app has set."""
        for name, value in (*_PAIRS.items(), *_SINGLE.items()):
            setattr(self, name, value)


default = Defaults()
"""The one that the app changes."""


class AsioSettings:
    """Not heeded."""

    def __init__(self, *_: Any, **__: Any) -> None: ...


class CoreAudioSettings(AsioSettings):
    """Not heeded."""


class WasapiSettings(AsioSettings):
    """Not heeded."""

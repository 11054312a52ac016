"""The settings of the reference clients, under the names that scenarios, sweeps and Python share."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from ..errors import SettingError, did_you_mean
from ..ranges import Between, between
from .recovery.strategies import StrategyName
from .recovery.symptoms import DETECTOR_NAMES


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """One client's settings. Thresholds are RMS relative to full scale; times are milliseconds."""

    gate_mode: Literal["zeros", "skip", "off"] = "off"
    """What is sent for a chunk below the gate: zeros of the same length, or nothing (skip); off: there is no gate."""
    gate_threshold: float = 0.0
    """A chunk whose RMS is below this is gated (1: full scale, 0.01: -40 dBFS); 0: none is."""
    gate_hold_ms: int = 0
    """How long the gate stays open after the last chunk above the threshold."""
    interruption_threshold: float = 0.0
    """While the assistant is believed to speak, a chunk whose RMS is below this does not interrupt it and is gated."""
    watchdog_ms: int | None = None
    """No ``speech_stopped`` for this long after ``speech_started``: send ``input_audio_buffer.clear``. None: never."""
    chunk_ms: int = 20
    """The length of the chunks that the microphone delivers."""
    greets: Literal["never", "once"] = "never"
    """Whether the client asks for a greeting when its first session begins."""

    threshold: float | None = None
    """The server's turn detection: the lowest probability that is speech. None: the service's default."""
    prefix_padding_ms: int | None = None
    """The server's turn detection: audio before the speech that belongs to the turn. None: the service's default."""
    silence_duration_ms: int | None = None
    """The server's turn detection: the silence that ends a turn. None: the service's default."""

    recovery: StrategyName = "off"
    """The recovery strategy, as docs/recovery.md lists them; ``off``: no detector runs."""
    detectors: str = "all"
    """The detectors that run: ``all``, or names of docs/unfreezable.md, separated by commas."""
    ping_interval_ms: int = 5_000
    """The interval between pings, which show whether the connection is alive."""
    pong_timeout_ms: int = 5_000
    """No pong for this long after a ping: the connection is dead."""
    capture_gap_ms: int = 1_500
    """No chunk for this long: the capture stopped."""
    capture_dead_dbfs: float = -50.0
    """A capture whose loudest chunk stays below this level delivers no voice."""
    capture_dead_ms: int = 6_000
    """A capture whose background does not match a real room for this long is dead."""
    capture_moved_ms: int = 20_000
    """A capture that is quieter than ever before, without a voice, for this long may be dead; after half of it if no
    peaks stand out, after twice if it is louder than before."""
    capture_unproven_ms: int = 50_000
    """A new capture with no sound 12 dB above the floor for this long may be dead from the start; after half of it if
    no peaks stand out."""
    gated_voice_ms: int = 640
    """This much voice removed by the gate, and not noticed by the server: open the gate."""
    stuck_speech_ms: int = 5_000
    """The server is in speech while quiet is sent for this long: stuck; 2 s once this was treated."""
    stuck_noise_ms: int = 12_000
    """The server is in one speech while this much sound without a voice is captured in total: noise holds it there."""
    longest_speech_ms: int = 30_000
    """The server is in one speech for this long without a pause: nobody speaks so long without a breath."""
    answer_timeout_ms: int = 6_000
    """No event about a voice or turn for this long after its end; a user who speaks again does not reset the timer."""
    response_timeout_ms: int = 8_000
    """No event of an open response for this long: it is stuck."""
    playback_grace_ms: int = 1_500
    """The end of playback is overdue by this long: the output is stuck."""
    renew_after_ms: int = 20_000
    """The assistant is not heard for this long after a voice or a turn: renew everything."""
    session_timeout_ms: int = 5_000
    """No ``session.created`` for this long: go on without; settings not confirmed for this long: send them again."""
    dial_timeout_ms: int = 8_000
    """A dial without an answer for this long has failed."""
    rung_wait_ms: int = 3_000
    """How long a remedy of the ladder has to work before the next is applied."""
    reconnect_first_ms: int = 500
    """The wait from a lost connection to the next dial; it doubles with each failed dial."""
    reconnect_max_ms: int = 8_000
    """The longest wait before a dial."""

    def __post_init__(self) -> None:
        for name in setting_names():
            value = getattr(self, name)
            low, high = _RANGES.get(name, (1, _HOUR_MS) if name.endswith("_ms") else (None, None))
            if value is not None and low is not None and high is not None and not low <= value <= high:
                raise SettingError(f"client setting {name} is {value}; give a value from {low} to {high}")
        if self.gate_mode not in ("zeros", "skip", "off"):
            raise SettingError(f"client setting gate_mode is {self.gate_mode!r}; use zeros, skip or off")
        if self.greets not in ("never", "once"):
            raise SettingError(f"client setting greets is {self.greets!r}; use never or once")
        if self.recovery not in get_args(StrategyName):
            known = ", ".join(get_args(StrategyName))
            raise SettingError(f"client setting recovery is {self.recovery!r}; use one of: {known}")
        for name in self.detector_names():
            if name not in DETECTOR_NAMES:
                raise SettingError(f"client setting detectors names {name!r}; {did_you_mean(name, DETECTOR_NAMES)}")

    def detector_names(self) -> tuple[str, ...]:
        """The detectors that run, in the order in which they are asked."""
        if self.detectors == "all":
            return DETECTOR_NAMES
        chosen = [name.strip() for name in self.detectors.split(",") if name.strip()]
        return tuple(sorted(chosen, key=lambda name: DETECTOR_NAMES.index(name) if name in DETECTOR_NAMES else -1))

    def changed(self, **changes: Any) -> "ClientSettings":
        """A copy with some values replaced. Raises :exc:`SettingError` for an unknown name or a bad value."""
        check_settings(changes)
        return replace(self, **changes)


_HOUR_MS = 3_600_000

_RANGES: dict[str, tuple[float, float]] = {
    "gate_threshold": (0, 1),
    "gate_hold_ms": (0, _HOUR_MS),
    "interruption_threshold": (0, 1),
    "chunk_ms": (1, 1_000),
    "threshold": (0, 1),
    "prefix_padding_ms": (0, 10_000),
    "silence_duration_ms": (0, 60_000),
    "capture_dead_dbfs": (-120, 0),
}
"""The lowest and highest value of a setting; of a time without an entry: 1 ms and one hour."""


def setting_names() -> tuple[str, ...]:
    """The names of all settings, in the order of the class."""
    return tuple(field.name for field in fields(ClientSettings))


def check_settings(changes: dict[str, Any]) -> None:
    """Raise :exc:`SettingError` if a name is unknown or a value is of the wrong type or range."""
    types = {field.name: field.type for field in fields(ClientSettings)}
    for name, value in changes.items():
        if name not in types:
            raise SettingError(f"no client setting is called {name!r}; {did_you_mean(name, types)}")
        _check_type(name, value, str(types[name]))
        given: tuple[Any, ...] = (value.low, value.high) if isinstance(value, Between) else (value,)
        for each in given:
            replace(ClientSettings(), **{name: each})


def read_ranges(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as a scenario writes them, with ranges such as ``0.01..0.05`` read. Raises :exc:`SettingError`."""
    types = {field.name: str(field.type) for field in fields(ClientSettings)}
    return {name: _read_range(name, value, types.get(name, "str")) for name, value in changes.items()}


def check_written(changes: dict[str, Any]) -> None:
    """As :func:`check_settings`, of settings as a scenario writes them."""
    check_settings(read_ranges(changes))


def _read_range(name: str, value: Any, annotation: str) -> Any:
    match = _RANGE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or not ("float" in annotation or "int" in annotation) or "Literal" in annotation:
        return value
    texts = match.groups()
    is_whole = "float" not in annotation
    if is_whole and not all(text.lstrip("+-").isdecimal() for text in texts):
        raise SettingError(f"client setting {name} is {value!r}; give a whole number at each end")
    low, high = (int(text) if is_whole else float(text) for text in texts)
    if low > high:
        raise SettingError(f"client setting {name} is {value!r}; a range goes from low to high")
    return between(low, high)


_NUMBER = r"\s*([+-]?\d+(?:\.\d+)?)\s*"
RANGE_PATTERN = rf"{_NUMBER}\.\.{_NUMBER}"
"""A range of numbers, as a scenario writes it."""
_RANGE = re.compile(RANGE_PATTERN)


def _check_type(name: str, value: object, annotation: str) -> None:
    if "Literal" in annotation:
        return
    if value is None and "None" in annotation:
        return
    wanted: tuple[type, ...] = (str,) if "'str'" in annotation else (int, float) if "float" in annotation else (int,)
    if not isinstance(value, wanted) or isinstance(value, bool):
        kind = "a name" if str in wanted else "a number" if float in wanted else "a whole number"
        raise SettingError(f"client setting {name} is {value!r}; give {kind}")

"""Everything tunable in the reference clients, under the names that scenarios, sweeps and Python share."""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from harness.clients.detectors import DETECTORS
from harness.clients.strategies import StrategyName
from harness.errors import SettingError, did_you_mean


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """One client's settings. Thresholds are RMS relative to full scale; times are milliseconds."""

    gate_mode: Literal["zeros", "skip", "off"] = "off"
    """What becomes of a chunk below the gate: zeros of the same length, nothing at all, or the gate is off."""
    gate_threshold: float = 0.0
    """A chunk that is quieter than this is gated; 0 gates nothing."""
    gate_hold_ms: int = 0
    """How long the gate stays open after the last chunk above the threshold."""
    interruption_threshold: float = 0.0
    """While the assistant is believed to speak, a quieter chunk is no interruption and is gated."""
    watchdog_ms: int | None = None
    """In ``speech_started`` without a change for this long: send ``input_audio_buffer.clear``. None: no watchdog."""
    chunk_ms: int = 20
    """How much audio the microphone delivers at a time."""

    threshold: float | None = None
    """The server's turn detection: the least probability that is speech. None leaves the service's default."""
    prefix_padding_ms: int | None = None
    """The server's turn detection: audio before the speech that is in the turn. None leaves the service's default."""
    silence_duration_ms: int | None = None
    """The server's turn detection: the silence that ends a turn. None leaves the service's default."""

    recovery: StrategyName = "off"
    """Watch what failed and recover by this strategy of :mod:`harness.clients.strategies`; ``off`` watches nothing."""
    detectors: str = "all"
    """What is watched: ``all``, or names of :mod:`harness.clients.detectors` with commas between."""
    ping_interval_ms: int = 5_000
    """A ping is sent so often to learn whether the connection lives."""
    pong_timeout_ms: int = 5_000
    """A ping that is not answered for this long: the connection is dead."""
    capture_gap_ms: int = 1_500
    """No chunk for this long: the capture stopped."""
    capture_dead_dbfs: float = -50.0
    """A capture whose loudest chunk stays below this level delivers no voice."""
    capture_dead_ms: int = 6_000
    """A capture whose quiet is no room's for this long is dead, and is opened anew."""
    capture_moved_ms: int = 20_000
    """A capture that for this long is quieter than it ever was, without a voice, may be dead; without peaks that stand
    out after half of it, louder after twice."""
    capture_unproven_ms: int = 50_000
    """A capture that for this long brought no sound that stood out may be dead from the start; without peaks after half
    of it."""
    gated_voice_ms: int = 640
    """This much voice-like sound removed by the gate, unheard by the server, opens the gate."""
    stuck_speech_ms: int = 5_000
    """The server in speech for this long while it is sent quiet; once that was treated, for 2 s."""
    stuck_noise_ms: int = 12_000
    """The server in one speech while so much else than a voice was captured, in all."""
    longest_speech_ms: int = 30_000
    """The server in one speech for this long: nobody speaks so long without a breath."""
    answer_timeout_ms: int = 6_000
    """Voice was sent, ended, and nothing came back for this long; a user who speaks again does not begin it anew."""
    response_timeout_ms: int = 8_000
    """A response is open and nothing of it came for this long."""
    playback_grace_ms: int = 1_500
    """The end of playback is overdue by this long."""
    renew_after_ms: int = 20_000
    """A voice was captured, or an answer asked for, and the assistant was not heard for this long."""
    session_timeout_ms: int = 5_000
    """A new session says nothing, or does not confirm its settings, for this long."""
    dial_timeout_ms: int = 8_000
    """A dial that is neither answered nor refused has failed."""
    rung_wait_ms: int = 3_000
    """How long a step of the ladder is given before the next."""
    reconnect_first_ms: int = 500
    """The wait from a lost connection to the next dial; it doubles with each dial that fails."""
    reconnect_max_ms: int = 8_000
    """The longest wait before a dial."""

    def __post_init__(self) -> None:
        for name in setting_names():
            value = getattr(self, name)
            low, high = _RANGES.get(name, (1, HOUR_MS)) if name.endswith("_ms") else _RANGES.get(name, (None, None))
            if value is not None and low is not None and high is not None and not low <= value <= high:
                raise SettingError(f"client setting {name} is {value}; give a value from {low} to {high}")
        if self.gate_mode not in ("zeros", "skip", "off"):
            raise SettingError(f"client setting gate_mode is {self.gate_mode!r}; use zeros, skip or off")
        if self.recovery not in get_args(StrategyName):
            known = ", ".join(get_args(StrategyName))
            raise SettingError(f"client setting recovery is {self.recovery!r}; use one of: {known}")
        for name in self.watched():
            if name not in DETECTORS:
                raise SettingError(f"client setting detectors names {name!r}; {did_you_mean(name, DETECTORS)}")

    def watched(self) -> tuple[str, ...]:
        """The names of the detectors that are switched on, in the order of the registry."""
        if self.detectors == "all":
            return tuple(DETECTORS)
        chosen = [name.strip() for name in self.detectors.split(",") if name.strip()]
        return tuple(sorted(chosen, key=lambda name: list(DETECTORS).index(name) if name in DETECTORS else -1))

    def changed(self, **changes: Any) -> "ClientSettings":
        """Settings with some values replaced. Raises :exc:`SettingError` for an unknown name or a bad value."""
        check_settings(changes)
        return replace(self, **changes)


HOUR_MS = 3_600_000

_RANGES: dict[str, tuple[float, float]] = {
    "gate_threshold": (0, 1),
    "gate_hold_ms": (0, HOUR_MS),
    "interruption_threshold": (0, 1),
    "chunk_ms": (1, 1_000),
    "threshold": (0, 1),
    "prefix_padding_ms": (0, 10_000),
    "silence_duration_ms": (0, 60_000),
    "capture_dead_dbfs": (-120, 0),
}
"""Ranges of settings; a time without an entry is from 1 ms to an hour."""


def setting_names() -> tuple[str, ...]:
    """All settings, in the order of the class."""
    return tuple(field.name for field in fields(ClientSettings))


def check_settings(changes: dict[str, Any]) -> None:
    """Raise :exc:`SettingError` if a name is unknown or a value is of the wrong type or range."""
    types = {field.name: field.type for field in fields(ClientSettings)}
    for name, value in changes.items():
        if name not in types:
            raise SettingError(f"no client setting is called {name!r}; {did_you_mean(name, types)}")
        _check_type(name, value, str(types[name]))
        replace(ClientSettings(), **{name: value})


def _check_type(name: str, value: object, annotation: str) -> None:
    if "Literal" in annotation:
        return
    if value is None and "None" in annotation:
        return
    wanted: tuple[type, ...] = (str,) if "'str'" in annotation else (int, float) if "float" in annotation else (int,)
    if not isinstance(value, wanted) or isinstance(value, bool):
        kind = "a name" if str in wanted else "a number" if float in wanted else "a whole number"
        raise SettingError(f"client setting {name} is {value!r}; give {kind}")

"""What the session of a log was set to, from the events that show it: formats of audio, and turn detection."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..audio.formats import FORMATS, PCM24K, PCMA, PCMU, AudioFormat
from ..units import SECOND
from .logged import LoggedEvent

_BETA_FORMATS = {"pcm16": PCM24K, "g711_ulaw": PCMU, "g711_alaw": PCMA}
_PADDING_MS = 300
_LONGEST_PADDING_MS = 60_000
_EAGER_WAITS_US = {"low": 8 * SECOND, "high": 2 * SECOND}
"""The service waits 4 s with medium and auto."""
_TELLS = ("session.created", "session.updated")


@dataclass(frozen=True, slots=True)
class SeenSettings:
    """The settings of a session that bear on its diagnosis; what no event shows has the service's default."""

    input: AudioFormat = PCM24K
    output: AudioFormat = PCM24K
    detection: Mapping[str, Any] | None = None
    """Turn detection; None: it is off."""
    detection_is_known: bool = False
    """Whether an event of the server shows it."""
    session_type: str = "realtime"

    @property
    def commits_itself(self) -> bool:
        """Whether the server ends turns by itself, as far as is known."""
        return not self.detection_is_known or self.detection is not None

    @property
    def padding_ms(self) -> int:
        """So much before the speech ``audio_start_ms`` lies."""
        padding = (self.detection or {}).get("prefix_padding_ms", _PADDING_MS)
        usable = isinstance(padding, int | float) and 0 <= padding <= _LONGEST_PADDING_MS
        return int(padding) if usable else _PADDING_MS

    @property
    def patience_us(self) -> int:
        """How long semantic turn detection waits at most for the user to go on; 0 with another one."""
        detection = self.detection or {}
        if detection.get("type") != "semantic_vad":
            return 0
        return _EAGER_WAITS_US.get(str(detection.get("eagerness")), 4 * SECOND)

    @property
    def answers_itself(self) -> bool:
        """Whether the server starts responses by itself, as far as is known."""
        return self.commits_itself and (self.detection or {}).get("create_response") is not False


def settings_of(events: Iterable[LoggedEvent]) -> SeenSettings:
    """The settings that were in force at the end of these events.

    The server's word counts. What the client asked for is taken where no event of the server shows the setting.
    """
    asked: dict[str, Any] = {}
    told: dict[str, Any] = {}
    for each in events:
        if each.type == "session.update" or each.type in _TELLS:
            session = each.event.get("session")
            if isinstance(session, Mapping):
                (asked if each.by_client else told).update(_settings(session))
    found = {**asked, **told}
    return SeenSettings(
        found.get("input", PCM24K),
        found.get("output", PCM24K),
        found.get("detection"),
        "detection" in found,
        str(found.get("type", "realtime")),
    )


def _settings(session: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that this object shows, of the present API or of its beta."""
    found: dict[str, Any] = {}
    audio = session.get("audio")
    if isinstance(audio, Mapping):
        for side in ("input", "output"):
            half = audio.get(side)
            if isinstance(half, Mapping):
                if (kind := _format(half.get("format"))) is not None:
                    found[side] = kind
                _take_detection(half, found)
    for side in ("input", "output"):
        if (kind := _format(session.get(f"{side}_audio_format"))) is not None:
            found[side] = kind
    _take_detection(session, found)
    if isinstance(session.get("type"), str):
        found["type"] = session["type"]
    return found


def _take_detection(shown: Mapping[str, Any], found: dict[str, Any]) -> None:
    if "turn_detection" in shown:
        value = shown["turn_detection"]
        if value is None or isinstance(value, Mapping):
            found["detection"] = value


def _format(shown: object) -> AudioFormat | None:
    name = shown.get("type") if isinstance(shown, Mapping) else shown
    return FORMATS.get(name) or _BETA_FORMATS.get(name) if isinstance(name, str) else None

"""The shadow of a session that is elsewhere: what an honest server would have heard in what was passed on to it.

Formats and turn detection are those that the endpoint shows in ``session.created`` and ``session.updated``; until then
those of a new session.
"""

from collections.abc import Iterator
from typing import Any

from ...audio.formats import FORMATS, PCM24K, PCMA, PCMU, AudioFormat
from ...errors import SettingError
from ...journal import ShadowSpeechStarted, ShadowSpeechStopped
from ...server.detection import SEMANTIC, TURN_DETECTION, turn_settings
from ...server.hearing import Hearing
from ...server.policy import ServerPolicy
from ...vad.detector import make_detector
from ...vad.turn import SpeechStarted, TurnSettings

_OLD_FORMATS = {"pcm16": PCM24K, "g711_ulaw": PCMU, "g711_alaw": PCMA}
"""As services before GA name them."""


class ShadowEar:
    """Hears what is passed on. :meth:`configure` it with each session that the endpoint shows."""

    def __init__(self, detector: str) -> None:
        self.input_format = self.output_format = PCM24K
        self.detection: str | None = "server_vad"
        """The type of turn detection; None: it is off."""
        self._hearing = Hearing(make_detector(detector), PCM24K, TurnSettings())

    @property
    def speaking(self) -> bool:
        """Whether speech is heard."""
        return self._hearing.shadow.speaking

    def configure(self, session: Any) -> None:
        """Take what the endpoint's object of the session says, and leave what it does not."""
        if not isinstance(session, dict):
            return
        audio = _dictionary(session.get("audio"))
        listens, speaks = _dictionary(audio.get("input")), _dictionary(audio.get("output"))
        self.input_format = _format(listens.get("format", session.get("input_audio_format"))) or self.input_format
        self.output_format = _format(speaks.get("format", session.get("output_audio_format"))) or self.output_format
        self._hearing.declare(self.input_format)
        for place in (listens, session):
            if "turn_detection" in place:
                self._detect(place["turn_detection"])
                return

    def hear(self, now: int, connection: int, audio: bytes) -> Iterator[ShadowSpeechStarted | ShadowSpeechStopped]:
        """What this audio begins and ends, as entries."""
        self._hearing.empty()
        for _, shadow in self._hearing.hear(audio):
            if isinstance(shadow, SpeechStarted):
                yield ShadowSpeechStarted(t=now, connection=connection, audio_start_ms=shadow.audio_start_ms)
            elif shadow is not None:
                yield ShadowSpeechStopped(t=now, connection=connection, audio_end_ms=shadow.audio_end_ms)

    def restart(self) -> None:
        """The client has committed or cleared its audio: an honest server ends the speech there."""
        self._hearing.shadow.reset()

    def _detect(self, detection: Any) -> None:
        self._hearing.listening = isinstance(detection, dict)
        self.detection = None
        if not isinstance(detection, dict):
            self._hearing.shadow.reset()
            return
        kind = detection.get("type")
        self.detection = kind if isinstance(kind, str) else "server_vad"
        usual = SEMANTIC if self.detection == "semantic_vad" else TURN_DETECTION
        known = {name: value for name, value in detection.items() if name in usual and value is not None}
        try:
            self._hearing.configure(turn_settings({**usual, **known, "type": usual["type"]}, ServerPolicy()))
        except (SettingError, KeyError, TypeError):
            self._hearing.configure(TurnSettings())


def _dictionary(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _format(shown: Any) -> AudioFormat | None:
    name = shown.get("type") if isinstance(shown, dict) else shown
    return FORMATS.get(name) or _OLD_FORMATS.get(name) if isinstance(name, str) else None

"""The session's ear: appended bytes in, turn transitions out, and beside them the shadow.

The shadow is a second turn automaton that is given the detector's honest probabilities and follows the default
policies: what an honest server would have decided. Where the two differ, something was distorted.
"""

from collections.abc import Callable

from harness.audio.formats import AudioFormat
from harness.vad.detector import Detector
from harness.vad.ear import Ear
from harness.vad.turn import SpeechStarted, SpeechStopped, TurnDetector, TurnSettings

Transition = SpeechStarted | SpeechStopped


class Hearing:
    """Turn detection over everything that is appended in a session."""

    def __init__(self, detector: Detector, audio_format: AudioFormat, settings: TurnSettings) -> None:
        self.turn = TurnDetector(settings)
        self.shadow = TurnDetector(settings)
        self.distort: Callable[[float], float] | None = None
        """The detector seam: what the turn automaton is given in place of the honest probability."""
        self.listening = True
        """False where turn detection is off; the audio clock runs on."""
        self.buffered_bytes = 0
        self._detector = detector
        self._format = audio_format
        self._ear = Ear(detector, audio_format.rate_hz)
        self._odd = b""

    @property
    def buffered_us(self) -> int:
        """Audio appended since the last commit or clear."""
        return self._format.duration_us(self.buffered_bytes)

    def hear(self, payload: bytes) -> tuple[list[Transition], list[Transition]]:
        """Decide over appended audio; gives the transitions of the turn and those of the shadow."""
        self.buffered_bytes += len(payload)
        samples = self._format.decode(self._whole_samples(payload))
        decided: list[Transition] = []
        shadow: list[Transition] = []
        for honest in self._ear.hear(samples):
            if not self.listening:
                honest = 0.0
            given = honest if self.distort is None else self.distort(honest)
            if (transition := self.turn.step(given)) is not None:
                decided.append(transition)
            if (transition := self.shadow.step(honest)) is not None:
                shadow.append(transition)
        return decided, shadow

    def empty(self) -> None:
        """The buffer was committed or cleared."""
        self.buffered_bytes = 0

    def configure(self, settings: TurnSettings) -> None:
        """New thresholds and times, from the next frame on."""
        self.turn.configure(settings)
        self.shadow.configure(settings)

    def declare(self, audio_format: AudioFormat) -> None:
        """The client declared another format: what follows is read as that."""
        if audio_format != self._format:
            self._format = audio_format
            self._ear = Ear(self._detector, audio_format.rate_hz)
            self._odd = b""

    def restart_clock(self) -> None:
        """Count audio from zero again (a policy)."""
        settings = self.turn.settings
        self.turn, self.shadow = TurnDetector(settings), TurnDetector(settings)
        self._ear.reset()

    def _whole_samples(self, payload: bytes) -> bytes:
        """An append may end inside a sample; the rest of it leads the next append."""
        if not self._odd and len(payload) % self._format.bytes_per_sample == 0:
            return payload
        payload = self._odd + payload
        whole = len(payload) - len(payload) % self._format.bytes_per_sample
        self._odd = payload[whole:]
        return payload[:whole]

"""Turn detection of a session: appended bytes in, turn transitions out, and beside them those of the shadow.

The shadow is a second turn automaton with the same settings that gets the detector's honest probabilities; at a commit,
a clear or an update its turn is treated as the default policies say. That is what an honest server would have decided;
where the two differ, something was distorted. Another net may decide in place of the session's
own (:meth:`Hearing.replace`): both judge the same frames, and the shadow keeps to the session's own.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from ..audio.formats import PCM24K, AudioFormat, Samples
from ..audio.recognition import Recogniser
from ..vad.detector import FRAME_MS, Detector, make_detector
from ..vad.ear import Ear
from ..vad.energy import EnergyDetector
from ..vad.turn import SpeechStarted, SpeechStopped, TurnDetector, TurnSettings

Transition = SpeechStarted | SpeechStopped

Decided = tuple[Transition | None, Transition | None]
"""What one frame decided for the turn, and for the shadow."""
_NOTHING: Decided = (None, None)
_ONE_QUIET_FRAME = (_NOTHING,)
_MOST_RUNS = 64
"""Runs of speech that are remembered, the latest ones."""
_SILENCE = bytes(PCM24K.rate_hz * FRAME_MS // 1000 * PCM24K.bytes_per_sample)
_SILENT_FRAME: Samples = PCM24K.decode(_SILENCE)
_SILENT = [(0.0, 0.0)]
_SPEECH = 0.5
"""The probability from which a frame is speech, as the service's default threshold."""


class Hearing:
    """Turn detection over everything that is appended in a session."""

    def __init__(self, detector: Detector, audio_format: AudioFormat, settings: TurnSettings) -> None:
        self.turn = TurnDetector(settings)
        self.shadow = TurnDetector(settings)
        self.distort: Callable[[float], float] | None = None
        """The detector seam: from a frame's probability to the one that the turn automaton gets instead."""
        self.listening = True
        """False where turn detection is off; the audio clock runs on."""
        self.carries_odd_bytes = True
        """Whether an append that ends inside a sample leaves its rest to the next one (a policy)."""
        self.listener: Recogniser | None = None
        """Gets all samples, if the user's words are needed."""
        self.buffered_bytes = 0
        self.appended_us = 0
        """Length of everything that was appended in the session, in microseconds."""
        self._size, self._size_us = -1, 0
        """Bytes and length of the last append, which are usually those of the next one."""
        self._speech: deque[tuple[int, int]] = deque(maxlen=_MOST_RUNS)
        """Where there was speech to the honest detector, in milliseconds on the automaton's own clock."""
        self._detector = detector
        self.format = audio_format
        """The declared format of what is appended."""
        self._ear = Ear(detector, audio_format.rate_hz)
        self._knows_silence = type(detector) is EnergyDetector and audio_format is PCM24K
        """Whether digital silence of the length of a frame, which is a whole frame then, has probability 0."""
        self._other_ear: Ear | None = None
        self._last_heard: Samples | None = None
        self._restarted_ms = 0
        self._unheard: list[bytes] = []
        self._unheard_bytes = 0
        self._begin_ear()

    @property
    def buffered_us(self) -> int:
        """Audio appended since the last commit or clear."""
        return self.format.duration_us(self.buffered_bytes)

    @property
    def position_ms(self) -> int:
        """End of the last frame, on the client's clock."""
        return self.turn.position_ms - self._restarted_ms

    def recognise(self) -> str | None:
        """The words of the recordings in what was heard since the buffer was last empty; None if there are none."""
        return None if self.listener is None else self.listener.words()

    def hear(self, payload: bytes) -> Iterable[Decided]:
        """Decide over appended audio, frame by frame, whatever the length of an append.

        Act on what one frame decided before you take the next: the end of a turn empties the buffer, and what was said
        after it is judged only then.
        """
        if not self.carries_odd_bytes:
            payload = payload[: len(payload) - len(payload) % self.format.bytes_per_sample]
        size = len(payload)
        self.buffered_bytes += size
        if size != self._size:
            self._size, self._size_us = size, self.format.duration_us(size)
        self.appended_us += self._size_us
        self._unheard_bytes += size
        self._unheard.append(payload)
        needed = self._needed_bytes
        if self._unheard_bytes < needed:
            return ()
        audio = b"".join(self._unheard)
        if self._unheard_bytes >= 2 * needed:
            return self._frames(audio)
        self._unheard_bytes -= needed
        self._unheard = [audio[needed:]]
        probabilities = self._probabilities(audio[:needed])
        if len(probabilities) > 1 or self._unheard_bytes >= self._needed_bytes:
            return self._going_on(probabilities)
        return self._decided(*probabilities[0]) if probabilities else ()

    def empty(self, left_bytes: int = 0) -> None:
        """The buffer was committed or cleared, except for its last bytes."""
        self.buffered_bytes = left_bytes
        if self.listener is not None:
            self.listener.forget()

    def speech_ms(self, audio_ms: int, audio_end_ms: int | None = None) -> int:
        """How much of the last ``audio_ms`` before a position, by default before the last frame, is speech."""
        end_ms = self.turn.position_ms if audio_end_ms is None else audio_end_ms + self._restarted_ms
        begin_ms = end_ms - audio_ms
        return sum(max(0, min(last, end_ms) - max(first, begin_ms)) for first, last in self._speech)

    def _note_speech(self, begin_ms: int) -> None:
        """The frame that begins here is speech."""
        if self._speech and self._speech[-1][1] == begin_ms:
            begin_ms, end_ms = self._speech.pop()
        else:
            end_ms = begin_ms
        self._speech.append((begin_ms, end_ms + FRAME_MS))

    def bytes_after(self, audio_end_ms: int) -> int:
        """How much of the buffer was appended after the end of a turn: an append may reach beyond it."""
        left_samples = self._samples_after(audio_end_ms + self._restarted_ms)
        return min(self.buffered_bytes, left_samples * self.format.bytes_per_sample + self._unheard_bytes)

    def configure(self, settings: TurnSettings) -> None:
        """New thresholds and times, from the next frame on."""
        self.turn.configure(settings)
        self.shadow.configure(settings)

    def replace(self, detector_name: str | None) -> None:
        """From the next frame on, let a new detector of this name decide; None goes back to the session's own.

        Naming the one that decides already changes nothing. Raises :exc:`SettingError` for an unknown name.
        """
        if detector_name == self.replaced_by:
            return
        other = None if detector_name is None else Ear(make_detector(detector_name), self.format.rate_hz)
        if other is not None:
            other.hear(self._incomplete_frame())
        self._other_ear = other
        self._await_frame()

    @property
    def replaced_by(self) -> str | None:
        """The detector that decides in place of the session's own."""
        return None if self._other_ear is None else self._other_ear.detector.name

    def _incomplete_frame(self) -> Samples:
        """What the ear got beyond its last whole frame: resampling needs a little more than the frame."""
        if self._last_heard is None:
            return np.empty(0, np.int16)
        return self._last_heard[self._last_heard.size - self._samples_after(self.turn.position_ms) :]

    def declare(self, audio_format: AudioFormat) -> None:
        """The client declared another format: what follows is read as that. An incomplete frame is dropped."""
        if audio_format != self.format:
            samples = self.buffered_bytes // self.format.bytes_per_sample
            self.buffered_bytes = samples * audio_format.rate_hz // self.format.rate_hz * audio_format.bytes_per_sample
            self.format = audio_format
            self._size = -1
            self._ear = Ear(self._detector, audio_format.rate_hz)
            self._knows_silence = type(self._detector) is EnergyDetector and audio_format is PCM24K
            if self._other_ear is not None:
                self._other_ear = Ear(self._other_ear.detector, audio_format.rate_hz)
            self._begin_ear()

    def restart_clock(self) -> None:
        """Count audio from zero again (a policy); an open turn stays open."""
        self._restarted_ms = self.turn.position_ms
        self._ear.reset()
        if self._other_ear is not None:
            self._other_ear.reset()
        self._begin_ear()

    def _samples_after(self, position_ms: int) -> int:
        """How much the ear has been given of what comes after a position, on the automaton's own clock."""
        return self._ear_samples - (position_ms - self._ear_began_ms) * self.format.rate_hz // 1000

    def _begin_ear(self) -> None:
        self._ear_began_ms = self.turn.position_ms
        self._ear_samples = 0
        self._last_heard = None
        self._unheard = []
        self._unheard_bytes = 0
        self._await_frame()

    def _await_frame(self) -> None:
        """Collect appends until a frame can be complete: with two ears, until both can judge it.

        So an odd byte waits for the rest of its sample.
        """
        needed = self._ear.needed
        if self._other_ear is not None:
            needed = max(needed, self._other_ear.needed)
        self._needed_bytes = needed * self.format.bytes_per_sample

    def _frames(self, audio: bytes) -> Iterator[Decided]:
        """Decide over all that is unheard, except for an incomplete frame at its end."""
        start = 0
        while self._unheard_bytes >= self._needed_bytes:
            end = start + self._needed_bytes
            self._unheard_bytes = len(audio) - end
            for honest, given in self._probabilities(audio[start:end]):
                yield from self._decided(honest, given)
            start = end
        self._unheard = [audio[start:]]

    def _going_on(self, probabilities: list[tuple[float, float]]) -> Iterator[Decided]:
        """Decide over these frames, and over what is unheard after them."""
        for honest, given in probabilities:
            yield from self._decided(honest, given)
        yield from self._frames(b"".join(self._unheard))

    def _decided(self, honest: float, given: float) -> tuple[Decided]:
        """Let both automata take the next frame: its honest probability, and that of the net that decides."""
        if honest >= _SPEECH:
            self._note_speech(self.turn.position_ms)
        if self.distort is not None:
            given = self.distort(given)
        if not self.listening:
            given = honest = 0.0
        turned, shadow = self.turn.step(given), self.shadow.step(honest)
        if turned is shadow is None:
            return _ONE_QUIET_FRAME
        return ((self._on_client_clock(turned), self._on_client_clock(shadow)),)

    def _probabilities(self, audio: bytes) -> list[tuple[float, float]]:
        """For each frame that the audio completes: the honest probability, and that of the net that decides."""
        if audio == _SILENCE and self._knows_silence and self.listener is None and self._other_ear is None:
            self._ear_samples += _SILENT_FRAME.size
            self._last_heard = _SILENT_FRAME
            return _SILENT
        samples = self.format.decode(audio)
        self._ear_samples += samples.size
        self._last_heard = samples
        if self.listener is not None:
            self.listener.hear(samples, self.format.rate_hz)
        honest = self._ear.hear(samples)
        decisive = honest if self._other_ear is None else self._other_ear.hear(samples)
        self._await_frame()
        return list(zip(honest, decisive, strict=True))

    def _on_client_clock(self, transition: Transition | None) -> Transition | None:
        """The same with its position on the client's clock."""
        if isinstance(transition, SpeechStarted):
            return SpeechStarted(max(0, transition.audio_start_ms - self._restarted_ms))
        if isinstance(transition, SpeechStopped):
            return SpeechStopped(transition.audio_end_ms - self._restarted_ms)
        return None

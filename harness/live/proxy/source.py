"""Faults of the microphone at a proxy: the audio of the client's appends is decoded, distorted, and encoded again."""

import base64
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from ...audio.formats import SAMPLE_RATE_HZ, AudioFormat, Samples
from ...audio.resampling import Resampler
from ...faults.seams import ActiveFault, Distortion, SourceFault


class SourceFaults:
    """The active source faults of one connection; true while there are any, or late audio of one that has ended.

    A new connection is to them a capture that was opened anew.
    """

    def __init__(self) -> None:
        self._active: dict[ActiveFault, Distortion] = {}
        self._late: list[Samples] = []
        self._odd = b""
        self._format: AudioFormat | None = None
        self._rates: tuple[Resampler, Resampler] | None = None

    def __bool__(self) -> bool:
        return bool(self._active) or bool(self._late)

    def begin(self, active: ActiveFault) -> None:
        """Start a :class:`SourceFault`."""
        assert isinstance(active.fault, SourceFault)
        self._active[active] = active.fault.begin(active.rng)

    def end(self, active: ActiveFault) -> None:
        """End it; a source of audio that was lost stays lost, as on a page that does not open its capture again."""
        work = self._active.get(active)
        if work is not None:
            self._late += work.over()
            if not work.collected:
                del self._active[active]

    def distorted(self, audio: bytes, audio_format: AudioFormat) -> list[bytes]:
        """What is passed on in place of the audio of an append: no, one or several payloads."""
        if audio_format is not self._format:
            self._format, self._odd = audio_format, b""
            rate = audio_format.rate_hz
            self._rates = None
            if rate != SAMPLE_RATE_HZ:
                self._rates = Resampler(rate, SAMPLE_RATE_HZ), Resampler(SAMPLE_RATE_HZ, rate)
        audio = self._odd + audio
        whole = len(audio) - len(audio) % audio_format.bytes_per_sample
        self._odd = audio[whole:]
        passed: list[Samples] = [self._resampled(audio_format.decode(audio[:whole]), 0)]
        silence = np.zeros_like(passed[0])
        for work in self._active.values():
            passed = [out for each in passed if each.size for out in work.chunk(each, silence[: each.size])]
        late, self._late = self._late, []
        encoded = [audio_format.encode(self._resampled(each, 1)) for each in (*late, *passed) if each.size]
        return [each for each in encoded if each]

    def _resampled(self, samples: Samples, way: int) -> Samples:
        """To the rate in which faults are defined, or back."""
        if self._rates is None or not samples.size:
            return samples
        return self._rates[way].push_int16(samples)


def appends(text: bytes, payloads: Sequence[bytes]) -> list[bytes]:
    """The messages that carry these payloads in place of the audio of an append; its id stays with the first."""
    document: dict[str, Any] = msgspec.json.decode(text)
    found = []
    for number, payload in enumerate(payloads):
        fields = document if not number else {name: each for name, each in document.items() if name != "event_id"}
        found.append(msgspec.json.encode({**fields, "audio": base64.b64encode(payload).decode()}))
    return found

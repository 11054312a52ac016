"""Telephone audio is sent as if it were PCM: half noise, and six times too short.

Reported: a client declared ``audio/pcm`` and sent what Twilio gave it. The server detected the start of speech and
never its end: its audio clock runs at a sixth of the time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..audio import g711
from ..audio.formats import PCM24K, PCMU, Samples
from .parameters import one_of, parameter
from .seams import Distortion, SourceFault
from .wrong_rate import Resampled

_LAWS: dict[str, Callable[[Samples], bytes]] = {"mu-law": g711.encode_mu_law, "A-law": g711.encode_a_law}


@dataclass(frozen=True, slots=True)
class WrongFormat(SourceFault):
    """Telephone audio (G.711) is sent where PCM was declared: it is noise, and six times too short."""

    name = "wrong-format"
    reports = ("twilio-samples/speech-assistant-openai-realtime-api-python#6", "openai/openai-agents-js#1366")
    causes = ("audio_garbled", "endless_sound")

    law: str = parameter("mu-law", one_of(_LAWS), "Which of the two G.711 codings.")

    def begin(self, rng: np.random.Generator) -> Distortion:
        return _Telephone(_LAWS[self.law])


class _Telephone(Distortion):
    def __init__(self, encode: Callable[[Samples], bytes]) -> None:
        self._encode = encode
        self._resampled = Resampled(PCMU.rate_hz)
        self._left = b""

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        stream = self._left + self._encode(self._resampled.chunk(samples))
        whole = len(stream) - len(stream) % PCM24K.bytes_per_sample
        self._left = stream[whole:]
        return (PCM24K.decode(stream[:whole]),)

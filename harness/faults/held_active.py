"""The detector is held in speech: ``speech_started`` and never ``speech_stopped``."""

from collections.abc import Callable

import numpy as np

from .seams import DetectorFault


class HeldActive(DetectorFault):
    """The detector takes every frame for speech, so that the server never sends ``speech_stopped``."""

    name = "held-active"
    reports = ("twilio-samples/speech-assistant-openai-realtime-api-python#6", "MetaGLM/glm-realtime-sdk#21")
    causes = ("vad_held",)

    def begin(self, rng: np.random.Generator) -> Callable[[float], float]:
        return lambda probability: 1.0

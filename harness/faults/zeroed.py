"""The capture path delivers digital zeros at the usual pace: a muted or dead track."""

import numpy as np

from .seams import Distortion, EachChunk, SourceFault


class Zeroed(SourceFault):
    """The microphone delivers chunks of digital zeros at the usual pace, as a muted track does."""

    name = "zeroed"
    reports = ("twilio/twilio-video.js#941", "pathorsAI/parley#272", "measured: track disabled in Chromium")
    causes = ("capture_dead",)

    def begin(self, rng: np.random.Generator) -> Distortion:
        return EachChunk(np.zeros_like)

"""A run for Audacity: a label track, and the sound beside it as a stereo file.

In Audacity: File > Import > Audio, then File > Import > Labels. Each label has its begin and end in seconds, behind
tabs; a moment begins and ends at the same time.
"""

import io
import wave

import numpy as np

from ..audio.formats import SAMPLE_RATE_HZ, Samples
from ..journal import Journal
from ..picture.lanes import lanes
from ..picture.words import plain
from ..units import SECOND


def labels(journal: Journal) -> str:
    """The label track: every span of the picture with the name of its lane, and every mark, in the order of time."""
    seen = lanes(journal)
    found = [(span.start_us, span.end_us, f"{lane.name}: {span.label}") for lane in seen.lanes for span in lane.spans]
    found += [(mark.t, mark.t, f"{mark.symbol} {mark.text}") for mark in seen.marks]
    found.sort(key=lambda label: label[:2])
    return "".join(f"{begin / SECOND:.6f}\t{end / SECOND:.6f}\t{plain(text)}\n" for begin, end, text in found)


def stereo(left: Samples, right: Samples) -> bytes:
    """A WAV file of two channels, 16 bits at 24 kHz; the shorter one is followed by silence."""
    sound = np.zeros((max(left.size, right.size), 2), "<i2")
    sound[: left.size, 0] = left
    sound[: right.size, 1] = right
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(2)
        written.setsampwidth(2)
        written.setframerate(SAMPLE_RATE_HZ)
        written.writeframes(sound.tobytes())
    return file.getvalue()

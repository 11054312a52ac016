"""Audio without devices: clips, synthesised sound, levels, wire formats and sample rates.

All samples are one-dimensional int16 arrays at :data:`SAMPLE_RATE_HZ`, mono, unless a function says otherwise.
Nothing here keeps time or draws unseeded numbers; only :func:`load_clip` reads files.
"""

from .clips import Clip, clip_names, load_clip
from .formats import FORMATS, PCM24K, PCMA, PCMU, SAMPLE_RATE_HZ, AudioFormat, Samples, sample_count
from .levels import level_dbfs, peak_lsb, rms_lsb, sum_of_squares
from .resampling import Resampler, resample
from .synthesis import NOISES

__all__ = [
    "FORMATS",
    "NOISES",
    "PCM24K",
    "PCMA",
    "PCMU",
    "SAMPLE_RATE_HZ",
    "AudioFormat",
    "Clip",
    "Resampler",
    "Samples",
    "clip_names",
    "level_dbfs",
    "load_clip",
    "peak_lsb",
    "resample",
    "rms_lsb",
    "sample_count",
    "sum_of_squares",
]

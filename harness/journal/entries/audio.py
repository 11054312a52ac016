"""Audio on its way from the microphone to the server."""

from typing import ClassVar

from msgspec import UNSET, UnsetType

from .base import Entry


class AudioLevels(Entry, frozen=True, kw_only=True):
    """Half a second of audio on one lane, in a single entry."""

    chunks: int
    """Number of chunks."""
    samples: int
    """Number of samples, at 24 kHz."""
    rms: float
    """Level in LSB of 16 bits."""
    peak: int
    """Largest magnitude in LSB."""
    zeros: int
    """Number of chunks that are all zeros."""


class MicrophoneAudio(AudioLevels, frozen=True, kw_only=True):
    """Audio that the microphone delivered to the client."""

    lane: ClassVar[str] = "microphone"
    kind: ClassVar[str] = "audio"
    written_by: ClassVar[str] = "the world, for the client under test"


class UplinkAudio(AudioLevels, frozen=True, kw_only=True):
    """Audio that the client sent as ``input_audio_buffer.append``."""

    lane: ClassVar[str] = "uplink"
    kind: ClassVar[str] = "audio"
    written_by: ClassVar[str] = "the world, for the client under test; live, the session"
    connection: int
    """The connection it was sent on; connections count from 1."""
    age_ms: int | UnsetType = UNSET
    """How long ago the last of it was captured, in milliseconds; absent below 100 ms, and if it is not recognised as
    audio of the microphone."""

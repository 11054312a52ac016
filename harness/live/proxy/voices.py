"""The audio of a session as files, if that is wanted: what was sent to the endpoint, and what it sent.

Each is a WAV of 24 kHz that only its owner can read, beside the journal. Pauses in which nothing is sent are left out.
"""

import logging
import os
import wave
from pathlib import Path
from typing import BinaryIO

from ...audio.formats import PCM24K, SAMPLE_RATE_HZ, AudioFormat
from ...audio.resampling import Resampler
from ...writing import open_regular

_log = logging.getLogger("harness.live")


class KeptVoices:
    """The two files of one connection, which begin with the first audio of each. Nothing raises."""

    def __init__(self, beside: Path, number: int) -> None:
        stem = beside.with_name(f"{beside.stem}-{number}")
        self._sent, self._received = (_Wave(Path(f"{stem}-{what}.wav")) for what in ("sent", "received"))

    def sent(self, audio: bytes, audio_format: AudioFormat) -> None:
        """Audio that the endpoint is sent."""
        self._sent.write(audio, audio_format)

    def received(self, audio: bytes, audio_format: AudioFormat) -> None:
        """Audio that the endpoint has sent."""
        self._received.write(audio, audio_format)

    def close(self) -> None:
        """There is no more."""
        self._sent.close()
        self._received.close()


class _Wave:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._wave: wave.Wave_write | None = None
        self._odd = b""
        self._format: AudioFormat | None = None
        self._resampler: Resampler | None = None
        self._failed = False

    def write(self, audio: bytes, audio_format: AudioFormat) -> None:
        if self._failed:
            return
        if audio_format is not self._format:
            self._format, self._odd = audio_format, b""
            rate = audio_format.rate_hz
            self._resampler = None if rate == SAMPLE_RATE_HZ else Resampler(rate, SAMPLE_RATE_HZ)
        audio = self._odd + audio
        whole = len(audio) - len(audio) % audio_format.bytes_per_sample
        self._odd = audio[whole:]
        samples = audio_format.decode(audio[:whole])
        if self._resampler is not None:
            samples = self._resampler.push_int16(samples)
        try:
            self._open().writeframes(PCM24K.encode(samples))
        except OSError as error:
            self._failed = True
            _log.warning(
                "the audio in %s is not kept on: %s; make room or choose another folder", self._path, error.strerror
            )

    def _open(self) -> wave.Wave_write:
        if self._wave is None:
            self._file = os.fdopen(open_regular(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL), "wb")
            self._wave = wave.open(self._file, "wb")  # noqa: SIM115
            self._wave.setnchannels(1)
            self._wave.setsampwidth(PCM24K.bytes_per_sample)
            self._wave.setframerate(SAMPLE_RATE_HZ)
        return self._wave

    def close(self) -> None:
        try:
            if self._wave is not None:
                self._wave.close()
            if self._file is not None:
                self._file.close()
        except OSError:
            pass  # what could be written is there
        self._wave = self._file = None
        self._failed = True

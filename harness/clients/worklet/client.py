"""A voice client of the kit behind a user's own AudioWorklet: what the worklet lets pass is sent.

The worklet is the gate, so the kit's own lets everything pass. All other parts work as the client's settings say: the
supervisor and the barge-in get what the microphone captured, as in a page whose monitor is before its gate.
"""

import gc
import weakref
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ...audio.chunk import Chunk
from ...audio.clips import load_clip
from ...audio.formats import SAMPLE_RATE_HZ, Samples, sample_count
from ...audio.resampling import Resampler
from ...errors import ClientError, SettingError
from ...protocol.events import InputAudioBufferAppend
from ...units import FULL_SCALE, MS
from ..gate import Gate
from ..interface import Command, Log
from ..settings import ClientSettings
from ..voice_client import VoiceClient
from .names import OF_WORKLET, WorkletName
from .process import FloatSamples, WorkletPiece, WorkletProcess

_VOICE = "speech_en_m_librivox_0870"
"""The clip by which it is found out what a worklet sends."""
_VOICE_S = 2
_HELD_US = 250 * MS
"""A worklet that posts nothing for so long gates."""


class Worklet:
    """One worklet that hears what is captured. Every method raises :exc:`ClientError` in one sentence."""

    def __init__(self, name: WorkletName, settings: Mapping[str, Any]) -> None:
        self._process = process = _process()
        weakref.finalize(self, _put_back, process)
        loaded = process.load(Path(name.file), settings)
        self._in = _between(SAMPLE_RATE_HZ, loaded.rate_hz)
        self.opens_gate = loaded.opens_gate
        self.found = process.probe(Resampler(SAMPLE_RATE_HZ, loaded.rate_hz).push(_loud_voice()))
        if self.found.unused:
            known = ", ".join(f"{OF_WORKLET}{each}" for each in self.found.takes)
            raise SettingError(
                f"{OF_WORKLET}{self.found.unused[0]}: {name.file} has no AudioParam of this name and never asks for "
                f"such an option{f'; it has {known}' if known else ''}"
            )
        self.posts = self.found.sends == "messages"
        self._out = _between(loaded.posted_rate_hz if self.posts else loaded.rate_hz, SAMPLE_RATE_HZ)
        self._told = False

    def hear(self, captured: Samples, speaking: bool) -> tuple[list[Samples], tuple[str, ...]]:
        """What it gives for the next samples (int16 at 24 kHz), and the lines that it wrote to the console."""
        if speaking != self._told:
            self._told = speaking
            self._process.assistant(speaking)
        answer = self._process.hear(self._in.push(captured) if self._in else _floats(captured))
        given = [_int16(each) for each in answer.pieces]
        return [self._out.push_int16(each) for each in given] if self._out else given, answer.console

    def open_gate(self) -> None:
        """Ask its page file to open the gate."""
        self._process.open_gate()


_idle: list[WorkletProcess] = []
"""A process that waits for the next run: it takes longer to start one than to play a conversation."""


def _process() -> WorkletProcess:
    """One that is free. Runs that are over may hold theirs until the search for cycles finds them."""
    if not _idle:
        gc.collect()
    return _idle.pop() if _idle and _idle[-1].is_alive else WorkletProcess()


def _put_back(process: WorkletProcess) -> None:
    if not _idle and process.is_alive:
        _idle.append(process)
    else:
        process.close()


@lru_cache(maxsize=1)
def _loud_voice() -> Samples:
    """A voice up to full scale, which every gate lets pass."""
    samples = load_clip(_VOICE).samples[: _VOICE_S * SAMPLE_RATE_HZ].astype(np.float64)
    loud: Samples = np.rint(samples * ((FULL_SCALE - 1) / np.abs(samples).max())).astype(np.int16)
    return loud


def _between(source_hz: int, target_hz: int) -> Resampler | None:
    return None if source_hz == target_hz else Resampler(source_hz, target_hz)


def _floats(samples: Samples) -> FloatSamples:
    return samples.astype(np.float32) / np.float32(FULL_SCALE)


def _int16(piece: WorkletPiece) -> Samples:
    """Samples as int16: floats are rounded, and clipped at full scale; what is no number is silence."""
    if piece.dtype == np.int16:
        return piece.astype(np.int16, copy=False)
    values: FloatSamples = np.nan_to_num(piece.astype(np.float32, copy=False))
    whole: Samples = np.clip(np.rint(values * np.float32(FULL_SCALE)), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return whole


class WorkletGate(Gate):
    """The gate that the worklet is, for the recovery ladder: it can be opened if the page file says how."""

    def __init__(self, settings: ClientSettings, worklet: Worklet) -> None:
        super().__init__(settings)
        self._worklet = worklet
        self._is_open = not worklet.opens_gate

    @property
    def is_open(self) -> bool:
        """Whether nothing more can be opened."""
        return self._is_open

    def open(self) -> None:
        """Ask the page file to let everything pass from now on."""
        if not self._is_open:
            self._is_open = True
            self._worklet.open_gate()

    def raise_over(self, noise: float) -> None:
        """Nothing: a worklet's threshold is its own."""


class WorkletClient(VoiceClient):
    """One of the kit's voice clients, as its settings say, behind a worklet."""

    def __init__(self, settings: ClientSettings, name: WorkletName, of_worklet: Mapping[str, Any]) -> None:
        self.worklet = Worklet(name, of_worklet)
        super().__init__(settings, gate=WorkletGate(settings, self.worklet))
        found = self.worklet.found
        what = {"file": Path(name.file).name, "processor": found.processor, "sends": found.sends}
        self._first: list[Command] = [Log("worklet", what)]
        self._chunk_samples = sample_count(settings.chunk_ms * MS)
        self._rest: Samples = np.zeros(0, np.int16)
        self._passes = True
        self._gave_at = 0

    def hear(self, chunk: Chunk, now: int) -> list[Command]:
        """Let the worklet hear the chunk, and append what it gives."""
        speaking = self.playback.speaks(now)
        given, console = self.worklet.hear(chunk.readable, speaking)
        if given:
            self._gave_at = now
            self._passes = any(each.any() for each in given)
        passed = self._passes and now - self._gave_at <= _HELD_US
        commands, self._first = self._first, []
        commands += [Log("console", {"line": line}) for line in console]
        commands += self._captured(chunk, passed, speaking, now)
        pieces = given if self.worklet.posts else self._cut(given)
        if self.connected:
            commands += [InputAudioBufferAppend(audio=each.astype("<i2").tobytes()) for each in pieces if each.size]
        return commands

    def _cut(self, rendered: list[Samples]) -> list[Samples]:
        """The output in chunks of the client's length."""
        whole = np.concatenate([self._rest, *rendered])
        count = whole.size // self._chunk_samples
        end = count * self._chunk_samples
        self._rest = whole[end:]
        return list(whole[:end].reshape(count, self._chunk_samples))


def make_client(name: WorkletName, defaults: ClientSettings, changes: Mapping[str, Any]) -> WorkletClient:
    """The client that a name means, with settings of the client and, as ``worklet.NAME``, of the worklet."""
    of_worklet = {key.removeprefix(OF_WORKLET): value for key, value in changes.items() if key.startswith(OF_WORKLET)}
    of_client = {key: value for key, value in changes.items() if not key.startswith(OF_WORKLET)}
    try:
        return WorkletClient(defaults.changed(**of_client), name, of_worklet)
    except OSError as error:
        raise ClientError(f"{name.file}: Node cannot be started: {error.strerror or error}; install it anew") from error

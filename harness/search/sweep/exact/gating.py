"""What the gates of many cells would have let pass of the audio of one recording."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ....clients.gate import Gate, mean_square
from ....clients.settings import ClientSettings
from ....units import MS, SECOND
from .recording import Recording

Mask = NDArray[np.bool_]
"""Which chunks pass: ``[chunks]``, or ``[rows, chunks]``."""
_NEVER = -(1 << 40)
_RECENT_US = SECOND


@dataclass(frozen=True, slots=True)
class Rows:
    """Cells whose gates let the same chunks pass are one row."""

    masks: Mask
    """``[rows, chunks]``."""
    cells: list[list[int]]
    """The cells of each row, by their places in what was asked."""


class GateModel:
    """The gate of the recorded client, with other thresholds and hold times."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._energies = np.array(recording.energies, np.float64)
        self._sizes = np.array(recording.sizes, np.float64)
        self._times = np.array(recording.times, np.int64)
        self._speaking = np.array(recording.speaking, np.bool_)

    def parted(self, settings: ClientSettings) -> tuple[str, int] | None:
        """Where a client with other thresholds would have known or done something else, as far as the gate's own state
        and barge-ins go; None: nowhere."""
        recording = self._recording
        gate = Gate(settings)
        if recording.settings.recovery != "off" and gate.is_open != Gate(recording.settings).is_open:
            return "gate", -1
        for number, change in enumerate(recording.gate_changes):
            getattr(gate, change.method)(*change.arguments)
            if (gate.raised, gate.is_open) != (change.raised, change.is_open):
                return "gate", number
        if settings.interruption_threshold != recording.settings.interruption_threshold:
            loud = self._speaking & (self._energies >= mean_square(settings.interruption_threshold) * self._sizes)
            for number, check in enumerate(recording.barge_ins):
                times = self._times[: check.before][loud[: check.before]]
                answer = bool(times.size) and check.now - int(times[-1]) <= _RECENT_US
                answer = answer or (not times.size and check.now <= 0)
                if answer is not check.answer:
                    return "barge-in", number
        return None

    def rows(self, cells: Sequence[ClientSettings], relevant: Mask) -> Rows:
        """The distinct masks of some cells; of chunks that are not relevant nothing is told."""
        by_limits: dict[tuple[float, float], list[int]] = {}
        for number, settings in enumerate(cells):
            by_limits.setdefault(Gate(settings).limits, []).append(number)
        found: dict[bytes, int] = {}
        masks: list[NDArray[np.uint8]] = []
        members: list[list[int]] = []
        by_loud: dict[bytes, tuple[Mask, list[int]]] = {}
        for numbers in by_limits.values():
            loud = self._loud(cells[numbers[0]])
            by_loud.setdefault(np.packbits(loud).tobytes(), (loud, []))[1].extend(numbers)
        for loud, numbers in by_loud.values():
            for mask, held in self._held(loud, numbers, cells):
                packed = np.packbits(mask & relevant)
                row = found.setdefault(packed.tobytes(), len(masks))
                if row == len(masks):
                    masks.append(packed)
                    members.append([])
                members[row] += held
        count = self._energies.size
        return Rows(np.unpackbits(np.array(masks), axis=1, count=count).astype(np.bool_), members)

    def _held(
        self, loud: Mask, numbers: list[int], cells: Sequence[ClientSettings]
    ) -> Iterator[tuple[Mask, list[int]]]:
        """The masks of gates that find the same chunks loud, and hold them for different times."""
        last = np.maximum.accumulate(np.where(loud, self._times, _NEVER))
        ages = self._times - last
        steps = np.unique(ages[~loud & (last != _NEVER)])
        by_step: dict[int, list[int]] = {}
        for number in numbers:
            hold_us = cells[number].gate_hold_ms * MS
            by_step.setdefault(int(np.searchsorted(steps, hold_us, side="right")), []).append(number)
        for step, held in by_step.items():
            yield (loud | (ages <= steps[step - 1]) if step else loud), held

    def _loud(self, settings: ClientSettings) -> Mask:
        """The chunks that reach the threshold in force."""
        gate = Gate(settings)
        limits = np.empty(self._energies.size)
        begin = 0
        for change in (*self._recording.gate_changes, None):
            end = limits.size if change is None else change.before
            listening, speaking = gate.limits
            limits[begin:end] = np.where(self._speaking[begin:end], speaking, listening)
            begin = end
            if change is not None:
                getattr(gate, change.method)(*change.arguments)
        return np.asarray(self._energies >= limits * self._sizes)

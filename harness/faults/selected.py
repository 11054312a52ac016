"""What the faults on some events of a wire have in common: which events they strike."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from harness.faults.parameters import DURATION, EVENTS, matcher, number, one_of, parameter, whole
from harness.faults.seams import PASS, Carriage, Fate, Passage, WireFault

MOST = 1_000_000
"""No count of events is larger."""


@dataclass(frozen=True, slots=True)
class EventsFault(WireFault):
    """One fate for the events that are selected; all others pass, and so do pings, pongs and Closes."""

    direction: Literal["up", "down", "both"] = parameter(
        "both", one_of(("up", "down", "both")), "Which way: up to the server, down to the client."
    )
    events: str = parameter("*", EVENTS, "Their type, or a pattern of types.")
    skip: int = parameter(0, whole(0, MOST), "So many of them pass first.")
    count: int | None = parameter(None, whole(1, MOST), "Strike at most so many.")
    audio_us: int = parameter(0, DURATION, "Strike only after so much audio has gone this way.")
    probability: float = parameter(1.0, number(0, 1), "The probability with which each is struck.")

    @property
    def fate(self) -> Fate:
        """What becomes of the events that are selected."""
        raise NotImplementedError

    def begin(self, rng: np.random.Generator) -> Carriage:
        selection = _Selection(self, rng)
        return lambda passage, now: self.fate if selection.has(passage) else PASS


class _Selection:
    """Counts what passes on one connection."""

    def __init__(self, fault: EventsFault, rng: np.random.Generator) -> None:
        self._fault = fault
        self._rng = rng
        self._matches = matcher(fault.events)
        self._left_us = fault.audio_us
        self._to_skip = fault.skip
        self._struck = 0

    def has(self, passage: Passage) -> bool:
        """Whether this one is struck."""
        fault = self._fault
        if passage.kind is None or fault.direction not in (passage.direction, "both"):
            return False
        early = self._left_us > 0
        self._left_us -= passage.audio_us
        if early or not self._matches(passage.kind) or self._struck == fault.count:
            return False
        if self._to_skip:
            self._to_skip -= 1
            return False
        if fault.probability < 1 and self._rng.random() >= fault.probability:
            return False
        self._struck += 1
        return True

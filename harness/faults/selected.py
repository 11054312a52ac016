"""The base of the faults on some events of a wire: how the events are selected."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .parameters import DURATION, EVENT_TYPE, matcher, number, one_of, parameter, whole
from .seams import PASS, Delivery, MessageInfo, WireFault, WireFilter

_MOST = 1_000_000
"""The largest count of events."""


@dataclass(frozen=True, slots=True)
class EventsFault(WireFault):
    """One delivery for all events that are selected; other events pass, and so do pings, pongs and Closes."""

    direction: Literal["up", "down", "both"] = parameter(
        "both", one_of(("up", "down", "both")), "The direction: up to the server, down to the client, or both."
    )
    events: str = parameter("*", EVENT_TYPE, "The type of the events, or a pattern of types.")
    skip: int = parameter(0, whole(0, _MOST), "So many of them pass first.")
    count: int | None = parameter(None, whole(1, _MOST), "At most so many are selected.")
    audio_us: int = parameter(0, DURATION, "None is selected before so much audio was sent in this direction.")
    probability: float = parameter(1.0, number(0, 1), "The probability that each is selected.")

    @property
    def delivery(self) -> Delivery:
        """How the selected events are delivered."""
        raise NotImplementedError

    def begin(self, rng: np.random.Generator) -> WireFilter:
        selection = _Selection(self, rng)
        return lambda message, now: self.delivery if selection.has(message) else PASS


class _Selection:
    """Counts the messages of one connection."""

    def __init__(self, fault: EventsFault, rng: np.random.Generator) -> None:
        self._fault = fault
        self._rng = rng
        self._matches = matcher(fault.events)
        self._left_us = fault.audio_us
        self._to_skip = fault.skip
        self._selected = 0

    def has(self, message: MessageInfo) -> bool:
        """Whether this message is selected."""
        fault = self._fault
        if message.kind is None or fault.direction not in (message.direction, "both"):
            return False
        early = self._left_us > 0
        self._left_us -= message.audio_us
        if early or not self._matches(message.kind) or self._selected == fault.count:
            return False
        if self._to_skip:
            self._to_skip -= 1
            return False
        if fault.probability < 1 and self._rng.random() >= fault.probability:
            return False
        self._selected += 1
        return True

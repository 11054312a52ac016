"""The four places at which a fault may enter, as base classes.

A fault says only how it distorts; the world says when it starts and ends. It never reads a clock: it is given the
moment, and its randomness is a generator of its own, made from the run's seed and the fault's place in the timeline,
so that adding one fault does not reshuffle the others.
"""

from typing import Any, ClassVar, Literal

import numpy as np

from harness.audio.formats import Samples


class SourceFault:
    """Distorts what the microphone delivers."""

    name: ClassVar[str]

    def __init__(self, rng: np.random.Generator, **parameters: Any) -> None:
        self.rng = rng

    def distort(self, samples: Samples) -> Samples | None:
        """The chunk delivered in place of ``samples`` (int16, any length); None if no chunk comes at all."""
        raise NotImplementedError


class DetectorFault:
    """Distorts the speech probability that the turn automaton sees; the shadow sees the honest one."""

    name: ClassVar[str]

    def distort(self, probability: float) -> float:
        """The probability in [0, 1] that the automaton is given for this frame."""
        raise NotImplementedError


class PolicyFault:
    """Sets switches of :class:`harness.server.policy.ServerPolicy`."""

    name: ClassVar[str]
    changes: ClassVar[dict[str, str]]


class WireFault:
    """Decides the fate of each message on one connection."""

    name: ClassVar[str]
    kills: ClassVar[bool] = False
    """The connection closes at once, on both sides, without a Close frame."""
    dials: ClassVar[Literal["pass", "refuse", "hang", "wait"]] = "pass"
    """What becomes of a new connection while it lasts: it opens, is refused at once, goes unanswered, or opens when
    the fault ends."""
    permanent: ClassVar[bool] = True
    """A connection once struck stays so, even after the heal; otherwise it ends with the step."""

    def fate(self, direction: Literal["up", "down"], is_event: bool) -> Literal["pass", "lose", "hold"]:
        """What becomes of a message; ``is_event`` is false for pings and pongs. Held ones arrive when it ends."""
        return "pass"

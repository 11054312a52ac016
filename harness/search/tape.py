"""One choice tape: each choice of a generator is a whole number below another one, and is written down.

A generator of scenarios asks a :class:`Source` and nothing else, so that whoever answers decides what is generated:
:class:`Seeded` a seed, :class:`Replay` a tape that was written before, :func:`enumerated` everything in turn, and
:mod:`harness.search.strategies` Hypothesis. A generator gives the plainest choice the number 0, so that a tape of
nothing is the plainest scenario, and one with smaller numbers is a plainer one.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from ..units import MS
from ..world.seeds import generator

_T = TypeVar("_T")
_STEPS = 240
"""So many steps a duration has between its ends."""


class Source(ABC):
    """Answers the choices of a generator. ``tape`` has all answers so far, in order."""

    def __init__(self) -> None:
        self.tape: list[int] = []

    def below(self, n: int) -> int:
        """A whole number from 0 to ``n - 1``; ``n`` is 1 or more."""
        chosen = self._choose(n)
        self.tape.append(chosen)
        return chosen

    @abstractmethod
    def _choose(self, n: int) -> int:
        """A whole number from 0 to ``n - 1``."""

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included; ``low`` is the plainest."""
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        """True in so many of a hundred cases; False is the plainest."""
        return self.below(100) >= 100 - percent

    def every(self, n: int) -> bool:
        """True in one of ``n`` cases, and a seed in exactly one of ``n`` that follow each other; False is the plainest.

        Where two periods have no common divisor, they meet in one of so many seeds as their product.
        """
        return self.dealt(n) == n - 1

    def dealt(self, n: int, period: int = 1) -> int:
        """A whole number below ``n``: of the seeds in which :meth:`every` of this period is true, each gets the next.

        With the period 1 these are all seeds.
        """
        chosen = self._deal(n, period)
        self.tape.append(chosen)
        return chosen

    def _deal(self, n: int, period: int) -> int:
        """A whole number below ``n``; a source that knows no seeds before it and after it chooses any."""
        return self._choose(n)

    def one_of(self, options: Sequence[_T]) -> _T:
        """One of the options, all as often; the first is the plainest."""
        return options[self.below(len(options))]

    def weighted(self, options: Sequence[tuple[_T, int]]) -> _T:
        """One of the options, each as often as its weight says; the first is the plainest."""
        left = self.below(sum(weight for _, weight in options))
        for option, weight in options:
            if left < weight:
                return option
            left -= weight
        raise AssertionError("the weights were added up above")

    def some_of(self, options: Sequence[_T], count: int) -> list[_T]:
        """So many different options, or all if there are fewer, in a random order."""
        left = list(options)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]

    def duration(self, low_us: int, high_us: int) -> int:
        """A length of whole milliseconds, in microseconds; its logarithm is uniformly distributed."""
        part = self.below(_STEPS + 1) / _STEPS
        return max(MS, round(low_us * math.exp(part * math.log(high_us / low_us)) / MS) * MS)


class Seeded(Source):
    """A seed decides; ``name`` makes the choices of two generators with one seed independent."""

    def __init__(self, seed: int, name: str) -> None:
        super().__init__()
        self._seed = seed
        self._random = generator(seed, name)

    def _choose(self, n: int) -> int:
        return int(self._random.integers(n))

    def _deal(self, n: int, period: int) -> int:
        return self._seed // period % n


class Replay(Source):
    """A tape decides. Where it is too short, 0 is chosen; a number that is too large stands for the largest."""

    def __init__(self, tape: Sequence[int]) -> None:
        super().__init__()
        self._written = tape

    def _choose(self, n: int) -> int:
        at = len(self.tape)
        return max(0, min(self._written[at], n - 1)) if at < len(self._written) else 0


def enumerated(make: Callable[[Source], _T]) -> Iterator[tuple[tuple[int, ...], _T]]:
    """Everything that a generator can make, each with its tape, the plainest first.

    It is only for generators of a few choices among a few options.
    """
    odometer = _Odometer()
    while True:
        made = make(odometer)
        yield tuple(odometer.tape), made
        if not odometer.turn():
            return


class _Odometer(Source):
    """Counts through all tapes: the last choice that is not at its largest goes on by one, those after it restart."""

    def __init__(self) -> None:
        super().__init__()
        self._fixed: list[int] = []
        self._sizes: list[int] = []

    def _choose(self, n: int) -> int:
        at = len(self.tape)
        self._sizes.append(n)
        return self._fixed[at] if at < len(self._fixed) else 0

    def turn(self) -> bool:
        """Go on to the next tape; False if this was the last one."""
        for at in reversed(range(len(self.tape))):
            if self.tape[at] + 1 < self._sizes[at]:
                self._fixed = [*self.tape[:at], self.tape[at] + 1]
                self.tape, self._sizes = [], []
                return True
        return False

"""A random generator for each part of a run, from the run's seed and the part's name.

The names make them independent: another fault, link or noise does not change the random values of the others.
"""

from hashlib import blake2s

import numpy as np


def seed_of(seed: int, name: str) -> int:
    """A 63-bit seed for the part ``name`` of the run with this seed."""
    return int.from_bytes(blake2s(f"{seed}/{name}".encode()).digest()[:8], "big") >> 1


def generator(seed: int, name: str) -> np.random.Generator:
    """A generator for the part ``name`` of the run with this seed."""
    return np.random.Generator(np.random.PCG64(seed_of(seed, name)))

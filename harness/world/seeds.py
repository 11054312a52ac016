"""Generators for each random thing in a run, from the run's seed and the thing's own name.

Naming them keeps them apart: adding a fault, a link or a noise changes no other one's draws.
"""

from hashlib import blake2s

import numpy as np


def seed_of(seed: int, name: str) -> int:
    """A 63-bit seed for ``name`` in the run with this seed."""
    return int.from_bytes(blake2s(f"{seed}/{name}".encode()).digest()[:8], "big") >> 1


def generator(seed: int, name: str) -> np.random.Generator:
    """A generator for ``name`` in the run with this seed."""
    return np.random.Generator(np.random.PCG64(seed_of(seed, name)))

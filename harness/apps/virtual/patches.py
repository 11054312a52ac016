"""Puts Python's clocks, threads and randomness under a :class:`.clock.Clock`, for good: the process plays one run.

:func:`install` must be called before the app is imported, so that ``from time import monotonic`` finds the new ones;
modules that were imported before are searched for the old ones. Without an active clock, and in threads that the app
has not started, all of them do what they did.
"""

import contextlib
import os
import platform
import random
import ssl
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import InputError
from ...units import SECOND
from .clock import microseconds
from .refusals import refuse_what_is_real
from .threads import active, clocks, install_threads

EPOCH_S = 1_767_225_600
"""Unix time when a run begins: 2026-01-01T00:00:00Z."""
NEEDS_EXTRA = "an app in virtual time needs time-machine; install it beside stillthere: pip install time-machine"
_NOT_OURS = (
    "_thread", "datetime", "harness", "numpy", "queue", "selectors", "stillthere", "threading", "time_machine",
)  # fmt: skip
"""Modules whose own names are not replaced, nor those of their parts."""
_FROZEN = "_frozen"
"""How the names of Python's own import begin."""
_READERS = ("monotonic", "perf_counter", "process_time", "thread_time")
_NODE = 0x0242AC110002
"""The hardware address that time-based UUIDs are made of; one that no real machine has."""


def install(seed: int) -> None:
    """Replace what an app may tell the time by, wait with, or draw from. Raises :exc:`InputError` without the extra."""
    try:
        import time_machine
    except ImportError:
        raise InputError(NEEDS_EXTRA) from None
    platform.processor()  # it starts a process, once
    os.environ["TZ"] = "UTC"
    if hasattr(time, "tzset"):
        time.tzset()
    traveller = time_machine.travel(EPOCH_S, tick=False).start()
    setattr(traveller, "time_ns", _unix_ns)  # noqa: B010 - it is a method elsewhere
    swaps = {id(old): (old, new) for old, new in (*_clock_swaps(), *_random_swaps(seed))}
    _swap(swaps | install_threads())
    refuse_what_is_real()


def _swap(swaps: dict[int, tuple[Any, Any]]) -> None:
    for name, module in list(sys.modules.items()):
        if module is None or name.partition(".")[0] in _NOT_OURS or name.startswith(_FROZEN):
            continue
        try:
            members = list(vars(module).items())
        except TypeError:
            continue
        for attribute, value in members:
            old, new = swaps.get(id(value), (None, None))
            if new is not None and old is value:
                with contextlib.suppress(Exception):
                    setattr(module, attribute, new)


# --- clocks -----------------------------------------------------------------------------------------------------------


def _clock_swaps() -> list[tuple[Any, Any]]:
    names = [name for name in _READERS if hasattr(time, name)]
    swaps: list[tuple[Any, Any]] = [(getattr(time, name), _reader(name, in_ns=False)) for name in names]
    swaps += [(getattr(time, f"{name}_ns"), _reader(f"{name}_ns", in_ns=True)) for name in names]
    swaps.append((_real_sleep, _sleep))
    if hasattr(time, "clock_gettime"):
        swaps += [(getattr(time, name), _clock_reader(name)) for name in ("clock_gettime", "clock_gettime_ns")]
    return swaps


def _reader(name: str, *, in_ns: bool) -> Callable[[], Any]:
    real = getattr(time, name)

    def read() -> Any:
        clock = active()
        if clock is None:
            return real()
        return clock.read() * 1000 if in_ns else clock.read() / SECOND

    read.__name__ = name
    return read


def _clock_reader(name: str) -> Callable[[int], Any]:
    real = getattr(time, name)

    def read(clk_id: int) -> Any:
        clock = active()
        if clock is None or clk_id == time.CLOCK_REALTIME:
            return real(clk_id)
        return clock.read() * 1000 if name.endswith("_ns") else clock.read() / SECOND

    read.__name__ = name
    return read


def _unix_ns() -> int:
    clock = active()
    if clock is not None:
        return EPOCH_S * 10**9 + clock.read() * 1000
    return EPOCH_S * 10**9 + sum(clock.scheduler.now * 1000 for clock in clocks())


_real_sleep = time.sleep


def _sleep(seconds: float) -> None:
    clock = active()
    if clock is None:
        _real_sleep(seconds)
    elif seconds < 0:
        raise ValueError("sleep length must be non-negative")
    else:
        clock.sleep(microseconds(seconds))


# --- randomness -------------------------------------------------------------------------------------------------------


def _random_swaps(seed: int) -> list[tuple[Any, Any]]:
    """Seed what is drawn without a seed."""
    draw = random.Random(f"system/{seed}")
    generators: Any = random.Random
    real_seed = generators.seed

    def seed_generator(generator: random.Random, a: Any = None, version: int = 2) -> None:
        real_seed(generator, draw.getrandbits(256) if a is None else a, version)

    generators.seed = seed_generator
    seed_module = random.seed
    random.seed = random._inst.seed
    random.seed(seed)
    np.random.seed(seed % 2**32)
    inside: Any = uuid
    inside._generate_time_safe = inside._UuidCreate = None  # they ask the system
    inside._node = _NODE
    swaps: list[tuple[Any, Any]] = [
        (os.urandom, draw.randbytes),
        (ssl.RAND_bytes, draw.randbytes),
        (seed_module, random.seed),
    ]
    if hasattr(os, "getrandom"):
        swaps.append((os.getrandom, lambda size, flags=0: draw.randbytes(size)))
    return swaps

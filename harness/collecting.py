"""Keeps Python's search for cycles away from work that makes many objects and no garbage, such as importing."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_cycles_searched() -> Iterator[None]:
    """Keep Python from searching, again and again, all that was made so far for cycles: there are none to free."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

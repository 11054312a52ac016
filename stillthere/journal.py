"""The journal of a run and the classes of its entries; docs/journal.md describes each lane and kind."""

from ._lazy import check_not_shadowed

check_not_shadowed()

from harness import journal as _source
from harness.journal import *

__all__: list[str] = []
__all__ += _source.__all__

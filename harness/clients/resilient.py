"""The names that users of 0.1.0 import from here; the code is in :mod:`harness.clients.reference`."""

from .reference import RESILIENT_SETTINGS as SETTINGS
from .reference import Resilient

__all__ = ["SETTINGS", "Resilient"]

"""Scenarios: their parts, and how they are read from and written to YAML.

:func:`load` and :func:`loads` read, :func:`dump` writes; the parts are in :mod:`harness.scenario.model`.
"""

from .dump import dump
from .loader import load, loads, shipped_scenarios
from .model import Scenario

__all__ = ["Scenario", "dump", "load", "loads", "shipped_scenarios"]

"""Scenarios: what they are made of, and how they are read from and written to YAML.

:func:`load` and :func:`loads` read, :func:`dump` writes; the parts stand in :mod:`harness.scenario.model`.
"""

from harness.scenario.dump import dump
from harness.scenario.loader import load, loads, shipped_scenarios
from harness.scenario.model import Scenario

__all__ = ["Scenario", "dump", "load", "loads", "shipped_scenarios"]

"""Faults, one a file, each at one of four seams: source, detector, policy, wire.

Every class with a ``name`` in a module of this folder is in :data:`CATALOGUE`. Scenario steps name them:
``microphone:`` takes :data:`MICROPHONE`, ``network:`` :data:`NETWORK`, ``server:`` :data:`SERVER`.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator

from harness.faults.seams import (
    Actor,
    DetectorFault,
    Fault,
    PolicyFault,
    SessionFault,
    SourceFault,
    Struck,
    WireFault,
)


def faults_in(package: str, path: Iterable[str]) -> Iterator[type[Fault]]:
    """The faults in the modules of a package that can be imported; ``path`` are its folders."""
    for module in pkgutil.iter_modules(path, f"{package}."):
        for member in vars(importlib.import_module(module.name)).values():
            is_fault = inspect.isclass(member) and issubclass(member, Fault) and "name" in vars(member)
            if is_fault and member.__module__ == module.name:
                yield member


_ORDER = ("source", "detector", "policy", "wire")
CATALOGUE: dict[str, type[Fault]] = {
    fault.name: fault
    for fault in sorted(faults_in(__name__, __path__), key=lambda fault: (_ORDER.index(fault.seam), fault.name))
}
"""All faults by name, seam by seam."""


def _of(actor: Actor) -> dict[str, type[Fault]]:
    return {name: fault for name, fault in CATALOGUE.items() if fault.actor == actor}


MICROPHONE = _of("microphone")
NETWORK = _of("network")
SERVER = _of("server")

__all__ = [
    "CATALOGUE",
    "MICROPHONE",
    "NETWORK",
    "SERVER",
    "DetectorFault",
    "Fault",
    "PolicyFault",
    "SessionFault",
    "SourceFault",
    "Struck",
    "WireFault",
    "faults_in",
]

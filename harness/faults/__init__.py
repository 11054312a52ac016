"""Faults, one a file, each at one of five seams: source, detector, policy, wire, media.

Every class with a ``name`` in a module of this folder is in :data:`CATALOGUE`. Scenario steps inject them by name:
``microphone:`` takes :data:`MICROPHONE`, ``network:`` :data:`NETWORK` and :data:`MEDIA`, ``server:`` :data:`SERVER`.
"""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Literal, TypeVar

from .seams import (
    ActiveFault,
    Actor,
    DetectorFault,
    Fault,
    MediaFault,
    PolicyFault,
    SessionFault,
    SourceFault,
    Transport,
    WireFault,
)


def faults_in(package: str, path: Iterable[str]) -> Iterator[type[Fault]]:
    """The faults in the modules of an importable package; ``path`` lists its folders."""
    for module in pkgutil.iter_modules(path, f"{package}."):
        for member in vars(importlib.import_module(module.name)).values():
            is_fault = inspect.isclass(member) and issubclass(member, Fault) and "name" in vars(member)
            if is_fault and member.__module__ == module.name:
                yield member


_ORDER = ("source", "detector", "policy", "wire", "media")
CATALOGUE: dict[str, type[Fault]] = {
    fault.name: fault
    for fault in sorted(faults_in(__name__, __path__), key=lambda fault: (_ORDER.index(fault.seam), fault.name))
}
"""All faults by name, seam by seam."""


def _group(fault: type[Fault]) -> Actor | Literal["media"]:
    return "media" if issubclass(fault, MediaFault) else fault.actor


def _of(group: Actor | Literal["media"]) -> dict[str, type[Fault]]:
    return {name: fault for name, fault in CATALOGUE.items() if _group(fault) == group}


MICROPHONE = _of("microphone")
NETWORK = _of("network")
"""Without those that only a call can have, which are :data:`MEDIA`."""
SERVER = _of("server")
MEDIA = _of("media")
_GROUPS: dict[Actor | Literal["media"], dict[str, type[Fault]]] = {
    "microphone": MICROPHONE,
    "network": NETWORK,
    "server": SERVER,
    "media": MEDIA,
}

_KINDS = (SourceFault, DetectorFault, PolicyFault, SessionFault, WireFault, MediaFault)
F = TypeVar("F", bound=type[Fault])


def faults_over(transport: Transport) -> dict[str, type[Fault]]:
    """The faults that can happen on a transport, by name: searches that play over it draw from these."""
    return {name: fault for name, fault in CATALOGUE.items() if transport in fault.transports}


def register(fault: F) -> F:
    """Class decorator: put a fault of your own into :data:`CATALOGUE`, so that scenarios can inject it by its name.

    Raises :exc:`ValueError`, in one sentence, for what is no fault, lacks something, or has the name of another fault.
    """
    if not (inspect.isclass(fault) and issubclass(fault, tuple(_KINDS)) and is_dataclass(fault)):
        kinds = ", ".join(kind.__name__ for kind in _KINDS)
        raise ValueError(f"{fault!r} is no fault; decorate a dataclass that inherits from one of {kinds}")
    if not isinstance(vars(fault).get("name"), str):
        raise ValueError(f"{fault.__qualname__} has no name; give its class one, such as name = 'crackling'")
    known = CATALOGUE.get(fault.name)
    if known is not None and (known.__module__, known.__qualname__) != (fault.__module__, fault.__qualname__):
        raise ValueError(f"{known.__module__} has a fault called {fault.name!r} already; give yours another name")
    for attribute in ("reports", "causes"):
        if not isinstance(getattr(fault, attribute, None), tuple):
            raise ValueError(f"the fault {fault.name!r} lacks {attribute}; give its class {attribute} = (), or more")
    if not sys.modules[fault.__module__].__doc__ or not fault.__doc__:
        raise ValueError(f"the fault {fault.name!r} lacks a docstring of its module or class; users are shown both")
    for field in fields(fault):
        if "kind" not in field.metadata:
            raise ValueError(f"the field {field.name!r} of {fault.name!r} is no parameter; write it with parameter(…)")
    CATALOGUE[fault.name] = _GROUPS[_group(fault)][fault.name] = fault
    return fault


__all__ = [
    "CATALOGUE",
    "MEDIA",
    "MICROPHONE",
    "NETWORK",
    "SERVER",
    "ActiveFault",
    "DetectorFault",
    "Fault",
    "MediaFault",
    "PolicyFault",
    "SessionFault",
    "SourceFault",
    "Transport",
    "WireFault",
    "faults_in",
    "faults_over",
    "register",
]

"""Clients by name: the reference clients, one of them behind a worklet as ``reported:gate.js``, or a user's own class
as ``module:Class``."""

import importlib
import inspect
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any, TypeAlias

from ..errors import ClientError, SettingError, did_you_mean, file_for_module, import_cure
from ..user_code import class_name, exits_held, is_a, is_interrupt, own_line, raised, shown
from .interface import Client
from .reference import REFERENCE_CLIENTS
from .worklet.names import WorkletName, check_worklet, worklet_name


@dataclass(frozen=True, slots=True)
class NamedClient:
    """A client under test: its name in journals and reports, and how to make a new one."""

    name: str
    make: Callable[[dict[str, Any]], Client]
    """Given the client settings that differ from the client's own, by name. May raise :exc:`ClientError`."""


ClientChoice: TypeAlias = str | type[Client] | NamedClient
"""A reference client's name, alone or with a worklet's file (``reported:gate.js``), ``module:Class``, or a class with
the four methods of :class:`Client`."""

_METHODS = ("hear", "receive", "wake", "next_wake")


def find_client(client: ClientChoice) -> NamedClient:
    """The client that is meant.

    Raises :exc:`SettingError` if no client has this name, and :exc:`ClientError` if the class cannot be imported or
    lacks a method; each in one sentence.
    """
    if isinstance(client, NamedClient):
        return client
    if not isinstance(client, str):
        return _of_class(client)
    if (worklet := worklet_name(client)) is not None:
        return _behind_worklet(worklet)
    return _of_class(_import_class(client), client) if ":" in client else _reference(client)


def _reference(name: str) -> NamedClient:
    if name not in REFERENCE_CLIENTS:
        raise SettingError(
            f"no client is called {name!r} (your own is module:Class); {did_you_mean(name, REFERENCE_CLIENTS)}"
        )
    made, defaults = REFERENCE_CLIENTS[name]
    return NamedClient(name, lambda changes: made(defaults.changed(**changes)))


def _behind_worklet(name: WorkletName) -> NamedClient:
    check_worklet(name)

    def make(changes: dict[str, Any]) -> Client:
        from .worklet.client import make_client

        return make_client(name, name.defaults, changes)

    return NamedClient(str(name), make)


def _of_class(made: type[Any], name: str | None = None) -> NamedClient:
    """A user's own class.

    Settings are offered, not forced. If ``__init__`` has a parameter called ``settings``, the changed ones are passed
    to it as a dictionary, when there are any. If it has none they are not passed, and the client runs as it is.
    """
    if not isinstance(made, type):
        raise ClientError(f"the client is {shown(made)}; give a class, so that each run gets a new client, or a name")
    name = name or f"{made.__module__}:{made.__qualname__}"
    try:
        missing = [method for method in _METHODS if not callable(getattr(made, method, None))]
    except BaseException as error:  # whatever a user's class raises
        raise _broken(name, "could not be loaded", error) from error
    if missing:
        lacks = f"the method {missing[0]}" if len(missing) == 1 else f"the methods {', '.join(missing)}"
        raise ClientError(f"client {name!r} lacks {lacks}; a client has {', '.join(_METHODS)}")

    return NamedClient(name, partial(_construct, made, name))


def takes_settings(client: str) -> bool:
    """Whether settings can be passed to a client, by its name. Raises as :func:`find_client` does."""
    return ":" not in client or worklet_name(client) is not None or accepts_settings(_import_class(client))


def _construct(construct: Callable[..., Any], name: str, changes: dict[str, Any]) -> Client:
    try:
        is_offered = bool(changes) and accepts_settings(construct)
        client: Client = construct(settings=deepcopy(changes)) if is_offered else construct()
    except BaseException as error:  # whatever a user's class raises
        raise _broken(name, "could not be made", error) from error
    return client


def accepts_settings(construct: Callable[..., Any]) -> bool:
    """Whether a class or a function has a parameter ``settings``, or passes on whatever it is given by name."""
    by_name = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    parameters = inspect.signature(construct).parameters
    passes_on = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
    return passes_on or ("settings" in parameters and parameters["settings"].kind in by_name)


def chunk_ms_of(client: Client) -> int:
    """The length of the chunks that a client wants, in ms: the ``chunk_ms`` of its ``settings``, or 20.

    Raises :exc:`ClientError` if it is not a whole number from 1 to 1000.
    """
    try:
        settings: Any = getattr(client, "settings", None)
        chunk_ms = settings.get("chunk_ms", 20) if is_a(settings, dict) else getattr(settings, "chunk_ms", 20)
    except BaseException as error:  # whatever a user's class raises
        raise _broken(class_name(client), "has settings that cannot be read", error) from error
    if not is_a(chunk_ms, int) or is_a(chunk_ms, bool) or not 1 <= int.__index__(chunk_ms) <= 1_000:
        raise ClientError(f"the client's settings.chunk_ms is {shown(chunk_ms)}; give a whole number from 1 to 1000")
    return int.__index__(chunk_ms)


def _import_class(name: str) -> type[Any]:
    module_name, _, class_name = name.partition(":")
    if cure := file_for_module(module_name, f":{class_name}"):
        raise ClientError(f"client {name!r} {cure}")
    try:
        with exits_held():
            found: type[Any] = getattr(importlib.import_module(module_name), class_name)
    except BaseException as error:  # the user's module may raise anything
        raise _broken(name, "could not be loaded", error, f"; {import_cure(module_name, error)}") from error
    return found


def _broken(name: str, how: str, error: BaseException, cure: str = "") -> BaseException:
    """What a user's class raised, in one sentence; or the user's Ctrl-C."""
    if is_interrupt(error):
        return error
    place = own_line(error)
    return ClientError(f"{f'{place}: ' if place else ''}client {name!r} {how}: {raised(error)}{cure}")


def running_part(frame: FrameType | None) -> str | None:
    """What of a user's class has not returned, in a stack that runs, before its methods are called."""
    while frame is not None:
        if frame.f_code is _construct.__code__:
            return "__init__()"
        if frame.f_code is _import_class.__code__:
            return "the import of its module"
        if frame.f_code is chunk_ms_of.__code__:
            return "settings"
        frame = frame.f_back
    return None

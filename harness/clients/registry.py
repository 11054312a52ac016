"""Clients by name: the reference clients, or a user's own class as ``module:Class``."""

import importlib
import inspect
from collections.abc import Callable
from typing import Any

from harness.clients import development, reported, resilient
from harness.clients.interface import Client
from harness.clients.settings import ClientSettings
from harness.errors import ClientError, SettingError, did_you_mean

ClientFactory = Callable[[dict[str, Any]], Client]
"""Makes a client with some settings changed from its own."""

REFERENCE: dict[str, tuple[type[Client], ClientSettings]] = {
    "reported": (reported.Reported, reported.SETTINGS),
    "development": (development.Development, development.SETTINGS),
    "resilient": (resilient.Resilient, resilient.SETTINGS),
}

METHODS = ("hear", "receive", "wake", "next_wake")


def find_client(name: str) -> ClientFactory:
    """A factory for ``name``. Raises :exc:`SettingError` or :exc:`ClientError` with one sentence."""
    if ":" in name:
        return _own_client(name)
    if name not in REFERENCE:
        raise SettingError(
            f"no client is called {name!r}; {did_you_mean(name, REFERENCE)}; or give your own as module:Class"
        )
    made, defaults = REFERENCE[name]
    return lambda changes: made(defaults.changed(**changes))  # type: ignore[call-arg]


def chunk_ms_of(client: Client) -> int:
    """The length of the chunks a client wants: the ``chunk_ms`` of its ``settings``, or 20 ms.

    Raises :exc:`ClientError` if that is no whole number from 1 to 1000.
    """
    settings = getattr(client, "settings", None)
    chunk_ms = settings.get("chunk_ms", 20) if isinstance(settings, dict) else getattr(settings, "chunk_ms", 20)
    if not isinstance(chunk_ms, int) or not 1 <= chunk_ms <= 1_000:
        raise ClientError(f"the client's settings.chunk_ms is {chunk_ms!r}; give a whole number from 1 to 1000")
    return chunk_ms


def _own_client(name: str) -> ClientFactory:
    module_name, _, class_name = name.partition(":")
    try:
        made = getattr(importlib.import_module(module_name), class_name)
    except Exception as error:  # the user's module may raise anything
        raise ClientError(
            f"client {name!r} could not be loaded: {type(error).__name__}: {error}; "
            "give module:Class of an importable module"
        ) from None
    missing = [method for method in METHODS if not callable(getattr(made, method, None))]
    if missing:
        raise ClientError(f"client {name!r} lacks the method {missing[0]}; a client has {', '.join(METHODS)}")

    def factory(changes: dict[str, Any]) -> Client:
        if changes and "settings" not in inspect.signature(made).parameters:
            raise ClientError(
                f"the scenario sets {', '.join(changes)}, and client {name!r} takes no settings; "
                "give its class a parameter: def __init__(self, settings=None)"
            )
        try:
            client: Client = made(settings=changes) if changes else made()
        except Exception as error:  # whatever a user's class raises
            raise ClientError(f"client {name!r} could not be made: {type(error).__name__}: {error}") from None
        return client

    return factory

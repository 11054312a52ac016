"""What stands before the first bad field of a document: the part that a server applies which does not check first."""

from collections.abc import Callable
from typing import Any

from harness.errors import ProtocolError

VOICE = "session.audio.output.voice"
"""The field that ``cannot_update_voice`` is about; the error does not name it."""


def valid_part(document: dict[str, Any], check: Callable[[dict[str, Any]], object], path: str) -> dict[str, Any]:
    """The fields of ``document`` before the first that ``check`` refuses, in order, inside its objects too.

    ``check`` raises :exc:`ProtocolError` that names the field by its path, where ``path`` is that of the document
    itself. An object of which nothing is left is left out, and so is an array with a bad element.
    """
    while document:
        try:
            check(document)
        except ProtocolError as error:
            document = _before(document, path, VOICE if error.code == "cannot_update_voice" else error.param or path)
        else:
            break
    return document


def _before(document: dict[str, Any], path: str, bad: str) -> dict[str, Any]:
    """Always less than ``document``: all of it only goes if it has no field on the way to the bad one."""
    before: dict[str, Any] = {}
    for key, value in document.items():
        here = f"{path}.{key}"
        if bad == here or bad.startswith((f"{here}.", f"{here}[")):
            kept = _before(value, here, bad) if isinstance(value, dict) else None
            return {**before, key: kept} if kept else before
        before[key] = value
    return {}

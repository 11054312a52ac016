"""The bodies of requests, as far as several routes have them in common. All raise the service's errors."""

from typing import Any

import msgspec

from ...protocol.checks import Check, fields, number, one_of, unknown, wrong_type
from .vendor_errors import VendorError, not_json

_BETA_DEFAULT_S = 60
"""That of the older shape (documented)."""
_EXPIRY: Check = fields({"anchor": one_of("created_at"), "seconds": number(10, 7200, whole=True)})


def decoded(body: bytes) -> dict[str, Any]:
    """A body, which must be a JSON object; an empty one is an empty object."""
    try:
        document = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise not_json() from None
    if not isinstance(document, dict):
        raise VendorError(400, wrong_type("body", document, "an object"))
    return document


def known(body: dict[str, Any], *names: str) -> dict[str, Any]:
    """The body, of which every field must have one of these names."""
    for name in body:
        if name not in names:
            raise unknown(name)
    return body


def model_name(value: Any, path: str) -> str | None:
    """The model that is asked for, if any."""
    if value is not None and not isinstance(value, str):
        raise wrong_type(path, value, "a string")
    return value


def lasting_s(expiry: Any, path: str, default: int) -> int:
    """How long a client secret is to last, by its ``expires_after`` at this path."""
    return int(default if expiry is None else _EXPIRY(expiry, path).get("seconds", default))


def without_secret(flat: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """A flat session, and for how many seconds its ``client_secret`` is to last."""
    asked = flat.get("client_secret")
    rest = {name: value for name, value in flat.items() if name != "client_secret"}
    if asked is None:
        return rest, _BETA_DEFAULT_S
    if not isinstance(asked, dict):
        raise wrong_type("client_secret", asked, "an object")
    name = "expires_at" if "expires_at" in asked else "expires_after"
    for key in asked:
        if key != name:
            raise unknown(f"client_secret.{key}")
    return rest, lasting_s(asked.get(name), f"client_secret.{name}", _BETA_DEFAULT_S)

"""Errors as the services answer them over HTTP: OpenAI's object with four fields, Azure's with two.

Statuses and sentences of unknown paths, methods, models, JSON and missing keys are reported verbatim by users of the
services; the others are those of the same mistakes in a ``session.update``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ...errors import ProtocolError
from ...server.services import Service

_AZURE_KEY = (
    "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an "
    "active subscription and use a correct regional API endpoint for your resource."
)
_AZURE_WRONG_MODEL = (
    "The realtime operation does not work with the specified model. Please choose different model and try again."
)
_NOT_JSON = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library "
    "correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble "
    "figuring out how to fix this, please contact us through our help center at help.openai.com.)"
)


class VendorError(Exception):
    """A request is answered with this status and error; never raised out of the API."""

    def __init__(self, status: int, error: ProtocolError, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__(error.message)
        self.status = status
        self.error = error
        self.headers = headers


def document(error: ProtocolError, status: int, service: Service = "openai") -> dict[str, Any]:
    """The body of an answer."""
    if service == "azure":
        return {"error": {"code": error.code or str(status), "message": error.message}}
    fields = {"message": error.message, "type": error.error_type, "param": error.param, "code": error.code}
    return {"error": fields}


def sentence(message: str) -> dict[str, Any]:
    """The body of an answer whose words are ours."""
    return document(ProtocolError(None, message), 400)


def unknown_url(method: str, path: str, service: Service = "openai") -> VendorError:
    """There is no such route (reported)."""
    if service == "azure":
        return VendorError(404, ProtocolError("404", "Resource not found"))
    return VendorError(404, ProtocolError(None, f"Invalid URL ({method} {path})"))


def wrong_method(method: str, path: str, allowed: list[str]) -> VendorError:
    """The route takes other methods (reported)."""
    hint = "(HINT: Perhaps you meant to use a different HTTP method?)"
    error = ProtocolError(None, f"Not allowed to {method} on {path}. {hint}")
    return VendorError(405, error, {"Allow": ", ".join(allowed)})


def not_json() -> VendorError:
    """The body cannot be read (reported)."""
    return VendorError(400, ProtocolError(None, _NOT_JSON))


def unknown_model(model: str) -> VendorError:
    """There is no such model (reported)."""
    return VendorError(404, ProtocolError("model_not_found", f"The model '{model}' does not exist", param="model"))


def refused_key(error: ProtocolError, service: Service) -> VendorError:
    """The key is missing or wrong. Azure says the same of either (reported)."""
    if service == "azure":
        return VendorError(401, ProtocolError("401", _AZURE_KEY))
    return VendorError(401, error, {"WWW-Authenticate": "Bearer"})


def refused_dial(error: ProtocolError) -> VendorError:
    """Why Azure gives a client no WebSocket: it answers before the 101 (reported), where OpenAI answers after it."""
    if error.code == "missing_model":
        return unknown_url("GET", "", "azure")
    if error.code == "invalid_model":
        return VendorError(400, ProtocolError("OpperationNotSupported", _AZURE_WRONG_MODEL))  # its spelling
    if error.code in (None, "invalid_api_key"):
        return refused_key(error, "azure")
    return VendorError(400, error)

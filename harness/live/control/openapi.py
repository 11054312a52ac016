"""The control API as an OpenAPI 3.1 document, made from the table in :mod:`harness.live.control.routes`."""

from collections.abc import Sequence
from typing import Any

import msgspec

from ... import __version__
from .routes import JSON, Route, RouteParameter, RouteResponse, responses_of

_DESCRIPTION = """\
For tests that control the server they connect to: watch its sessions, start and end faults, send scripted events.

It is on the port of the WebSocket. Pages of loopback origins may use it too, with CORS; those of other origins need
`--allow-origin`. `Host` must be a loopback name, or one that `--allow-host` names. An error is one sentence,
`{"error": "…"}`. What clients of the service call, below `/v1`, is not in this document."""

_REF = "#/components/schemas/{name}"


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """The document, as JSON values."""
    schemas, components = _schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "stillthere control API", "version": __version__, "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _schemas(routes: Sequence[Route]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of each type of a body or parameter, by the type's text; and the named schemas they refer to."""
    types = [found for route in routes for found in _types(route)]
    found, components = msgspec.json.schema_components(types, ref_template=_REF)
    return dict(zip(map(str, types), found, strict=True)), components


def _types(route: Route) -> list[Any]:
    returned = [kind for response in responses_of(route) for kind in response.media.values()]
    return returned + [parameter.type for parameter in route.parameters] + ([] if route.body is None else [route.body])


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.operation,
        "summary": route.summary,
        "responses": {str(each.status): _response(each, schemas) for each in responses_of(route)},
    }
    if route.parameters:
        operation["parameters"] = [_parameter(parameter, schemas) for parameter in route.parameters]
    if route.body is not None:
        content = {"schema": schemas[str(route.body)], "example": route.example}
        operation["requestBody"] = {"required": True, "content": {JSON: content}}
    if route.public:
        operation["security"] = []
    return operation


def _response(response: RouteResponse, schemas: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {"description": response.description}
    if response.media:
        document["content"] = {media: {"schema": schemas[str(kind)]} for media, kind in response.media.items()}
    return document


def _parameter(parameter: RouteParameter, schemas: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.in_,
        "required": parameter.in_ == "path",
        "description": parameter.description,
        "schema": schemas[str(parameter.type)],
    }

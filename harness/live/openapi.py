"""The control API as an OpenAPI 3.1 document, written from the table in :mod:`harness.live.routes`."""

from collections.abc import Sequence
from typing import Any

import msgspec

from harness import __version__
from harness.live.routes import JSON, Answer, Parameter, Route, answers

DESCRIPTION = """\
What a test does to a server that it talks to: watch its sessions, strike and release faults, send scripted events.

It is served on the port of the WebSocket. A request that a foreign web page makes a browser send is refused: `Host`
must be a loopback name, and `Origin`, if there is one, the server's own. Errors are one sentence, `{"error": "…"}`."""

_REF = "#/components/schemas/{name}"
_SUCCESS = 300


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """The document, as JSON values."""
    schemas, components = _schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "stillthere control API", "version": __version__, "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _schemas(routes: Sequence[Route]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of each type that a route takes or gives, by the type's text; and the named ones they refer to."""
    types = [found for route in routes for found in _types(route)]
    found, components = msgspec.json.schema_components(types, ref_template=_REF)
    return dict(zip(map(str, types), found, strict=True)), components


def _types(route: Route) -> list[Any]:
    given = [kind for answer in answers(route) for kind in answer.media.values()]
    return given + [parameter.type for parameter in route.parameters] + ([] if route.body is None else [route.body])


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.operation,
        "summary": route.summary,
        "responses": {str(answer.status): _response(answer, schemas) for answer in answers(route)},
    }
    if route.parameters:
        operation["parameters"] = [_parameter(parameter, schemas) for parameter in route.parameters]
    if route.body is not None:
        content = {"schema": schemas[str(route.body)], "example": route.example}
        operation["requestBody"] = {"required": True, "content": {JSON: content}}
    if route.public:
        operation["security"] = []
    return operation


def _response(answer: Answer, schemas: dict[str, Any]) -> dict[str, Any]:
    response: dict[str, Any] = {"description": answer.description}
    if answer.media:
        response["content"] = {media: {"schema": schemas[str(kind)]} for media, kind in answer.media.items()}
    return response


def _parameter(parameter: Parameter, schemas: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.in_,
        "required": parameter.in_ == "path",
        "description": parameter.description,
        "schema": schemas[str(parameter.type)],
    }

"""The objects within a session's configuration that change nothing here: tools, prompts, tracing and the like.

They are checked and then only echoed, so that a client gets an error where the service would give one. Shapes are
documented (OpenAPI v2.3.0). Where a value may be a word or an object, a string is checked as a word.
"""

from collections.abc import Mapping
from typing import Any

from ..protocol.checks import Check, array, boolean, fields, kind, missing, nullable, number, one_of, string

anything: Check = kind("a JSON value", dict, list, str, int, float, bool, type(None))


def shape(known: Mapping[str, Check], *needed: str) -> Check:
    """An object of known fields, of which some must be there."""
    check_fields = fields(known)

    def check(value: Any, path: str) -> Any:
        found = check_fields(value, path)
        for name in needed:
            if name not in found:
                raise missing(f"{path}.{name}")
        return found

    return check


def tagged(kinds: Mapping[str, Check]) -> Check:
    """An object whose ``type`` says which of these it is."""
    known = one_of(*kinds)
    an_object = kind("an object", dict)

    def check(value: Any, path: str) -> Any:
        if "type" not in an_object(value, path):
            raise missing(f"{path}.type")
        return kinds[known(value["type"], f"{path}.type")](value, path)

    return check


def word_or(word: Check, other: Check) -> Check:
    """What ``word`` takes if it is a string, or else what ``other`` takes."""
    return lambda value, path: (word if isinstance(value, str) else other)(value, path)


def dictionary(item: Check) -> Check:
    """An object with any keys."""
    an_object = kind("an object", dict)
    return lambda value, path: {key: item(each, f"{path}.{key}") for key, each in an_object(value, path).items()}


_text = nullable(string)
_FILTER = shape({"read_only": nullable(boolean), "tool_names": nullable(array(string))})
_NAMES_OR_FILTER: Check = lambda value, path: (array(string) if isinstance(value, list) else _FILTER)(value, path)  # noqa: E731

_CONNECTORS = (
    "connector_dropbox",
    "connector_gmail",
    "connector_googlecalendar",
    "connector_googledrive",
    "connector_microsoftteams",
    "connector_outlookcalendar",
    "connector_outlookemail",
    "connector_sharepoint",
)
_FUNCTION = shape({"type": anything, "name": string, "description": _text, "parameters": anything}, "name")
_MCP = shape(
    {
        "type": anything,
        "server_label": string,
        "server_url": _text,
        "server_description": _text,
        "connector_id": nullable(one_of(*_CONNECTORS)),
        "tunnel_id": _text,
        "authorization": _text,
        "headers": nullable(dictionary(string)),
        "defer_loading": nullable(boolean),
        "allowed_callers": nullable(array(one_of("direct", "programmatic"))),
        "allowed_tools": nullable(_NAMES_OR_FILTER),
        "require_approval": nullable(
            word_or(one_of("always", "never"), shape({"always": nullable(_FILTER), "never": nullable(_FILTER)}))
        ),
    },
    "server_label",
)
_FUNCTION_FIELDS = ("type", "name", "description", "parameters")


def _function(value: Any, path: str) -> Any:
    """A function, with its fields in the order of the echo (captured)."""
    found = _FUNCTION(value, path)
    return {name: found[name] for name in _FUNCTION_FIELDS if name in found}


tools = array(tagged({"function": _function, "mcp": _MCP}))

tool_choice = word_or(
    one_of("none", "auto", "required"),
    tagged(
        {
            "function": shape({"type": anything, "name": string}, "name"),
            "mcp": shape({"type": anything, "server_label": string, "name": _text}, "server_label"),
        }
    ),
)

voice = word_or(string, shape({"id": string}, "id"))

tracing = nullable(
    word_or(
        one_of("auto"), shape({"workflow_name": _text, "group_id": _text, "metadata": nullable(dictionary(anything))})
    )
)

_VARIABLE = tagged(
    {
        "input_text": shape({"type": anything, "text": string}, "text"),
        "input_image": shape(
            {"type": anything, "detail": one_of("low", "high", "auto"), "image_url": _text, "file_id": _text}, "detail"
        ),
        "input_file": shape(
            {"type": anything, "file_data": _text, "file_id": _text, "file_url": _text, "filename": _text}
        ),
    }
)
prompt = nullable(
    shape({"id": string, "version": _text, "variables": nullable(dictionary(word_or(string, _VARIABLE)))}, "id")
)

reasoning = nullable(shape({"effort": nullable(one_of("none", "minimal", "low", "medium", "high", "xhigh"))}))

truncation = word_or(
    one_of("auto", "disabled"),
    tagged(
        {
            "retention_ratio": shape(
                {
                    "type": anything,
                    "retention_ratio": number(0, 1),
                    "token_limits": nullable(shape({"post_instructions": nullable(number(0, 1_000_000, whole=True))})),
                },
                "retention_ratio",
            )
        }
    ),
)

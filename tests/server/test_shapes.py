"""What is only echoed (§4.6) is checked all the same: documented shapes pass unchanged, all else is refused."""

import pytest
from openai.types.realtime import SessionUpdatedEvent

from harness.errors import ProtocolError
from harness.server import shapes

TOOL = {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}}
MCP = {"type": "mcp", "server_label": "docs"}
RATIO = {"type": "retention_ratio", "retention_ratio": 0.8}
PICTURE = {"type": "input_image", "detail": "low", "image_url": "https://x.test"}

RIGHT = [
    ("tools", []),
    ("tools", [TOOL, {"type": "function", "name": "g", "description": None}]),
    ("tools", [{**MCP, "server_url": "https://x.test", "headers": {"a": "b"}, "allowed_tools": ["t"]}]),
    ("tools", [{**MCP, "allowed_tools": {"read_only": True}, "require_approval": "never", "defer_loading": False}]),
    ("tools", [{**MCP, "require_approval": {"always": {"tool_names": ["t"]}}, "allowed_callers": ["direct"]}]),
    ("tool_choice", "required"),
    ("tool_choice", {"type": "function", "name": "f"}),
    ("tool_choice", {"type": "mcp", "server_label": "docs", "name": None}),
    ("tracing", None),
    ("tracing", "auto"),
    ("tracing", {"workflow_name": "w", "metadata": {"a": [1]}}),
    ("prompt", None),
    ("prompt", {"id": "p", "version": "1", "variables": {"a": "b", "c": {"type": "input_text", "text": "t"}}}),
    ("prompt", {"id": "p", "variables": {"a": PICTURE, "b": {"type": "input_file", "file_id": "f"}}}),
    ("reasoning", {"effort": "low"}),
    ("truncation", "disabled"),
    ("truncation", {**RATIO, "token_limits": {"post_instructions": 100}}),
]

WRONG = [
    ("tools", [{"type": "function"}], "missing_required_parameter", "tools[0].name"),
    ("tools", [TOOL, {"name": "f"}], "missing_required_parameter", "tools[1].type"),
    ("tools", [{"type": "mcp"}], "missing_required_parameter", "tools[0].server_label"),
    ("tools", [{"type": "web"}], "invalid_value", "tools[0].type"),
    ("tools", [{**TOOL, "strict": True}], "unknown_parameter", "tools[0].strict"),
    ("tools", [{**TOOL, "description": 5}], "invalid_type", "tools[0].description"),
    ("tools", [{**MCP, "headers": {"a": 5}}], "invalid_type", "tools[0].headers.a"),
    ("tools", [{**MCP, "allowed_tools": [5]}], "invalid_type", "tools[0].allowed_tools[0]"),
    ("tools", {"type": "function"}, "invalid_type", "tools"),
    ("tool_choice", "sometimes", "invalid_value", "tool_choice"),
    ("tool_choice", {"type": "function"}, "missing_required_parameter", "tool_choice.name"),
    ("tool_choice", 5, "invalid_type", "tool_choice"),
    ("tool_choice", None, "invalid_type", "tool_choice"),
    ("voice", {}, "missing_required_parameter", "voice.id"),
    ("voice", {"id": "v", "type": "x"}, "unknown_parameter", "voice.type"),
    ("voice", None, "invalid_type", "voice"),
    ("tracing", "on", "invalid_value", "tracing"),
    ("tracing", {"group": "g"}, "unknown_parameter", "tracing.group"),
    ("prompt", {}, "missing_required_parameter", "prompt.id"),
    ("prompt", {"id": "p", "variables": {"a": 1}}, "invalid_type", "prompt.variables.a"),
    ("prompt", {"id": "p", "variables": {"a": {"type": "video"}}}, "invalid_value", "prompt.variables.a.type"),
    ("reasoning", {"effort": "most"}, "invalid_value", "reasoning.effort"),
    ("truncation", "none", "invalid_value", "truncation"),
    ("truncation", {"type": "retention_ratio"}, "missing_required_parameter", "truncation.retention_ratio"),
    ("truncation", {**RATIO, "retention_ratio": 1.5}, "decimal_above_max_value", "truncation.retention_ratio"),
]


@pytest.mark.behaviour("shapes")
@pytest.mark.parametrize(("name", "value"), RIGHT)
def test_a_documented_shape_passes_and_is_one_of_the_vendor(name, value):
    assert getattr(shapes, name)(value, name) == value
    session = {"type": "realtime", name: value}
    SessionUpdatedEvent.model_validate({"event_id": "e", "type": "session.updated", "session": session}, strict=True)


@pytest.mark.behaviour("shapes")
@pytest.mark.parametrize("value", ["marin", {"id": "voice_1"}])
def test_a_voice_is_a_name_or_an_id(value):
    assert shapes.voice(value, "voice") == value


@pytest.mark.behaviour("shapes")
@pytest.mark.parametrize(("name", "value", "code", "param"), WRONG)
def test_anything_else_is_refused_at_its_place(name, value, code, param):
    with pytest.raises(ProtocolError) as refused:
        getattr(shapes, name)(value, name)
    assert (refused.value.code, refused.value.param) == (code, param)

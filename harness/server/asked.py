"""What a response is asked to answer: the user's last words, or a tool's results; its instructions and its tools.

The newest input decides: a message of the user, or the output of a call. Once a tool's result came back, the user's
words before it are answered only by a rule that is about that result.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..protocol.objects import Item
from .request import ResponseRequest, typed_in, words_of


@dataclass(frozen=True, slots=True)
class MadeCall:
    """A tool call that a response made."""

    response_id: str
    item: Item


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The output of a tool call."""

    output: str
    tool: str = ""
    """The name of the tool; empty if the call is not known."""
    arguments: str = "{}"
    """What it was called with, as JSON text."""


@dataclass(frozen=True, slots=True)
class ResultPattern:
    """Which result of a tool is meant. Patterns are searched for, in upper or lower case."""

    tool: str | None = None
    """The name of the tool; None: any."""
    output: str | None = None
    """A regular expression for what came back; None: anything."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one response answers."""

    turn: int | None = None
    """Its number in the conversation, from 1; None: out of band."""
    words: str | None = ""
    """What the user spoke or typed last; None: nothing since a tool's result."""
    typed: str | None = None
    """What the user typed last; None: nothing since then, or the user spoke."""
    instructions: str = ""
    """Those of the response, or else of the session."""
    tools: tuple[str, ...] = ()
    """The names of the functions that it may call."""
    results: tuple[ToolResult, ...] = ()
    """What came back from tools after the user's last words, newest first: all outputs of the calls of one response."""


def asked(
    turn: int | None,
    request: ResponseRequest,
    newest_first: Iterable[Item],
    spoken: Mapping[str, str],
    calls: Mapping[str, MadeCall],
) -> Asked:
    """What a response is asked, by its request and the items it is given, the newest first.

    The items are iterated over more than once, and mostly not to their end.

    ``spoken``: the words of spoken items, by item id; ``calls``: the calls that responses made, by call id.
    """
    user = next((item for item in newest_first if item.role == "user"), None)
    return Asked(
        turn,
        "" if user is None else spoken.get(str(user.id)) or words_of(user),
        None if user is None else typed_in(user),
        request.instructions,
        request.tools,
        tuple(_results(newest_first, calls)),
    )


def _results(items: Iterable[Item], calls: Mapping[str, MadeCall]) -> Iterator[ToolResult]:
    """The outputs after the user's last message that answer calls of the same response as the newest of them.

    Outputs of calls that no response of this session made must follow each other.
    """
    origin, found = None, False
    for item in items:
        if item.role == "user" or (item.type == "function_call" and found and origin is None):
            return
        if item.type != "function_call_output":
            continue
        call_id = str(item.call_id)
        made = calls.get(call_id)
        if found and (made and made.response_id) != origin:
            return
        origin, found = made and made.response_id, True
        call = made.item if made is not None else _call_in(items, call_id)
        output = item.output if isinstance(item.output, str) else ""
        yield ToolResult(output) if call is None else ToolResult(output, str(call.name), str(call.arguments))


def _call_in(items: Iterable[Item], call_id: str) -> Item | None:
    return next((item for item in items if item.type == "function_call" and item.call_id == call_id), None)

"""The page on the states of a session as Markdown: three tables of the server, each as a diagram.

``python -m harness.report.session_states > docs/session-states.md`` makes it, and so does ``make pages``.
"""

import ast
import inspect
import itertools
from collections.abc import Mapping
from enum import Enum
from typing import Any

from ..server.states import (
    NO_TURN,
    REQUESTED,
    RESPONSE_STAGES,
    TURN_STAGES,
    ResponseCause,
    ResponseStage,
    TurnCause,
    TurnStage,
)
from ..vad.turn import EMITS, IDLE, TRANSITIONS, Input, State
from .tables import table

_PREFACE = """\
# The states of a session

Three parts of the server are tables: what turn detection decides (`harness/vad/turn.py`, whose docstring has the
theory), what a turn is to the client, and how far a response is (both in `harness/server/states.py`). A cause that a
table does not have for a state raises and changes nothing. A diagram leaves out what changes nothing.
A response that is cancelled within an output item closes the item first, and then it is done."""


def render() -> str:
    """The page, with a newline at its end."""
    events = {key: event.__name__ for key, event in EMITS.items()}
    parts = [
        _PREFACE,
        "## Turn detection",
        _fenced(diagram(TRANSITIONS, IDLE, events)),
        _texts("state", State),
        _texts("input", Input),
        "## A turn, as the client knows it",
        _fenced(diagram(TURN_STAGES, NO_TURN)),
        _meanings("state", TurnStage),
        _meanings("cause", TurnCause),
        "## A response",
        _fenced(diagram(RESPONSE_STAGES, REQUESTED)),
        _meanings("state", ResponseStage),
        _meanings("cause", ResponseCause),
    ]
    return "\n\n".join(parts) + "\n"


def diagram(transitions: Mapping[Any, Mapping[Any, Any]], start: Enum, emits: Mapping[Any, str] | None = None) -> str:
    """A table as a Mermaid state diagram. ``emits``: what a cause gives out in a state, by both."""
    lines = ["stateDiagram-v2", f"    [*] --> {start.name}"]
    for before, row in transitions.items():
        for cause, after in row.items():
            if after is not before:
                event = (emits or {}).get((before, cause))
                lines.append(f"    {before.name} --> {after.name}: {cause.name}" + (f" / {event}" if event else ""))
    return "\n".join(lines) + "\n"


def _fenced(mermaid: str) -> str:
    return f"```mermaid\n{mermaid}```"


def _meanings(head: str, names: type[Enum]) -> str:
    return table((head, "meaning"), [(f"`{each.name}`", each.value) for each in names])


def _texts(head: str, names: type[Enum]) -> str:
    """The same for an enumeration whose values are numbers: what stands below each name in its source."""
    body: list[Any] = ast.parse(inspect.getsource(names)).body[0].body  # type: ignore[attr-defined]
    texts = {
        ast.unparse(above.targets[0]): " ".join(below.value.value.replace("``", "`").split())
        for above, below in itertools.pairwise(body)
        if isinstance(above, ast.Assign)
    }
    return table((head, "meaning"), [(f"`{each.name}`", texts[each.name]) for each in names])


if __name__ == "__main__":
    print(render(), end="")

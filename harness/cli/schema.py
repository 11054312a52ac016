"""``stillthere schema``: the scenario language, as a JSON Schema for editors and as a page for readers."""

import json
from typing import Annotated

import typer

from ..report.language import render
from ..scenario.document import json_schema


def schema(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the reference page docs/scenarios.md instead.")
    ] = False,
) -> None:
    """Print the JSON Schema of scenario files; an editor that knows it completes keys and explains them."""
    if markdown:
        print(render(), end="")
    else:
        print(json.dumps(json_schema(), indent=2, ensure_ascii=False))

"""``stillthere schema``: the language of scenarios as a JSON Schema and as a page, and the schema of the results."""

import json
from typing import Annotated

import typer

from ..errors import SettingError
from ..report import results
from ..report.language import render
from ..scenario.document import json_schema


def schema(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the reference page docs/scenarios.md instead.")
    ] = False,
    of_results: Annotated[
        bool, typer.Option("--results", help="Print the JSON Schema of what `run --results` and `run --json` write.")
    ] = False,
) -> None:
    """Print the JSON Schema of scenario files; an editor that knows it completes keys and explains them."""
    if markdown and of_results:
        raise SettingError("--markdown is for the language of scenarios, not for --results; leave one out")
    if markdown:
        print(render(), end="")
    else:
        print(json.dumps(results.schema() if of_results else json_schema(), indent=2, ensure_ascii=False))

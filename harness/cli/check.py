"""``stillthere check``: validate scenario files without playing them."""

from typing import Annotated

import typer

from harness.errors import InputError
from harness.scenario import load, shipped_scenarios


def check(
    scenarios: Annotated[
        list[str] | None, typer.Argument(help="Scenario files, or names of shipped ones; none: all shipped ones.")
    ] = None,
) -> None:
    """Validate scenarios; every mistake is told with its file, line and column."""
    mistakes: list[str] = []
    for name in scenarios or [str(path) for path in shipped_scenarios()]:
        try:
            scenario = load(name)
        except InputError as error:
            mistakes.append(str(error))
        else:
            print(f"{name}: ok: {scenario.name} ({len(scenario.timeline)} steps)")
    if mistakes:
        raise InputError("\n".join(mistakes))

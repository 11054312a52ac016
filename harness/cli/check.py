"""``stillthere check``: validate scenario files without playing them."""

from typing import Annotated

import typer

from ..errors import InputError, SeveralErrors, visible
from ..scenario import load, shipped_scenarios
from .output import IMPORT_HELP, find_own_modules, import_modules, show_notes


def check(
    scenarios: Annotated[
        list[str] | None, typer.Argument(help="Scenario files, or names of shipped ones; by default all shipped ones.")
    ] = None,
    imports: Annotated[list[str] | None, typer.Option("--import", metavar="MODULE", help=IMPORT_HELP)] = None,
) -> None:
    """Validate scenarios; every mistake is shown with its file, line and column."""
    find_own_modules()
    import_modules(imports or ())
    mistakes: list[InputError] = []
    for name in scenarios or [str(path) for path in shipped_scenarios()]:
        try:
            scenario = load(name)
        except InputError as error:
            mistakes.append(error)
        else:
            show_notes(scenario)
            print(visible(f"{name}: ok: {scenario.name} ({len(scenario.timeline)} steps)"))
    if mistakes:
        raise SeveralErrors(mistakes)

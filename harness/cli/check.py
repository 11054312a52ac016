"""``stillthere check``: validate scenario files without playing them."""

import sys
from typing import Annotated

import typer

from ..errors import InputError, SeveralErrors, visible
from ..scenario.chosen import choose
from .output import find_own_modules, import_modules, show_notes
from .progress import Progress
from .run_options import ImportsOption, KeywordOption, ScenariosArgument


def check(
    scenarios: ScenariosArgument = None,
    keyword: KeywordOption = None,
    imports: ImportsOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show only mistakes and the totals.")] = False,
) -> None:
    """Validate scenarios; every mistake is shown with its file, line and column.

    `check` alone validates all scenarios in the folder `scenarios` here; `check pack:` the shipped ones.
    """
    find_own_modules()
    import_modules(imports or ())
    choice = choose(scenarios or [], keyword)
    for note in choice.notes:
        print(note, file=sys.stderr)
    mistakes: list[InputError] = []
    progress = Progress("scenarios")
    checked = 0
    for checked, (name, found) in enumerate(choice.loaded(), 1):
        if isinstance(found, InputError):
            mistakes.append(found)
            continue
        progress.clear()
        show_notes(found)
        if not quiet:
            print(visible(f"{name}: ok: {found.name} ({len(found.timeline)} steps)"))
        progress.show(checked, len(choice.names))
    progress.clear()
    if checked > 1:
        print(f"{checked} scenarios: {checked - len(mistakes)} ok, {len(mistakes)} wrong")
    if mistakes:
        raise SeveralErrors(mistakes)

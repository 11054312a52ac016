"""``stillthere faults``: which faults can be injected, and how."""

from typing import Annotated

import typer

from ..errors import SettingError, did_you_mean
from ..faults import CATALOGUE
from ..report import catalogue
from .output import IMPORT_HELP, find_own_modules, import_modules


def faults(
    name: Annotated[str | None, typer.Argument(help="Describe this fault in full.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/faults.md.")] = False,
    imports: Annotated[list[str] | None, typer.Option("--import", metavar="MODULE", help=IMPORT_HELP)] = None,
) -> None:
    """List all faults, or describe one."""
    find_own_modules()
    import_modules(imports or ())
    if name is not None and name not in CATALOGUE:
        raise SettingError(f"no fault is called {name!r}; {did_you_mean(name, CATALOGUE)}")
    if markdown:
        print(catalogue.page(), end="")
    else:
        print(catalogue.details(name) if name else catalogue.listing())

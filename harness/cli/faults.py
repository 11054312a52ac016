"""``stillthere faults``: what can be struck, and how."""

from typing import Annotated

import typer

from harness.errors import SettingError, did_you_mean
from harness.faults import CATALOGUE
from harness.report import catalogue


def faults(
    name: Annotated[str | None, typer.Argument(help="All about one fault.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="The page docs/faults.md.")] = False,
) -> None:
    """List the faults, seam by seam, or tell all about one."""
    if name is not None and name not in CATALOGUE:
        raise SettingError(f"no fault is called {name!r}; {did_you_mean(name, CATALOGUE)}")
    if markdown:
        print(catalogue.page(), end="")
    else:
        print(catalogue.details(name) if name else catalogue.listing())

"""``stillthere properties``: what a run is judged by."""

from typing import Annotated

import typer

from ..errors import SettingError, did_you_mean
from ..report import property_catalogue
from ..verdict.properties import PROPERTIES


def properties(
    name: Annotated[str | None, typer.Argument(help="Describe this property in full.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/properties.md.")] = False,
) -> None:
    """List the properties that a run must have, or describe one; `run --property` and scenarios change what follows."""
    if name is not None and name not in PROPERTIES:
        raise SettingError(f"no property is called {name!r}; {did_you_mean(name, PROPERTIES)}")
    if markdown:
        print(property_catalogue.page(), end="")
    else:
        print(property_catalogue.details(name) if name else property_catalogue.listing())

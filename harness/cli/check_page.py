"""``stillthere check-page``: whether a page goes deaf for ever while it is in the background, without the wait."""

from pathlib import Path
from typing import Annotated

import typer

from .output import FAILED, HELD, VACUOUS


def check_page(
    page: Annotated[str, typer.Argument(help="http://…, https://…, or the path of an HTML file.", metavar="URL")],
    setup: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JavaScript that runs in the page once it is loaded.")
    ] = None,
    dial_within: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="How long the page has until it dials.")
    ] = 30.0,
) -> None:
    """Say whether a page still captures after garbage was collected while its AudioContext was suspended."""
    from ..apps.browser.garbage import check_capture

    found = check_capture(page, setup=setup, dial_within_s=dial_within)
    print(found)
    raise typer.Exit(VACUOUS if found.is_void else HELD if found.goes_on else FAILED)

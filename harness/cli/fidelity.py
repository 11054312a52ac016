"""``stillthere fidelity``: how each modelled behaviour of the server is known."""

from pathlib import Path
from typing import Annotated

import typer

from ..fidelity.markers import proving_tests
from ..report.fidelity import render


def fidelity(
    tests: Annotated[
        Path | None, typer.Option(help="Add a column with the tests of this folder that name the behaviour.")
    ] = None,
) -> None:
    """Print the fidelity page, in Markdown: each behaviour, how it is known, its policy switch."""
    print(render(None if tests is None else proving_tests(tests)), end="")

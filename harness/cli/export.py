"""``stillthere export``: journals in the forms of other programs."""

from pathlib import Path
from typing import Annotated

import typer

from .. import journal as journals
from ..errors import InputError, SettingError
from .exports import Exported, Exports
from .output import IMPORT_HELP, find_own_modules, import_modules, show_log_notes


def export(
    files: Annotated[
        list[Path], typer.Argument(help="Journals, as `run --out` and `serve --out` write them.", metavar="JOURNAL…")
    ],
    trace: Annotated[
        Path | None,
        typer.Option(metavar="FILE.json", help="A trace for ui.perfetto.dev; of several journals, a folder of them."),
    ] = None,
    svg: Annotated[
        Path | None,
        typer.Option(metavar="FILE.svg", help="A picture; of two clients on one scenario, below each other."),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(metavar="FILE.txt", help="Labels for Audacity; `run --labels` writes the sound beside them."),
    ] = None,
    imports: Annotated[list[str] | None, typer.Option("--import", metavar="MODULE", help=IMPORT_HELP)] = None,
) -> None:
    """Export journals: a trace for Perfetto, labels for Audacity, or a picture as SVG."""
    exports = Exports(trace, svg, labels)
    if exports == Exports(None, None, None):
        raise SettingError("export what? give --trace FILE.json, --svg FILE.svg or --labels FILE.txt")
    exports.check()
    find_own_modules()
    import_modules(imports or ())
    found = [Exported(file.stem, journals.read(file)) for file in files]
    show_log_notes([note for each in found for note in each.journal.notes])
    try:
        exports.write(found)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        names = ", ".join(map(str, files))
        raise InputError(f"{names} cannot be exported: an entry has a missing or wrong field: {error}") from None

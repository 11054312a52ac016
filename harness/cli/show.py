"""``stillthere show``: draw scenarios without playing them."""

from rich.console import Console

from ..report.plan_picture import picture
from .chosen import load_chosen
from .output import find_own_modules, import_modules, picture_width
from .run_options import ImportsOption, KeywordOption, ScenariosArgument


def show(
    scenarios: ScenariosArgument = None,
    keyword: KeywordOption = None,
    imports: ImportsOption = None,
) -> None:
    """Draw the plan of scenarios: who does what and when, and which steps wait for what."""
    find_own_modules()
    import_modules(imports or ())
    console = Console()
    for _, scenario in load_chosen(scenarios or [], keyword):
        console.print(picture(scenario, width=picture_width(console)))

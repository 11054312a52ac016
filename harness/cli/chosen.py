"""The scenarios of a command, loaded; notes about their files go to standard error."""

import sys
from collections.abc import Sequence

from ..scenario import Scenario
from ..scenario.chosen import choose, load_all
from .output import show_notes


def load_chosen(words: Sequence[str], keyword: str | None = None) -> list[tuple[str, Scenario]]:
    """Those that the words and ``-k`` mean. Raises :exc:`InputError` with the mistakes of all of them."""
    choice = choose(words, keyword)
    for note in choice.notes:
        print(note, file=sys.stderr)
    loaded = load_all(choice)
    for _, scenario in loaded:
        show_notes(scenario)
    return loaded

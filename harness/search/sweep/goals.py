"""What the settings of a voice client must not do: the harms that advice, maps and refinement look for."""

from collections.abc import Iterable
from enum import IntFlag

from ...causes import CAUSES
from .rows import CellRow


class Harm(IntFlag):
    """What goes wrong in a cell; 0: nothing."""

    FREEZES = 1
    """The client is silent for ever, or for too long: the run fails with the cause of a silence."""
    FAILS = 2
    """The run fails otherwise."""
    LOSES = 4
    """An utterance is lost."""
    FALSE_TURN = 8
    """A turn begins while nobody speaks."""
    UNTRIED = 32
    """A noise of the scenario was not played, so that it began no turn says nothing."""
    UNKNOWN = 16
    """The run proves nothing, or there is none: it is vacuous, nobody was audible, or the client raised."""


def harm(row: CellRow | None) -> Harm:
    """What goes wrong in a cell; None: the client raised."""
    if row is None or row.verdict == "vacuous" or not row.utterances_said:
        return Harm.UNKNOWN
    found = Harm(0)
    if row.verdict == "failed":
        found |= Harm.FREEZES if row.cause in CAUSES else Harm.FAILS
    if row.utterances_lost:
        found |= Harm.LOSES
    if row.false_turns:
        found |= Harm.FALSE_TURN
    if row.noises_missing:
        found |= Harm.UNTRIED
    return found


def folded(harms: Iterable[Harm]) -> Harm:
    """The harms of all of them together: what goes wrong somewhere."""
    found = Harm(0)
    for each in harms:
        found |= each
    return found

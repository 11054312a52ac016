"""How long a campaign takes to find each mistake of the zoo: the table for a terminal, and the page ``docs/zoo.md``."""

from collections.abc import Sequence
from statistics import median

from ..search.zoo_hunt import BASES, BUDGET_S, RIGHT_CAUSES, Hunt, Measured, missed, share_of_right_causes
from .tables import aligned, table

_PREFACE = """\
# The zoo

`make zoo` makes this page. The clients in [tests/zoo](../tests/zoo) have one mistake each, as real teams make them.
Each is a correct client with one change, and names its harm, which is the property that it breaks, and the cause if the
harm is a silence. It is *found* by a run in which it does this harm, and its twin, the same client without the mistake,
does not.

* **pack**: the first included scenario in which it is found, and how many were played up to there.
* **fuzz**: the median of {bases} campaigns with disjoint seeds, as `stillthere fuzz --client module:Class` plays them:
  how many seeds until it is found, and the seconds of one core. A campaign may take {budget:g} s.
* **cause**: what the verdict says of the silence. In *italics* it is not the client's own cause, but one that a fault
  in the smallest story has: who does not notice a fault is silent because of it. With ✖ it is wrong.
* **steps**: of the smallest story that shows the same, and the faults in it.

**{found} of {all} are found by the campaign, and {by_pack} by the pack; {causes:.0%} of the causes are right.** Half of
the campaigns take no longer than {half:.1f} s, all the clients' medians together {total:.0f} s."""

_HEAD = ("mutant", "harm", "pack", "seeds", "seconds", "cause", "steps", "faults")
_SERVERS = """\
## Servers

The servers in [servers.py](../tests/zoo/servers.py) are ours with one mistake each. The tests of their rooms are run
against each, and must notice it; `make zoo-full` runs the whole suite."""


def hunt_text(measured: Sequence[Measured]) -> str:
    """The table for a terminal, with what is missed below it."""
    rows = [_row(each, mark="*") for each in measured]
    lines = [aligned(_HEAD, rows), "", _summary(measured)]
    if names := missed(measured):
        lines.append(f"not found within {BUDGET_S:g} s: {', '.join(names)}")
    return "\n".join(lines) + "\n"


def hunt_page(measured: Sequence[Measured], servers: Sequence[tuple[str, str, str]]) -> str:
    """The page; ``servers``: each mutant's name, what is wrong with it, and the first test that noticed it."""
    preface = _PREFACE.format(
        bases=len(BASES),
        budget=BUDGET_S,
        found=len(measured) - len(missed(measured)),
        all=len(measured),
        by_pack=sum(each.pack.found is not None for each in measured),
        causes=share_of_right_causes(measured),
        half=median(each.median.took_s for each in measured),
        total=sum(each.median.took_s for each in measured),
    )
    rows = [(f"`{each.specimen.name}`", *_row(each, mark="_")[1:]) for each in measured]
    told = [(f"`{each.specimen.name}`", each.specimen.because.split("\n\n")[0].replace("\n", " ")) for each in measured]
    noticed = [(f"`{name}`", because, f"`{by}`" if by else "nothing") for name, because, by in servers]
    parts = [
        preface, table(_HEAD, rows), "## What they do", table(("mutant", "mistake"), told),
        _SERVERS, table(("mutant", "mistake", "noticed by"), noticed),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _summary(measured: Sequence[Measured]) -> str:
    right = share_of_right_causes(measured)
    return (
        f"{len(measured) - len(missed(measured))} of {len(measured)} are found by the campaign, "
        f"{sum(each.pack.found is not None for each in measured)} by the pack; "
        f"{right:.1%} of the causes are right ({RIGHT_CAUSES:.0%} must be)"
    )


def _row(each: Measured, mark: str) -> tuple[str, ...]:
    found, story = each.median, each.story
    return (
        each.specimen.name,
        each.specimen.harm,
        _pack(each.pack),
        str(found.played) if each.is_found else "–",
        f"{found.took_s:.1f}" if each.is_found else f"> {found.took_s:.0f}",
        _cause(each, mark),
        str(story.steps) if story is not None else "–",
        ", ".join(story.faults) or "none" if story is not None else "–",
    )


def _pack(hunt: Hunt) -> str:
    return f"{hunt.where} ({hunt.played})" if hunt.found is not None else "–"


def _cause(each: Measured, mark: str) -> str:
    if each.specimen.cause is None or each.story is None:
        return "–"
    cause = each.story.cause or "none"
    if not each.story.is_right:
        return f"✖ {cause}"
    return cause if cause in each.specimen.causes else f"{mark}{cause}{mark}"

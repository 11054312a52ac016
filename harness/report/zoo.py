"""How often the verdict is right over a zoo of client mistakes: for a terminal, and as a chapter of a page."""

from collections import Counter

from ..causes import Cause
from ..properties import PROPERTY_NAMES
from ..search.zoo import USUAL_ZOO, ZooMatrix
from .tables import aligned, table

LEFT_OUT = (
    f"The zoo of client mistakes is left out: there is no module {USUAL_ZOO} here. "
    "Run the command in a checkout of the repository, or name a module with --zoo."
)
"""What stands there if no zoo was found."""

_CHAPTER = """\
## How often client mistakes are found

The zoo in `tests/zoo/` holds clients with one mistake each. Each names its harm, which is the property that it breaks,
and, if the harm is a silence, the cause. Each is played {seeds} times in a conversation that shows the mistake, and the
whole run is judged, as by `stillthere run`. The verdict is right if a finding or a warning names the harm, and for a
silence its cause and no other one. Correct clients of other designs are played too, in conversations with and without a
fault; any finding and any warning there is wrong.

**{share:.1%} of {runs} runs of {specimens} specimens are right; {correct:.1%} of {controls} runs of correct clients
have no finding.**

The command exits with 1 if either is below 95 %."""

_HEAD = ("harm", "specimens", "runs", "right")


def zoo_text(matrix: ZooMatrix | None) -> str:
    """The zoo's part for a terminal; None: there is no zoo."""
    if matrix is None:
        return f"\n{LEFT_OUT}\n"
    lines = [f"\n{aligned(_HEAD, _by_harm(matrix))}\n"]
    lines.append(
        f"right: {matrix.share:.2%} of the runs of client mistakes; "
        f"{matrix.share_of_correct:.2%} of the runs of correct clients have no finding"
    )
    if matrix.wrong:
        lines.append("\n" + aligned(_WRONG_HEAD, _wrong_rows(matrix)))
    return "\n".join(lines) + "\n"


def zoo_chapter(matrix: ZooMatrix | None) -> str:
    """The zoo's chapter of the page, without a newline at its end; None: there is no zoo."""
    if matrix is None:
        return f"## How often client mistakes are found\n\n{LEFT_OUT}"
    controls = matrix.runs[None]
    chapter = _CHAPTER.format(
        seeds=matrix.seeds,
        share=matrix.share,
        runs=matrix.runs.total() - controls,
        specimens=matrix.specimens.total(),
        correct=matrix.share_of_correct,
        controls=controls,
    )
    rows = [(f"`{harm}`", *cells) for harm, *cells in _by_harm(matrix)]
    parts = [chapter, table(_HEAD, rows)]
    if matrix.wrong:
        wrong = [(f"`{name}`", *cells) for name, *cells in _wrong_rows(matrix)]
        parts += ["### What the verdict misses", table(_WRONG_HEAD, wrong)]
    return "\n\n".join(parts)


def _by_harm(matrix: ZooMatrix) -> list[tuple[str, ...]]:
    return [
        (harm, str(matrix.specimens[harm]), str(matrix.runs[harm]), f"{matrix.right[harm] / matrix.runs[harm]:.1%}")
        for harm in PROPERTY_NAMES
        if matrix.runs[harm]
    ]


_WRONG_HEAD = ("client", "conversation", "expected", "verdict", "runs")


def _wrong_rows(matrix: ZooMatrix) -> list[tuple[str, ...]]:
    """What is wrong: equal results of several seeds are one row."""
    counts = Counter((one.name, one.conversation, one.expected, one.found) for one in matrix.wrong)
    return [
        (name, conversation, _named(expected) if expected else "nothing", ", ".join(map(_named, found)) or "nothing",
         str(runs))
        for (name, conversation, expected, found), runs in counts.items()
    ]  # fmt: skip


def _named(found: tuple[str, Cause | None]) -> str:
    name, cause = found
    return f"{name}: {cause}" if cause else name

"""docs/causes.md: every cause of a silence, what it means, and after which faults it is found."""

from ..causes import CAUSES, OF_THE_CLIENT
from ..faults import CATALOGUE
from ..scenario import load, shipped_scenarios
from .tables import table

_INTRODUCTION = """\
# Causes of a silence

Every silence that a verdict or `stillthere diagnose` reports has one of these causes: the first link that broke
between what was spoken and what was played: [how it judges](how-it-judges.md#whose-fault-a-silence-is). How often the
diagnosis is right: [confusion.md](confusion.md). What helps: [unfreezable.md](unfreezable.md).

* *without a fault*: on whose side it lies if nothing was injected.
* *after these faults*: those that name it as a possible cause ([faults.md](faults.md)).
* *to see it*: a scenario of [the pack](scenario-pack.md) that ends so with a reference client, as in
  `stillthere run reported_freeze --client reported`.

This page is the output of `python -m harness.report.causes`.
"""


def page() -> str:
    """The page, with a newline at its end."""
    shown = _shown()
    rows = []
    for cause, meaning in CAUSES.items():
        faults = ", ".join(f"`{name}`" for name, fault in CATALOGUE.items() if cause in fault.causes)
        side = "the client" if cause in OF_THE_CLIENT else "not the client"
        rows.append((f"`{cause}`", meaning, side, faults or "none", shown.get(cause, "")))
    head = ("cause", "what it means", "without a fault", "after these faults", "to see it")
    return f"{_INTRODUCTION}\n{table(head, rows)}\n"


def _shown() -> dict[str, str]:
    """By cause: the first scenario whose outcome it is, and with which client."""
    found: dict[str, str] = {}
    for path in shipped_scenarios():
        for client, outcome in load(path).outcomes.items():
            verdict, _, cause = outcome.partition(": ")
            if verdict == "failed" and cause not in found:
                found[cause] = f"`{path.stem}` with `{client}`"
    return found


if __name__ == "__main__":
    print(page(), end="")

"""``stillthere diagnose``: whose fault the silence in a journal is."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from harness import journal as journals
from harness.causes import CAUSES
from harness.errors import InputError
from harness.journal import Journal
from harness.report.words import plain
from harness.units import SECOND
from harness.verdict import diagnosis
from harness.verdict.client_view import Suspects, suspects
from harness.verdict.links import Diagnosis

SILENT = 1
STATES = {
    "answered": "answered: there is no silence",
    "quiet": "quiet: nobody was to be answered",
}


def diagnose(
    file: Annotated[Path, typer.Argument(help="A journal, as `run --out` and `serve --journal` write them.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Say what became of the user's last words in a journal: exit 0 answered or quiet, 1 silent, 2 unreadable."""
    journal = journals.read(file)
    try:
        found = diagnosis.diagnose(journal)
        seen = None if diagnosis.is_live(journal) else suspects(journal)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(f"{file} cannot be diagnosed: an entry lacks a field or holds a wrong one: {error}") from None
    if as_json:
        print(json.dumps(_document(file, journal, found, seen), indent=2))
    else:
        print("\n".join(_lines(found, seen)))
    raise typer.Exit(SILENT if found.state == "silent" else 0)


def _lines(found: Diagnosis, seen: Suspects | None) -> list[str]:
    lines = [STATES.get(found.state, f"silent: {found.cause}")]
    if found.cause is not None:
        lines.append(f"  {CAUSES[found.cause]}")
    since = "" if found.since_us is None else f"since {found.since_us / SECOND:.3f} s, "
    lines.append(f"  {since}confidence {found.confidence:.0%}")
    lines += [f"  - {plain(line)}" for line in found.evidence]
    if seen is None:
        return [*lines, "a client alone: this journal does not hold its end"]
    causes = " or ".join(seen.causes) or seen.state
    return [*lines, f"a client alone could tell: {causes}", f"  - {plain(seen.evidence)}"]


def _document(file: Path, journal: Journal, found: Diagnosis, seen: Suspects | None) -> dict[str, Any]:
    return {
        "journal": str(file),
        "sha256": journal.sha256(),
        "state": found.state,
        "cause": found.cause,
        "words": CAUSES[found.cause] if found.cause is not None else None,
        "since_s": None if found.since_us is None else found.since_us / SECOND,
        "evidence": list(found.evidence),
        "confidence": found.confidence,
        "client_alone": None
        if seen is None
        else {"state": seen.state, "causes": list(seen.causes), "evidence": seen.evidence},
    }

"""``stillthere diagnose``: the cause of the silence in a journal."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import journal as journals
from ..causes import CAUSES
from ..errors import InputError
from ..journal import Journal
from ..report.words import plain
from ..units import SECOND
from ..verdict import diagnosis
from ..verdict.client_view import Suspects, suspects
from ..verdict.links import Diagnosis
from .output import FAILED, HELD, VACUOUS

_STATES = {
    "answered": "answered: there is no silence",
    "quiet": "quiet: there was nothing to answer",
    "unknown": "unknown: entries of the journal are missing where an answer would be",
}


def diagnose(
    file: Annotated[Path, typer.Argument(help="A journal, as `run --out` and `serve --out` write it.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Tell whether the user's last words were answered, and if not, why.

    Exit 0: answered or quiet, 1: silent, 3: not known, because entries of the journal are missing.
    """
    journal = journals.read(file)
    try:
        found = diagnosis.diagnose(journal)
        seen = None if diagnosis.is_live(journal) else suspects(journal)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(f"{file} cannot be diagnosed: an entry has a missing or wrong field: {error}") from None
    if as_json:
        print(json.dumps(_document(file, journal, found, seen), indent=2))
    else:
        print("\n".join(_lines(found, seen)))
    for note in journal.notes:
        print(f"stillthere: {note}", file=sys.stderr)
    raise typer.Exit({"silent": FAILED, "unknown": VACUOUS}.get(found.state, HELD))


def _lines(found: Diagnosis, seen: Suspects | None) -> list[str]:
    lines = [_STATES.get(found.state, f"silent: {found.cause}")]
    if found.cause is not None:
        lines.append(f"  {CAUSES[found.cause]}")
    since = "" if found.since_us is None else f"since {found.since_us / SECOND:.3f} s, "
    lines.append(f"  {since}confidence {found.confidence:.0%}")
    lines += [f"  - {plain(line)}" for line in found.evidence]
    if seen is None:
        return [*lines, "a client alone: not known, because this journal has no entries of the client"]
    causes = " or ".join(seen.causes) or seen.state
    return [*lines, f"a client alone could know: {causes}", f"  - {plain(seen.evidence)}"]


def _document(file: Path, journal: Journal, found: Diagnosis, seen: Suspects | None) -> dict[str, Any]:
    return {
        "journal": str(file),
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "state": found.state,
        "cause": found.cause,
        "words": CAUSES[found.cause] if found.cause is not None else None,
        "since_s": None if found.since_us is None else found.since_us / SECOND,
        "evidence": list(found.evidence),
        **({"notes": journal.notes} if journal.notes else {}),
        "confidence": found.confidence,
        "client_alone": None
        if seen is None
        else {"state": seen.state, "causes": list(seen.causes), "evidence": seen.evidence},
    }

"""``stillthere diagnose``: the cause of the silence in a journal of ours, or in a log that somebody else recorded."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from .. import journal as journals
from ..causes import CAUSES
from ..errors import InputError, SettingError
from ..journal import Journal
from ..logs.diagnosis import diagnose_log
from ..logs.joined import join
from ..logs.journals import is_journal
from ..logs.mapping import parse_map
from ..logs.read import read_log
from ..picture.lanes import lanes
from ..picture.words import plain
from ..report.log_answer import document_of, lines_of
from ..units import SECOND
from ..verdict import diagnosis
from ..verdict.client_view import Suspects, suspects
from ..verdict.links import Diagnosis
from .output import FAILED, HELD, VACUOUS, check_writable, show_log_notes

_STATES = {
    "answered": "answered: there is no silence",
    "quiet": "quiet: there was nothing to answer",
    "unknown": "unknown: entries of the journal are missing where an answer would be",
}

_CODES = {"silent": FAILED, "unknown": VACUOUS}


def diagnose(
    file: Annotated[
        Path,
        typer.Argument(
            help="A journal, as `run --out` and `serve --out` write it, or a log of a session: HAR, JSON lines, "
            "a text log, a flow file of mitmproxy."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the picture of the journal as a page.")
    ] = None,
    mapping: Annotated[
        str | None,
        typer.Option(
            "--map", metavar="PART=FIELD,…", help="Where the parts of a log's record are: time=ts,event=data.payload"
        ),
    ] = None,
    joined: Annotated[
        Path | None,
        typer.Option(
            "--join", metavar="JOURNAL", help="Our server's journal of the session that FILE is a client's log of."
        ),
    ] = None,
) -> None:
    """Tell whether the user's last words were answered, and if not, why.

    A log shows less than a journal, so the answer can be a set of causes. Exit 0: answered or quiet, 1: silent, 3: not
    known, because entries of the journal are missing, or because a log cannot tell.
    """
    check_writable("--html", html)
    if joined is not None or mapping is not None or not _is_journal(file):
        if html is not None:
            raise SettingError(f"--html draws journals of ours, and {file} is read as a log; leave --html out")
        _of_log(file, as_json, parse_map(mapping) if mapping else None, joined)
    journal = journals.read(file)
    try:
        found = diagnosis.diagnose(journal)
        seen = None if diagnosis.is_live(journal) else suspects(journal)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(f"{file} cannot be diagnosed: an entry has a missing or wrong field: {error}") from None
    if html is not None:
        from ..report.html_files import write_journal

        print(f"report: {write_journal(html, journal, file)}", file=sys.stderr)
    if as_json:
        print(json.dumps(_document(file, journal, found, seen), indent=2))
    else:
        print("\n".join(_lines(found, seen, _silence(journal))))
    show_log_notes(journal.notes)
    raise typer.Exit(_CODES.get(found.state, HELD))


def _is_journal(file: Path) -> bool:
    """Whether it is a journal of ours; what cannot be opened is left to the reader of journals."""
    try:
        with file.open("rb") as opened:
            return is_journal(opened.read(200).decode("utf-8", "replace")) or not file.stat().st_size
    except OSError:
        return True


def _of_log(file: Path, as_json: bool, mapping: dict[str, str] | None, joined: Path | None) -> NoReturn:
    log = read_log(file, mapping)
    found = join(log, journals.read(joined)) if joined is not None else diagnose_log(log)
    if as_json:
        print(json.dumps({"log": str(file), "form": log.form, "clock": log.clock, **document_of(found)}, indent=2))
    else:
        print("\n".join(lines_of(log, found)))
    show_log_notes(log.notes)
    raise typer.Exit(_CODES.get(found.state, HELD))


def _silence(journal: Journal) -> str:
    """How long nothing has been played, as the picture says it; empty if the journal does not say what was played."""
    if diagnosis.is_live(journal):
        return ""
    silent = [span for span in lanes(journal)["assistant"].spans if span.style == "silence"]
    return f"{silent[-1].label}, since {silent[-1].start_us / SECOND:.3f} s; " if silent else ""


def _lines(found: Diagnosis, seen: Suspects | None, silence: str) -> list[str]:
    lines = [_STATES.get(found.state, f"silent: {found.cause}")]
    if found.cause is not None:
        lines.append(f"  {CAUSES[found.cause]}")
    since = "" if found.since_us is None else f"since {found.since_us / SECOND:.3f} s, "
    if silence and since:
        since = f"{silence}this cause is seen {since}"
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

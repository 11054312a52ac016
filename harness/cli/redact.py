"""``stillthere redact``: a log of a session without what is secret or personal, to be shown to others."""

from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError, SettingError
from ..logs.mapping import parse_map
from ..logs.read import read_log
from ..logs.redacted import redacted
from ..writing import write_plain, write_private
from .output import check_file, show_log_notes


def redact(
    file: Annotated[Path, typer.Argument(help="A log of a session: HAR, JSON lines, a text log, a flow file.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where it is written; never over FILE.")],
    keep_audio: Annotated[
        bool, typer.Option("--keep-audio", help="Keep the voices; the file is then for its owner only.")
    ] = False,
    mapping: Annotated[
        str | None,
        typer.Option(
            "--map", metavar="PART=FIELD,…", help="Where the parts of a record are: time=ts,event=data.payload"
        ),
    ] = None,
) -> None:
    """Write a log of a session without secrets, personal texts and voices, to be shown to others.

    A HAR stays a HAR; any other log becomes JSON lines. Times, types, lengths and settings stay.
    """
    check_file("-o", out)
    log = read_log(file, parse_map(mapping) if mapping else None)
    if out.exists() and out.samefile(file):
        raise SettingError(f"{out} is the log itself; give -o another name, so that the log is not lost")
    try:
        (write_private if keep_audio else write_plain)(out, map(str.encode, redacted(log, keep_audio=keep_audio)))
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror or error}") from None
    count = sum(len(session.events) for session in log.sessions)
    print(f"{out}: {count} events of {len(log.sessions)} session{'s' if len(log.sessions) > 1 else ''}")
    if keep_audio and log.has_audio:
        print(f"{out} holds voices; it can be read by its owner only")
    show_log_notes(log.notes)

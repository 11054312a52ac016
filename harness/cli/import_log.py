"""``stillthere import``: a scenario that replays what a log shows."""

from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError, SettingError
from ..logs.diagnosis import diagnose_log
from ..logs.importing import scenario_of
from ..logs.mapping import parse_map
from ..logs.read import read_log
from ..scenario.dump import dump
from ..writing import write_plain, write_private
from .output import check_file, show_log_notes


def import_log(
    file: Annotated[
        Path, typer.Argument(help="A log of a session: HAR, JSON lines, a text log, a flow file, a journal.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="SCENARIO", help="The scenario's file, such as seen.yaml.")
    ],
    cause: Annotated[
        str | None,
        typer.Option(
            metavar="CAUSE",
            help="CauseReplay this one of the causes that `diagnose` leaves open; by default the first.",
        ),
    ] = None,
    keep_audio: Annotated[
        bool,
        typer.Option(
            "--keep-audio",
            help="Let the user speak with the voice of the log, in WAV files beside, for their owner only.",
        ),
    ] = False,
    mapping: Annotated[
        str | None,
        typer.Option(
            "--map", metavar="PART=FIELD,…", help="Where the parts of a record are: time=ts,event=data.payload"
        ),
    ] = None,
) -> None:
    """Make a scenario of a log: who spoke when, how the server answered, and the fault that was found.

    Words, names and voices of the log are not in it; recordings of the same length and level stand in for them.
    """
    if out.suffix not in (".yaml", ".yml"):
        raise SettingError(f"-o {out} is no name of a scenario; end it with .yaml")
    check_file("-o", out)
    log = read_log(file, parse_map(mapping) if mapping else None)
    found = diagnose_log(log)
    made = scenario_of(log, found, name=out.stem, cause=cause, keep_audio=keep_audio)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        for name, audio in made.audio.items():
            write_private(out.parent / name, audio)
        write_plain(out, dump(made.scenario).encode())
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror or error}") from None
    told = "no fault" if made.cause is None else made.cause
    print(
        f"{out}: {len(made.scenario.timeline)} steps, which replay {told}; "
        f"play it: stillthere run {out} --client reported"
    )
    if made.audio:
        print(f"{len(made.audio)} WAV files beside it hold the user's voice; they can be read by their owner only")
    show_log_notes((*made.notes, *log.notes))

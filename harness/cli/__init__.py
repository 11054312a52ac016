"""The command line. Exit codes: 0 held · 1 failed · 2 scenario or option wrong · 3 vacuous · 4 the client could not
be started or connected, or raised · 5 a bug of stillthere's own.
"""

import errno
import io
import os
import sys
import traceback
from typing import Annotated

import typer

from .. import __version__
from ..errors import InputError, StillthereError, visible
from . import (
    bench,
    check,
    confusion,
    coverage,
    demo,
    diagnose,
    faults,
    fidelity,
    fuzz,
    program,
    properties,
    recover,
    run,
    schema,
    serve,
    show,
)

command_line = typer.Typer(
    name="stillthere",
    help="A fake Realtime server that really hears, a virtual clock, and tests that your voice client never goes deaf.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
command_line.command("demo")(demo.demo)
command_line.command("run", cls=program.RunCommand)(run.run)
command_line.command("check")(check.check)
command_line.command("serve")(serve.serve)
command_line.command("fidelity")(fidelity.fidelity)
command_line.command("faults")(faults.faults)
command_line.command("properties")(properties.properties)
command_line.command("fuzz")(fuzz.fuzz)
command_line.command("coverage")(coverage.coverage)
command_line.command("recover")(recover.recover)
command_line.command("confusion")(confusion.confusion)
command_line.command("diagnose")(diagnose.diagnose)
command_line.command("show")(show.show)
command_line.command("schema")(schema.schema)
command_line.add_typer(bench.bench_commands, name="bench")

_OUR_BUG = 5


def _version(wanted: bool) -> None:
    if wanted:
        print(f"stillthere {__version__}")
        raise typer.Exit


@command_line.callback()
def options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = (
        False
    ),
) -> None:
    """Options of every command."""


def main() -> None:
    """Run a command; every error becomes one sentence on standard error and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what the terminal cannot show becomes "?"
            stream.reconfigure(errors="replace")
    try:
        command_line()
    except StillthereError as error:
        print(error.shown, file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has ended, as in `stillthere run … | head`: that is no error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        what = f"{error.filename!r}" if error.filename else "the output"
        cure = "free the disk" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "give another path or output"
        print(visible(f"stillthere: {what} cannot be used: {error.strerror or error}; {cure}"), file=sys.stderr)
        sys.exit(InputError.exit_code)
    except Exception as error:  # anything else is our own bug; shown without a traceback
        if os.environ.get("STILLTHERE_DEBUG"):
            traceback.print_exc()
        place = traceback.extract_tb(error.__traceback__)[-1]
        print(
            f"stillthere: a bug of stillthere: {type(error).__name__}: {error} ({place.filename}:{place.lineno}); "
            "please report it with the scenario and the command; STILLTHERE_DEBUG=1 shows the traceback",
            file=sys.stderr,
        )
        sys.exit(_OUR_BUG)

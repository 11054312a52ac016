"""The command line. Exit codes: 0 held · 1 failed · 2 scenario or option wrong · 3 vacuous · 4 the client could not
be started or connected, or raised · 5 a bug of stillthere's own.
"""

import io
import os
import sys
import traceback
from typing import Annotated

import typer

from harness import __version__
from harness.cli import (
    bench,
    check,
    confusion,
    coverage,
    demo,
    diagnose,
    faults,
    fidelity,
    fuzz,
    recover,
    run,
    schema,
    serve,
    show,
)
from harness.errors import InputError, ScenarioError, StillthereError

app = typer.Typer(
    name="stillthere",
    help="A Realtime server that can hear, a clock you own, and a proof that your voice client never goes deaf.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("check")(check.check)
app.command("serve")(serve.serve)
app.command("fidelity")(fidelity.fidelity)
app.command("faults")(faults.faults)
app.command("fuzz")(fuzz.fuzz)
app.command("coverage")(coverage.coverage)
app.command("recover")(recover.recover)
app.command("confusion")(confusion.confusion)
app.command("diagnose")(diagnose.diagnose)
app.command("show")(show.show)
app.command("schema")(schema.schema)
app.add_typer(bench.app, name="bench")

OUR_BUG = 5


def _version(wanted: bool) -> None:
    if wanted:
        print(f"stillthere {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = (
        False
    ),
) -> None:
    """Options of every command."""


def main() -> None:
    """Run a command; every error becomes one sentence on standard error and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a picture is told as well as the terminal can show it
            stream.reconfigure(errors="replace")
    try:
        app()
    except StillthereError as error:
        bare = isinstance(error, ScenarioError) or "\n" in str(error)  # file:line:col stands first, for editors
        print(error if bare else f"stillthere: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has left, as `stillthere run … | head` does; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        print(f"stillthere: the output cannot be written: {error.strerror or error}; free the disk", file=sys.stderr)
        sys.exit(InputError.exit_code)
    except Exception as error:  # anything else is our own mistake, and is told without a traceback
        if os.environ.get("STILLTHERE_DEBUG"):
            traceback.print_exc()
        place = traceback.extract_tb(error.__traceback__)[-1]
        print(
            f"stillthere: a bug of ours: {type(error).__name__}: {error} ({place.filename}:{place.lineno}); please "
            "report it with the scenario and the command; STILLTHERE_DEBUG=1 shows the traceback",
            file=sys.stderr,
        )
        sys.exit(OUR_BUG)

"""The command line. Exit codes: 0 held · 1 failed · 2 scenario or option wrong · 3 vacuous · 4 the client could not
be started or connected, or raised · 5 a bug of stillthere's own.
"""

import errno
import io
import os
import sys
from types import MappingProxyType
from typing import Annotated

import typer

from .. import __version__
from ..errors import InputError, StillthereError, visible
from .lazy import LazyCommand, LazyGroup


class Commands(LazyGroup):
    """All commands."""

    lazy = MappingProxyType(
        {
            "demo": LazyCommand(
                "Show a freeze and its cure: two clients play the same recorded conversation, each with its picture."
            ),
            "run": LazyCommand(
                "Play scenarios with clients or apps, and judge them.",
                made_by=("program", "RunCommand"),
            ),
            "list": LazyCommand(
                "List scenarios, those here and those shipped, with their tags and a line of their story; and clients.",
                "list_command",
            ),
            "init": LazyCommand(
                "Write a first scenario, a first client, a test and a CI file into a folder; nothing is overwritten."
            ),
            "check": LazyCommand("Validate scenarios; every mistake is shown with its file, line and column."),
            "serve": LazyCommand("Serve the fake Realtime API until interrupted."),
            "proxy": LazyCommand(
                "Pass what clients say to an endpoint and back, record it, and inject faults, until interrupted."
            ),
            "fidelity": LazyCommand(
                "Print the fidelity page, in Markdown: each behaviour, how it is known, its policy switch."
            ),
            "faults": LazyCommand("List all faults, or describe one."),
            "properties": LazyCommand(
                "List the properties that a run must have, or describe one; "
                "`run --property` and scenarios change what follows."
            ),
            "fuzz": LazyCommand(
                "Play conversations with random faults, and tell each distinct failure by its smallest story; "
                "exit 1 if any."
            ),
            "sweep": LazyCommand(
                "Play scenarios with many settings of client and server: a table, maps, and which settings are safe."
            ),
            "coverage": LazyCommand(
                "Play the shipped scenarios, a campaign, and a conversation for each pair of fault and phase that "
                "is missing."
            ),
            "recover": LazyCommand(
                "Measure which recovery strategy helps against which fault; exit 1 if `ladder` leaves a client silent."
            ),
            "transports": LazyCommand(
                "Play faults and scenarios over a WebSocket and over WebRTC, and tell what freezes where."
            ),
            "confusion": LazyCommand(
                "Diagnose every fault with each client, and judge a zoo of client mistakes; "
                "exit 1 if fewer than 95 % are right."
            ),
            "diagnose": LazyCommand("Tell whether the user's last words were answered, and if not, why."),
            "redact": LazyCommand(
                "Write a log of a session without secrets, personal texts and voices, to be shown to others."
            ),
            "export": LazyCommand("Export journals: a trace for Perfetto, labels for Audacity, or a picture as SVG."),
            "import": LazyCommand(
                "Make a scenario of a log: who spoke when, how the server answered, and the fault that was found.",
                "import_log",
                module="import_log",
            ),
            "show": LazyCommand("Draw the plan of scenarios: who does what and when, and which steps wait for what."),
            "schema": LazyCommand(
                "Print the JSON Schema of scenario files; an editor that knows it completes keys and explains them."
            ),
            "check-page": LazyCommand(
                "Say whether a page still captures after garbage was collected while its AudioContext was suspended.",
                "check_page",
            ),
            "doctor": LazyCommand(
                "Say what is here of what stillthere needs and can use, and how to get what is missing."
            ),
            "completion": LazyCommand("Print, or install, the completion of commands, options and names for a shell."),
            "bench": LazyCommand("Measure how fast it is.", "bench_commands"),
        }
    )


command_line = typer.Typer(
    name="stillthere",
    cls=Commands,
    help="A fake Realtime server that really hears, a virtual clock, and tests that your voice client never goes deaf.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_OUR_BUG = 5
_BROKEN_PIPE = 128 + 13


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
        if os.environ.get("GITHUB_ACTIONS"):
            from .run_files import annotate_mistakes

            annotate_mistakes(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has ended, as in `stillthere fuzz … | head`: that needs no sentence. The code is
        # that of a program which the signal ends, since nobody knows what the result would have been.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_BROKEN_PIPE)
    except OSError as error:
        what = f"{error.filename!r}" if error.filename else "the output"
        cure = "free the disk" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "give another path or output"
        print(visible(f"stillthere: {what} cannot be used: {error.strerror or error}; {cure}"), file=sys.stderr)
        sys.exit(InputError.exit_code)
    except Exception as error:  # anything else is our own bug; shown without a traceback
        import traceback

        if os.environ.get("STILLTHERE_DEBUG"):
            traceback.print_exc()
        place = traceback.extract_tb(error.__traceback__)[-1]
        print(
            f"stillthere: a bug of stillthere: {type(error).__name__}: {error} ({place.filename}:{place.lineno}); "
            "please report it with the scenario and the command; STILLTHERE_DEBUG=1 shows the traceback",
            file=sys.stderr,
        )
        sys.exit(_OUR_BUG)

"""``stillthere run SCENARIO… -- COMMAND …``: a program in real time in the place of a client in virtual time."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
import typer.core

from ..apps.choices import check_device
from ..errors import SettingError
from ..scenario.model import Scenario
from ..world.play import Run
from ..writing import file_name, make_folder

_COMMAND = "stillthere.command"


class RunCommand(typer.core.TyperCommand):
    """A command whose words after the first ``--`` are a command of the user's own."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put that command aside."""
        if "--" in args:
            place = args.index("--")
            args, command = args[:place], args[place + 1 :]
            if not command:
                raise SettingError("nothing follows --; write the command of your program behind it: -- python app.py")
            ctx.meta[_COMMAND] = tuple(command)
        return super().parse_args(ctx, args)


@dataclass(frozen=True, slots=True)
class ProgramUnderTest:
    """What takes the place of a client; ``out``: the folder for what it writes."""

    command: tuple[str, ...]
    device: str
    speaker: str
    tls: bool
    port: int
    dial_within_s: float
    out: Path | None

    @property
    def name(self) -> str:
        """Its name in pictures and documents."""
        from ..apps.real_time.program import name_of

        return name_of(self.command)

    def play(self, name: str, scenario: Scenario, seed: int, detector: str | None) -> Run:
        """Play a scenario against it; ``name`` is the scenario's on the command line."""
        from ..apps.real_time.play import play_program

        output = log_file(self.out, name, self.name, seed)
        print(f"{name}: {shlex.join(self.command)} in real time …", file=sys.stderr, flush=True)
        return play_program(
            scenario,
            self.command,
            device=self.device,
            speaker=self.speaker,
            tls=self.tls,
            port=self.port,
            seed=seed,
            detector=detector,
            dial_within_s=self.dial_within_s,
            output=output,
        )


def log_file(out: Path | None, scenario: str, tested: str, seed: int) -> Path | None:
    """The file in the folder ``out``, which is made, for what is written during one run; None: no folder was given."""
    if out is None:
        return None
    make_folder(out)
    return out / f"{file_name(Path(scenario).stem, 100)}-{file_name(tested, 80)}-{seed}.log"


def has_command(context: typer.Context) -> bool:
    """Whether a command follows ``--``."""
    return _COMMAND in context.meta


def program_under_test(
    context: typer.Context,
    clients: Sequence[str] | None,
    device: str | None,
    speaker: str | None,
    tls: bool,
    port: int | None,
    dial_within_s: float | None,
    page: str | None,
    out: Path | None,
) -> ProgramUnderTest | None:
    """The program behind ``--``; None if there is none. Raises :exc:`SettingError` if options do not fit."""
    command: tuple[str, ...] | None = context.meta.get(_COMMAND)
    if command is None:
        given = {
            "--device": device, "--speaker": speaker, "--tls": tls or None,
            "--port": port, "--dial-within": dial_within_s,
        }  # fmt: skip
        for option, value in given.items():
            if value is not None:
                or_a_page = "" if option == "--tls" else ", or give --page URL"
                raise SettingError(
                    f"{option} is for a program; write its command behind --, as in: -- python app.py{or_a_page}"
                )
        return None
    if page is not None:
        raise SettingError("--page and a command after -- contradict each other; leave one out")
    if clients:
        raise SettingError("--client and a command after -- contradict each other; leave one out")
    check_device(device or "tcp", speaker or "device")
    within_s = 30.0 if dial_within_s is None else dial_within_s
    return ProgramUnderTest(command, device or "tcp", speaker or "device", tls, port or 0, within_s, out)

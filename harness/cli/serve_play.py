"""``stillthere serve --scenario FILE --play``: a timeline for a program that somebody has started."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from ..apps.choices import check_device
from ..apps.real_time.play import play_to_dialler
from ..apps.real_time.stage import StageOptions
from ..errors import SettingError
from ..live.tls import make_identity
from ..report.terminal import picture
from ..scenario import load
from ..vad.detector import make_detector
from ..verdict.judge import judge
from .output import FAILED, HELD, VACUOUS, check_folder, picture_width, show_notes
from .played import JournalFolder

_EXIT_CODES = {"held": HELD, "failed": FAILED, "vacuous": VACUOUS}


def serve_and_play(
    name: str | None,
    *,
    port: int,
    detector: str | None,
    out: Path | None,
    tls: bool,
    device: str,
    speaker: str,
    others: Mapping[str, object],
) -> int:
    """Wait for a program, play a scenario to it and judge it; the exit code.

    ``others`` are the options of ``serve`` that a timeline has no use for. Raises :exc:`SettingError` if one is given.
    """
    if name is None:
        raise SettingError("--play plays the timeline of a scenario; give one with --scenario FILE")
    for option, value in others.items():
        if value:
            raise SettingError(f"{option} does not go with --play; leave it out, or write it into the scenario")
    check_device(device, speaker)
    check_folder(out)
    if detector is not None:
        make_detector(detector)
    scenario = load(name)
    show_notes(scenario)
    identity = make_identity(out) if tls else None
    options = StageOptions(device, speaker, port, None if identity is None else identity.context)

    def ready(url: str, variables: Mapping[str, str]) -> None:
        advice = f"\n{identity.advice}" if identity is not None else ""
        needed = "".join(f"\n  export {key}={shlex.quote(value)}" for key, value in variables.items())
        end = f"\n{name} is played when a program dials; it needs{needed}"
        print(f"listening on {url}{advice}{end}", file=sys.stderr, flush=True)

    run = play_to_dialler(scenario, on_ready=ready, options=options, detector=detector)
    verdict = judge(run.journal, scenario)
    path = JournalFolder(out).save(run)
    console = Console()
    console.print(picture(run, verdict, width=picture_width(console), journal_path=None if path is None else str(path)))
    return _EXIT_CODES[verdict.name]

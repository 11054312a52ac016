"""``--trace``, ``--svg`` and ``--labels``: the same runs in other programs, of ``run`` and of ``export``."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from ..journal import Journal
from ..verdict.judge import Verdict
from ..world.play import Run
from .guard import surroundings_kept
from .output import check_file, check_writable, write_private_bytes, write_private_text, write_text


@dataclass(frozen=True, slots=True)
class Exported:
    """A journal to export; ``run`` and ``verdict`` are there if it was played just now."""

    stem: str
    """The name of its files in a folder, without what they end in."""
    journal: Journal
    run: Run | None = None
    verdict: Verdict | None = None
    again: str | None = None


@dataclass(frozen=True, slots=True)
class Exports:
    """What is asked for: a file or a folder for each form."""

    trace: Path | None
    svg: Path | None
    labels: Path | None

    def check(self) -> None:
        """Raise :exc:`InputError` if one of them cannot be written; called before anything is played."""
        for option, target in (("--trace", self.trace), ("--svg", self.svg), ("--labels", self.labels)):
            if target is not None and target.suffix:
                check_file(option, target)
            elif target is not None and os.path.exists(target) and not os.path.isdir(target):
                raise InputError(f"{option} {target} is a file; give a folder, or a file with its ending")
            check_writable(option, target)

    def write(self, exported: Sequence[Exported]) -> None:
        """Write all of it. Raises :exc:`InputError`."""
        if self.trace is not None:
            for each, file in _files(self.trace, ".json", exported):
                _write_trace(each, file)
        if self.svg is not None:
            _write_svg(self.svg, exported)
        if self.labels is not None:
            for each, file in _files(self.labels, ".txt", exported):
                _write_labels(each, file)


def _files(target: Path, ending: str, exported: Sequence[Exported]) -> Iterator[tuple[Exported, Path]]:
    """The file of each: the target if it is a file's name and there is one run, else a file in a folder."""
    if target.suffix and len(exported) == 1:
        yield exported[0], target
        return
    folder = target.with_suffix("") if target.suffix else target
    for each, stem in zip(exported, unique([each.stem for each in exported]), strict=True):
        yield each, folder / f"{stem}{ending}"


def unique(stems: Sequence[str]) -> list[str]:
    """The names, with a number behind those that are there already."""
    found: list[str] = []
    for stem in stems:
        name, number = stem, 1
        while name in found:
            number += 1
            name = f"{stem}-{number}"
        found.append(name)
    return found


def _write_trace(each: Exported, file: Path) -> None:
    from ..report import perfetto

    header = each.journal.header
    known = [f"{header[name]}" for name in ("scenario", "client", "model") if header.get(name)]
    write_private_bytes(file, perfetto.trace(each.journal, title=", ".join([*known, f"seed {header.get('seed', 0)}"])))


def _write_svg(target: Path, exported: Sequence[Exported]) -> None:
    """One file for each, and one for two clients on one scenario, below each other."""
    from ..report import run_svg

    def panel(each: Exported) -> run_svg.Panel:
        if each.run is None or each.verdict is None:
            return run_svg.panel_of_journal(each.journal)
        return run_svg.panel_of_run(each.run, each.verdict, each.again)

    if target.suffix and is_comparison([each.journal for each in exported]):
        write_text(target, run_svg.draw([panel(each) for each in exported]))
        return
    for each, file in _files(target, ".svg", exported):
        write_text(file, run_svg.draw([panel(each)]))


def is_comparison(journals: Sequence[Journal]) -> bool:
    """Whether these are two clients on one scenario."""
    scenarios = {journal.header.get("scenario") for journal in journals}
    clients = {journal.header.get("client") for journal in journals}
    return len(journals) == 2 and len(scenarios) == 1 and len(clients) == 2


def _write_labels(each: Exported, file: Path) -> None:
    """The labels, and the sound beside them if the run can be played again."""
    from ..report import labels

    write_private_text(file, labels.labels(each.journal))
    if each.run is None:
        return
    from ..picture.tape import taped

    with surroundings_kept():  # a client of the user's own is played again for its sound
        tape = taped(each.run)
    if tape is None:
        why = "only a client's class in virtual time is played once more for it, and it must play alike"
        print(f"stillthere: {file}: there is no sound beside these labels: {why}", file=sys.stderr)
        return
    length = each.run.virtual_us
    write_private_bytes(file.with_suffix(".wav"), labels.stereo(tape.sent.samples(length), tape.heard.samples(length)))

"""``stillthere run``: play scenarios with clients, and judge them."""

import contextlib
import json
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import typer
from rich.console import Console

from ..apps.target import AppTarget
from ..clients.registry import NamedClient, find_client
from ..clients.worklet.names import behind_worklet
from ..errors import ClientError, InputError, SettingError, SeveralErrors, StillthereError, visible
from ..report.terminal import picture
from ..scenario import Scenario, load
from ..scenario.transport import over
from ..vad.detector import make_detector
from ..verdict.judge import judge
from ..world.play import play
from .apps import AppRuns, app_hosts, app_targets, check_for_apps
from .guard import ends_on_signals, surroundings_kept
from .output import (
    FAILED,
    HELD,
    VACUOUS,
    check_file,
    check_folder,
    find_own_modules,
    import_modules,
    picture_width,
    property_choices,
    show_notes,
    write_text,
)
from .page import PageUnderTest, page_under_test
from .played import Broken, JournalFolder, Played
from .program import ProgramUnderTest, has_command, program_under_test
from .run_options import (
    AppsOption,
    AsJsonOption,
    ClientsOption,
    DetectorOption,
    DeviceOption,
    DialWithinOption,
    HostsOption,
    ImportsOption,
    JobsOption,
    JunitOption,
    OutOption,
    PageOption,
    PortOption,
    PropertiesOption,
    ScenariosArgument,
    ScriptsOption,
    SeedOption,
    SettingsOption,
    SetupOption,
    SpeakerOption,
    TimeoutOption,
    TlsOption,
    TracebackOption,
    TransportOption,
    TwiceOption,
    WorkletOption,
)
from .settings import settings_for
from .time_limit import TimeLimit

if TYPE_CHECKING:
    from ..report import junit

Tested = NamedClient | ProgramUnderTest | PageUnderTest

_EXIT_CODES = {"held": HELD, "failed": FAILED, "vacuous": VACUOUS, "error": ClientError.exit_code}
_WORST_FIRST = ("error", "failed", "vacuous")


def run(
    context: typer.Context,
    scenarios: ScenariosArgument,
    client: ClientsOption = None,
    app: AppsOption = None,
    script: ScriptsOption = None,
    worklet: WorkletOption = None,
    detector: DetectorOption = None,
    settings: SettingsOption = None,
    seed: SeedOption = 0,
    transport: TransportOption = None,
    out: OutOption = None,
    properties: PropertiesOption = None,
    imports: ImportsOption = None,
    junit_file: JunitOption = None,
    timeout: TimeoutOption = 120.0,
    host: HostsOption = None,
    jobs: JobsOption = None,
    twice: TwiceOption = False,
    show_traceback: TracebackOption = False,
    as_json: AsJsonOption = False,
    device: DeviceOption = None,
    speaker: SpeakerOption = None,
    tls: TlsOption = False,
    port: PortOption = None,
    dial_within: DialWithinOption = None,
    page: PageOption = None,
    setup: SetupOption = None,
) -> None:
    """Play scenarios with clients or apps, and judge them. The default client is `reported`.

    `run SCENARIO… -- COMMAND …` starts a program of yours for each scenario, and plays it in real time;
    `run SCENARIO… --page URL` opens a page of yours in Chromium.
    """
    find_own_modules()
    with surroundings_kept():
        import_modules(imports or ())
    choices = property_choices(properties)
    check_folder(out)
    check_file(junit_file)
    if detector is not None:
        make_detector(detector)
    clients = _behind(worklet, client, app, script, context)
    targets, modules = app_targets(app or (), script or ()), tuple(imports or ())
    check_for_apps(targets, host=host, jobs=jobs, twice=twice, traceback=show_traceback)
    program: ProgramUnderTest | PageUnderTest | None
    program = page_under_test(page, setup, client, device, speaker, tls, port, dial_within, out)
    if program is None or has_command(context):
        program = program_under_test(context, client, device, speaker, tls, port, dial_within, page, out)
    names = clients or ([] if targets or program else ["reported"])
    changes = settings_for(settings or (), names, targets)
    apps = AppRuns(targets, app_hosts(host or ()), seed, detector, modules, jobs, timeout, twice, changes)
    console = Console(stderr=as_json)
    results = _Results(sys.stdout if as_json else None, junit_file, console)
    playing = _Playing(results, JournalFolder(out), None if as_json else console, choices, seed, detector, changes)
    limit = TimeLimit(timeout, results.give_up)
    with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
        tested: list[Tested] = [program] if program else _find(names, limit)
        loaded = _over(transport, _load(scenarios))
        playing.clients(loaded, tested, limit)
        if targets:
            playing.apps(loaded, apps, show_traceback=show_traceback)
    raise typer.Exit(results.finish())


def _behind(
    worklet: str | None,
    clients: list[str] | None,
    apps: list[str] | None,
    scripts: list[str] | None,
    context: typer.Context,
) -> list[str] | None:
    """The clients that are asked for, behind the worklet if there is one."""
    if worklet is None:
        return clients
    if apps or scripts or context.args:
        what = "a program" if context.args else "an app"
        raise SettingError(
            f"--worklet {worklet}: {what} has a gate of its own; put the worklet before a client (--client reported)"
        )
    return [behind_worklet(each, worklet) for each in clients or ["reported"]]


def _over(transport: str | None, loaded: Sequence[tuple[str, Scenario]]) -> list[tuple[str, Scenario]]:
    """The scenarios on another transport, if one is asked for. Raises :exc:`SettingError` if one cannot be."""
    moved: list[tuple[str, Scenario]] = []
    for name, scenario in loaded:
        try:
            moved.append((name, over(scenario, transport)))
        except SettingError as error:
            raise SettingError(f"{name}: {error}") from None
    return moved


def _find(names: Sequence[str], limit: TimeLimit) -> list[Tested]:
    """The clients, before the scenarios: a client's module may register faults."""
    found: list[Tested] = []
    for name in names:
        with surroundings_kept(), limit.watch(f"client {name}"):
            found.append(find_client(name))
    return found


@dataclass(slots=True)
class _Results:
    """The runs of one command so far, and what is written when they are over."""

    json: TextIO | None
    """Where the JSON document goes; None: text is wanted."""
    junit_file: Path | None
    console: Console
    played: list[Played | Broken] = field(default_factory=list)
    begun: Callable[[str], Broken] | None = None
    """The run that is being played, if it does not end."""

    def begin(self, name: str, scenario: Scenario, client: Tested | AppTarget, detector: str | None, seed: int) -> None:
        """A run begins."""
        began, ear = time.perf_counter(), detector or scenario.server.detector
        self.begun = lambda why: Broken(name, client.name, ear, seed, why, time.perf_counter() - began, scenario.name)

    def add(self, one: Played | Broken) -> None:
        """A run is over."""
        self.played.append(one)
        self.begun = None

    def give_up(self, what: str, error: ClientError) -> None:
        """A run, or the loading of a client, does not end, and the process is about to: finish with what there is."""
        print(f"stillthere: {what}: {error}; nothing further is played", file=sys.stderr)
        if self.begun is not None:
            self.stop(error)

    def stop(self, error: StillthereError) -> None:
        """A run cannot be played: finish with what there is."""
        if self.begun is not None:
            self.add(self.begun(str(error)))
        self.finish()

    def finish(self) -> int:
        """Write what was asked for; the exit code."""
        overall = overall_verdict(self.played)
        if self.json is not None:
            document = {"verdict": overall, "runs": [one.document() for one in self.played]}
            print(json.dumps(document, indent=2), file=self.json)
        elif len(self.played) > 1:
            self.console.print(_summary(self.played), highlight=False, markup=False)
        if self.junit_file is not None:
            from ..report import junit

            write_text(self.junit_file, junit.render(list(map(_case, self.played))))
        return _EXIT_CODES[overall]


def overall_verdict(played: Sequence[Played | Broken]) -> str:
    """The worst of them, in this order: error (the client raised), failed, vacuous, held."""
    names = {one.verdict.name if isinstance(one, Played) else "error" for one in played}
    return next((name for name in _WORST_FIRST if name in names), "held")


def _load(names: Sequence[str]) -> list[tuple[str, Scenario]]:
    """All scenarios. Raises :exc:`InputError` with the mistakes of all of them."""
    loaded: list[tuple[str, Scenario]] = []
    mistakes: list[InputError] = []
    for number, name in enumerate(names):
        try:
            scenario = load(name)
        except InputError as error:
            if number and shutil.which(name):
                command = shlex.join(names[number:])
                raise SettingError(
                    f"{name!r} is no scenario, but a program; write its command behind --: "
                    f"stillthere run {shlex.join(names[:number])} -- {command}"
                ) from None
            mistakes.append(error)
        else:
            show_notes(scenario)
            loaded.append((name, scenario))
    if mistakes:
        raise SeveralErrors(mistakes)
    return loaded


@dataclass(frozen=True, slots=True)
class _Playing:
    """Plays what a command asks for; each run is shown and counted as it is over."""

    results: _Results
    journals: JournalFolder
    console: Console | None
    """Where pictures are shown; None: the command has another output."""
    choices: Mapping[str, str]
    seed: int
    detector: str | None
    changes: Mapping[str, Mapping[str, Any]]
    """The settings of ``--set``, by the client's name."""

    def clients(self, loaded: Sequence[tuple[str, Scenario]], clients: Sequence[Tested], limit: TimeLimit) -> None:
        """Play each scenario with each client; if one raises or hangs, go on with the other runs."""
        for name, scenario in loaded:
            for client in clients:
                self.results.begin(name, scenario, client, self.detector, self.seed)
                try:
                    one = self._play(name, scenario, client, limit)
                except InputError as error:  # such as a fault of the user's own that raises
                    self.results.stop(error)
                    raise
                self._add(one)

    def _play(self, name: str, scenario: Scenario, client: Tested, limit: TimeLimit) -> Played | Broken:
        began = time.perf_counter()
        try:
            if isinstance(client, ProgramUnderTest | PageUnderTest):
                result = client.play(name, scenario, self.seed, self.detector)
                verdict = judge(result.journal, scenario, self.choices)
            else:
                with surroundings_kept(), limit.watch(f"{name}, client {client.name}"):
                    changes = self.changes.get(client.name)
                    result = play(scenario, client, seed=self.seed, detector=self.detector, settings=changes)
                    verdict = judge(result.journal, scenario, self.choices)
        except ClientError as error:
            chosen = self.detector or scenario.server.detector
            wall_s = time.perf_counter() - began
            return Broken(name, client.name, chosen, self.seed, str(error), wall_s, scenario.name)
        return Played(name, client.name, result, verdict, time.perf_counter() - began, self.journals.save(result))

    def apps(self, loaded: Sequence[tuple[str, Scenario]], apps: AppRuns, *, show_traceback: bool) -> None:
        """Play each scenario with each app, in processes of their own."""
        try:
            with ends_on_signals():  # and so with all processes and files of the runs
                for one, trace in apps.play(loaded, self.choices, self.journals, self._awaits):
                    self._add(one)
                    if show_traceback and trace:
                        print(visible(trace, keep="\n"), file=sys.stderr)
        except InputError as error:
            self.results.stop(error)
            raise

    def _awaits(self, name: str, scenario: Scenario, app: AppTarget) -> None:
        self.results.begin(name, scenario, app, self.detector, self.seed)
        if sys.stderr.isatty():
            number = len(self.results.played) + 1
            print(f"\r{number}: {name}, {app.name} …\033[K", end="\r", file=sys.stderr, flush=True)

    def _add(self, one: Played | Broken) -> None:
        """Show the picture of a run, or on standard error why there is none."""
        if isinstance(one, Broken):
            print(visible(f"stillthere: {one.scenario}, client {one.client}: {one.reason}", keep="\n"), file=sys.stderr)
        elif self.console is not None:
            path = str(one.journal) if one.journal else None
            width = picture_width(self.console)
            self.console.print(picture(one.run, one.verdict, width=width, journal_path=path, choices=self.choices))
        self.results.add(one)


def _case(one: Played | Broken) -> "junit.JunitCase":
    from ..report import junit

    if isinstance(one, Broken):
        return junit.JunitCase(one.title, one.client, broken=one.reason)
    return junit.JunitCase(one.run.scenario.name, one.client, one.run.virtual_us, one.verdict)


def _summary(played: Sequence[Played | Broken]) -> str:
    widths = [
        max(len(text) for text in column) for column in zip(*((p.scenario, p.client) for p in played), strict=True)
    ]
    rows = (f"{one.scenario:{widths[0]}}  {one.client:{widths[1]}}  {one.outcome}" for one in played)
    return "\n".join(map(visible, rows))

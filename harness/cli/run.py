"""``stillthere run``: play scenarios with clients, and judge them."""

import contextlib
import json
import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import typer

from ..apps.target import AppTarget
from ..clients.registry import NamedClient, find_client
from ..clients.worklet.names import behind_worklet
from ..errors import ClientError, InputError, SettingError, StillthereError, visible
from ..report.cases import worst
from ..scenario import Scenario
from ..scenario.transport import over
from ..vad.detector import make_detector
from ..verdict.judge import judge
from .apps import AppRuns, app_hosts, app_targets, check_for_apps
from .chosen import load_chosen
from .client_jobs import ClientResult, ClientTask, play_clients, play_here
from .exports import Exports
from .guard import ends_on_signals, surroundings_kept
from .output import (
    FAILED,
    HELD,
    VACUOUS,
    check_folder,
    find_own_modules,
    import_modules,
    property_choices,
)
from .page import PageUnderTest, page_under_test
from .played import Broken, JournalFolder, Played, option_of
from .program import ProgramUnderTest, has_command, program_under_test
from .progress import Progress
from .run_files import RunFiles
from .run_options import (
    AppsOption,
    AsJsonOption,
    ClientsOption,
    DetectorOption,
    DeviceOption,
    DialWithinOption,
    HostsOption,
    HtmlOption,
    ImportsOption,
    JobsOption,
    JunitOption,
    KeywordOption,
    LabelsOption,
    OutOption,
    PageOption,
    PortOption,
    PropertiesOption,
    QuietOption,
    ResultsOption,
    ScenariosArgument,
    ScriptsOption,
    SeedOption,
    SettingsOption,
    SetupOption,
    SpeakerOption,
    SvgOption,
    TimeoutOption,
    TlsOption,
    TracebackOption,
    TraceOption,
    TransportOption,
    TwiceOption,
    VerboseOption,
    WorkletOption,
)
from .settings import settings_for
from .shown import HowMuch, Shown
from .time_limit import TimeLimit
from .totals import verdict_name

Tested = NamedClient | ProgramUnderTest | PageUnderTest

_EXIT_CODES = {"held": HELD, "failed": FAILED, "vacuous": VACUOUS, "error": ClientError.exit_code}


def run(
    context: typer.Context,
    scenarios: ScenariosArgument = None,
    client: ClientsOption = None,
    app: AppsOption = None,
    script: ScriptsOption = None,
    worklet: WorkletOption = None,
    keyword: KeywordOption = None,
    detector: DetectorOption = None,
    settings: SettingsOption = None,
    seed: SeedOption = 0,
    transport: TransportOption = None,
    out: OutOption = None,
    properties: PropertiesOption = None,
    imports: ImportsOption = None,
    junit_file: JunitOption = None,
    results_file: ResultsOption = None,
    trace: TraceOption = None,
    svg: SvgOption = None,
    labels: LabelsOption = None,
    html: HtmlOption = None,
    timeout: TimeoutOption = 120.0,
    host: HostsOption = None,
    jobs: JobsOption = None,
    twice: TwiceOption = False,
    show_traceback: TracebackOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
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

    `run` alone plays all scenarios in the folder `scenarios` here. `run SCENARIO… -- COMMAND …` starts a program of
    yours for each scenario, and plays it in real time; `run SCENARIO… --page URL` opens a page of yours in Chromium.
    """
    style = HowMuch.of(quiet=quiet, verbose=verbose, as_json=as_json)
    find_own_modules()
    with surroundings_kept():
        import_modules(imports or ())
    choices = property_choices(properties)
    check_folder(out)
    files = RunFiles(junit_file, results_file, html, Exports(trace, svg, labels), choices)
    if detector is not None:
        make_detector(detector)
    clients = _behind(worklet, client, app, script, context)
    targets, modules = app_targets(app or (), script or ()), tuple(imports or ())
    check_for_apps(targets, host=host, twice=twice)
    program = _program(context, client, device, speaker, tls, port, dial_within, page, setup, out, jobs, show_traceback)
    names = clients or ([] if targets or program else ["reported"])
    changes = settings_for(settings or (), names, targets)
    apps = AppRuns(targets, app_hosts(host or ()), seed, detector, modules, jobs, timeout, twice, changes)
    results = _Results(sys.stdout if as_json else None, files, Shown(style, choices, show_traceback), changes)
    with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext(), results.if_interrupted():
        limit = TimeLimit(timeout, results.give_up)
        playing = _Playing(results, JournalFolder(out), choices, seed, detector, changes, modules, limit, timeout)
        tested: list[Tested] = [program] if program else _find(names, limit)
        _check_no_program(scenarios or [])
        loaded = _over(transport, load_chosen(scenarios or [], keyword))
        results.expect(loaded, [*tested, *targets])
        playing.clients(loaded, tested, jobs or 1)
        if targets:
            playing.apps(loaded, apps)
    raise typer.Exit(results.finish())


def _program(
    context: typer.Context,
    client: list[str] | None,
    device: str | None,
    speaker: str | None,
    tls: bool,
    port: int | None,
    dial_within: float | None,
    page: str | None,
    setup: Path | None,
    out: Path | None,
    jobs: int | None,
    show_traceback: bool,
) -> ProgramUnderTest | PageUnderTest | None:
    """The program or the page that is asked for, if any."""
    program: ProgramUnderTest | PageUnderTest | None
    program = page_under_test(page, setup, client, device, speaker, tls, port, dial_within, out)
    if program is None or has_command(context):
        program = program_under_test(context, client, device, speaker, tls, port, dial_within, page, out)
    if program is not None and jobs is not None:
        raise SettingError(f"--jobs {jobs}: programs and pages are played in real time, one by one; leave it out")
    if program is not None and show_traceback:
        raise SettingError("--traceback: a program or a page writes its errors itself; leave it out")
    return program


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


def _check_no_program(names: Sequence[str]) -> None:
    """Raise :exc:`SettingError` if the words of a command follow the scenarios, without `--`."""
    for number, name in enumerate(names):
        if number and not os.path.exists(name) and shutil.which(name):
            raise SettingError(
                f"{name!r} is no scenario, but a program; write its command behind --: "
                f"stillthere run {shlex.join(names[:number])} -- {shlex.join(names[number:])}"
            )


@dataclass(slots=True)
class _Results:
    """The runs of one command so far, and what is written when they are over."""

    json: TextIO | None
    """Where the JSON document goes; None: text is wanted."""
    files: RunFiles
    shown: Shown
    changes: Mapping[str, Mapping[str, Any]]
    """The settings of ``--set``, by the client's name."""
    played: list[Played | Broken] = field(default_factory=list)
    wanted: int = 0
    began: float = field(default_factory=time.perf_counter)
    begun: Callable[[str], Broken] | None = None
    """The run that is being played, if it does not end."""
    progress: Progress = field(default_factory=lambda: Progress("runs", is_wanted=False))

    def expect(self, loaded: Sequence[tuple[str, Scenario]], tested: Sequence[Tested | AppTarget]) -> None:
        """These runs are about to be played."""
        names = [(name, each.name) for name, _ in loaded for each in tested]
        self.wanted = len(names)
        self.shown.expect(names)
        self.progress = Progress("runs", is_wanted=self.json is None and len(names) > 1)

    def begin(self, name: str, scenario: Scenario, client: Tested | AppTarget, detector: str | None, seed: int) -> None:
        """A run begins."""
        began, ear = time.perf_counter(), detector or scenario.server.detector
        settings = self.changes.get(client.name, {})
        self.begun = lambda why: Broken(
            name, client.name, ear, seed, why, time.perf_counter() - began, scenario, option_of(client), settings
        )
        self.progress.show(len(self.played), self.wanted, f"{name}, {client.name}")

    def add(self, one: Played | Broken) -> None:
        """A run is over."""
        self.progress.clear()
        self.played.append(one)
        self.begun = None
        self.shown.one(one)

    def give_up(self, what: str, error: ClientError) -> None:
        """A run, or the loading of a client, does not end, and the process is about to: finish with what there is."""
        self.progress.clear()
        print(visible(f"stillthere: {what}: {error}; nothing further is played"), file=sys.stderr)
        if self.begun is not None:
            self.stop(error)

    def stop(self, error: StillthereError) -> None:
        """A run cannot be played: finish with what there is."""
        if self.begun is not None:
            self.played.append(self.begun(str(error)))
            self.begun = None
        self.finish()

    @contextlib.contextmanager
    def if_interrupted(self) -> Iterator[None]:
        """At Ctrl-C, show what there is of several runs; no file is written, because it would look like one of all."""
        try:
            yield
        except KeyboardInterrupt:
            self.progress.clear()
            if self.json is None and self.played and self.wanted > 1:
                self.shown.end(self.played, time.perf_counter() - self.began)
            if self.wanted > 1:
                print(f"stillthere: interrupted after {len(self.played)} of {self.wanted} runs", file=sys.stderr)
            raise

    def finish(self) -> int:
        """Write what was asked for; the exit code."""
        self.progress.clear()
        if self.json is not None:
            print(json.dumps(self.files.document(self.played), indent=2), file=self.json)
        else:
            self.shown.end(self.played, time.perf_counter() - self.began)
        self.files.write(self.played)
        return _EXIT_CODES[worst(map(verdict_name, self.played))]


@dataclass(frozen=True, slots=True)
class _Playing:
    """Plays what a command asks for; each run is shown and counted as it is over."""

    results: _Results
    journals: JournalFolder
    choices: Mapping[str, str]
    seed: int
    detector: str | None
    changes: Mapping[str, Mapping[str, Any]]
    """The settings of ``--set``, by the client's name."""
    modules: tuple[str, ...]
    limit: TimeLimit
    timeout_s: float

    def clients(self, loaded: Sequence[tuple[str, Scenario]], clients: Sequence[Tested], jobs: int) -> None:
        """Play each scenario with each client; if one raises or hangs, go on with the other runs."""
        runs = [(name, scenario, client) for name, scenario in loaded for client in clients]
        tasks = [
            self._task(name, scenario, client) for name, scenario, client in runs if isinstance(client, NamedClient)
        ]
        results = self._elsewhere(tasks, jobs) if jobs > 1 and len(tasks) > 1 else map(self._here, tasks)
        for name, scenario, client in runs:
            self.results.begin(name, scenario, client, self.detector, self.seed)
            try:
                if isinstance(client, NamedClient):
                    one = self._of_client(name, scenario, client, next(results))
                else:
                    one = self._of_program(name, scenario, client)
            except InputError as error:  # such as a fault of the user's own that raises
                self.results.stop(error)
                raise
            self.results.add(one)

    def _task(self, name: str, scenario: Scenario, client: NamedClient) -> ClientTask:
        return ClientTask(
            name,
            scenario,
            client.name,
            self.seed,
            self.detector,
            self.changes.get(client.name),
            self.choices,
            self.modules,
            self.timeout_s,
            self.results.shown.traceback,
        )

    def _here(self, task: ClientTask) -> ClientResult:
        with surroundings_kept():
            return play_here(task, self.limit)

    def _elsewhere(self, tasks: Sequence[ClientTask], jobs: int) -> Iterator[ClientResult]:
        with ends_on_signals():
            yield from (result for _, result in play_clients(tasks, jobs))

    def _of_client(self, name: str, scenario: Scenario, client: NamedClient, result: ClientResult) -> Played | Broken:
        if result.is_input_error:
            raise InputError(result.error)
        if result.run is None or result.verdict is None:
            return self._broken(name, scenario, client, result.error, result.wall_s, result.trace)
        journal = self.journals.save(result.run)
        return Played(name, client.name, result.run, result.verdict, result.wall_s, journal)

    def _of_program(self, name: str, scenario: Scenario, program: ProgramUnderTest | PageUnderTest) -> Played | Broken:
        began = time.perf_counter()
        try:
            result = program.play(name, scenario, self.seed, self.detector)
            verdict = judge(result.journal, scenario, self.choices)
        except ClientError as error:
            return self._broken(name, scenario, program, str(error), time.perf_counter() - began)
        journal = self.journals.save(result)
        return Played(name, program.name, result, verdict, time.perf_counter() - began, journal)

    def _broken(
        self, name: str, scenario: Scenario, client: Tested, why: str, wall_s: float, trace: str = ""
    ) -> Broken:
        ear, settings = self.detector or scenario.server.detector, self.changes.get(client.name, {})
        return Broken(name, client.name, ear, self.seed, why, wall_s, scenario, option_of(client), settings, trace)

    def apps(self, loaded: Sequence[tuple[str, Scenario]], apps: AppRuns) -> None:
        """Play each scenario with each app, in processes of their own."""
        try:
            with ends_on_signals():  # and so with all processes and files of the runs
                for one in apps.play(loaded, self.choices, self.journals, self._awaits):
                    self.results.add(one)
        except InputError as error:
            self.results.stop(error)
            raise

    def _awaits(self, name: str, scenario: Scenario, app: AppTarget) -> None:
        self.results.begin(name, scenario, app, self.detector, self.seed)

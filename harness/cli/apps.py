"""What ``stillthere run`` does with apps: which are meant, and the runs that came of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..apps.choices import HOSTS
from ..apps.target import AppTarget, find_app, find_script
from ..errors import ClientError, SettingError
from ..scenario import Scenario
from ..verdict.judge import judge
from ..world.play import Run
from .played import Broken, JournalFolder, Played, first_difference, option_of

if TYPE_CHECKING:
    from ..apps.virtual.child import AppResult, AppTask


@dataclass(frozen=True, slots=True)
class AppRuns:
    """The runs of apps that a command asks for."""

    targets: tuple[AppTarget, ...]
    hosts: tuple[str, ...]
    seed: int
    detector: str | None
    modules: tuple[str, ...]
    jobs: int | None
    timeout_s: float
    twice: bool
    """Whether each is played twice, and must be the same."""
    changes: Mapping[str, Mapping[str, Any]]
    """The settings of ``--set``, by the app's name."""

    def tasks(self, loaded: Sequence[tuple[str, Scenario]]) -> "Iterator[AppTask]":
        """One for each run."""
        from ..apps.virtual.child import AppTask
        from ..apps.virtual.stage import Setting

        for _, scenario in loaded:
            for target in self.targets:
                changes = self.changes.get(target.name, {})
                setting = Setting(seed=self.seed, detector=self.detector, hosts=self.hosts, settings=changes)
                for _ in range(1 + self.twice):
                    yield AppTask(scenario, target, setting, self.modules, self.timeout_s)

    def play(
        self,
        loaded: Sequence[tuple[str, Scenario]],
        choices: Mapping[str, str],
        journals: JournalFolder,
        begins: Callable[[str, Scenario, AppTarget], None],
    ) -> Iterator[Played | Broken]:
        """Each run in the order of the scenarios and apps; ``begins`` is told which run is awaited."""
        from ..apps.play import play_apps

        results = play_apps(self.tasks(loaded), self.jobs)
        for name, scenario, target in ((name, scenario, each) for name, scenario in loaded for each in self.targets):
            begins(name, scenario, target)
            task, result = next(results)
            again = next(results)[1] if self.twice else None
            yield _judged(name, task, result, again, choices, journals)


def app_targets(apps: Iterable[str], scripts: Iterable[str]) -> tuple[AppTarget, ...]:
    """The apps that are meant. Raises :exc:`ClientError`."""
    return *map(find_app, apps), *map(find_script, scripts)


def app_hosts(hosts: Sequence[str]) -> tuple[str, ...]:
    """The hosts that are the Realtime service. Raises :exc:`SettingError` for what no app can dial."""
    for host in hosts:
        from ..apps.virtual.hosts import is_host

        if not is_host(host):
            shown = urlsplit(host if "//" in host else f"//{host}").netloc.rpartition("@")[2].partition(":")[0]
            such = shown if is_host(shown) else "voice.example.com"
            raise SettingError(f"--host {host!r} is no name of a host; give the name alone, such as --host {such}")
    return tuple(dict.fromkeys((*HOSTS, *hosts)))


def check_for_apps(targets: Sequence[AppTarget], **given: object) -> None:
    """Raise :exc:`SettingError` for an option that only apps have, if none is played: it would promise something."""
    for option, value in given.items():
        if value and not targets:
            raise SettingError(f"--{option} is for apps; add --app module:function or --script FILE, or leave it out")


def _judged(
    name: str,
    task: "AppTask",
    result: "AppResult",
    again: "AppResult | None",
    choices: Mapping[str, str],
    journals: JournalFolder,
) -> Played | Broken:
    from ..apps.play import run_of

    try:
        run = run_of(task, result)
        if again is not None:
            _check_same(run, run_of(task, again))
    except ClientError as error:
        scenario, target = task.scenario, task.target
        ear = task.setting.detector or scenario.server.detector
        settings, option = task.setting.settings, option_of(target)
        return Broken(
            name,
            target.name,
            ear,
            task.setting.seed,
            str(error),
            result.wall_s,
            scenario,
            option,
            settings,
            result.trace,
        )
    verdict = judge(run.journal, task.scenario, choices)
    return Played(name, task.target.name, run, verdict, result.wall_s, journals.save(run), result.trace)


def _check_same(run: Run, again: Run) -> None:
    """Raise :exc:`ClientError` if two runs differ."""
    difference = first_difference(run.journal, again.journal)
    if difference:
        raise ClientError(
            f"two runs of the app {run.client!r} differ {difference}; something in it escapes the virtual clock, such "
            "as a thread of a library in C, or it keeps a state outside of its process"
        )

"""The pytest plugin: play scenarios in a test suite. pytest loads it by itself; docs/testing-with-pytest.md shows how.

Fixtures: ``stillthere`` (:class:`ScenarioStage`) plays scenarios in virtual time, ``realtime_server``
(:class:`RealtimeServer`) is a live server for one test. Markers: ``scenarios`` parametrises a test over scenarios,
``realtime_server`` sets options of the server. The option ``--stillthere-report DIR`` keeps failed runs.

Every session of pytest imports this module, also one that has nothing to do with stillthere. So it loads nothing but
pytest until a test uses it, and it raises nothing.
"""

import os
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from harness.plugin.playing import StagedRun as StagedRun
    from harness.plugin.realtime import RealtimeServer as RealtimeServer
    from harness.plugin.runs import RunsOfTest
    from harness.plugin.stage import ScenarioStage as ScenarioStage

__all__ = ["RealtimeServer", "ScenarioStage", "StagedRun"]

_MODULES = {
    "StagedRun": "harness.plugin.playing",
    "RealtimeServer": "harness.plugin.realtime",
    "ScenarioStage": "harness.plugin.stage",
}
_SESSION = "stillthere-session"
_MARKERS = (
    "scenarios(expression, *, folder=None): run the test once for each scenario that the expression selects, such as "
    "'tag:capture or reported_freeze', as its argument `scenario`; folder: of scenarios of your own",
    "realtime_server(*, scenario=None, detector=None, setup=None, settings=None, faults=(), tls=False): "
    "options of the fixture realtime_server",
)


def __getattr__(name: str) -> Any:
    """Load a class for type hints when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_load(_MODULES[name]), name)


def _load(module: str) -> Any:
    """A module of the implementation. Raises :exc:`ImportError` with one sentence if a user's folder shadows it."""
    import importlib

    from ._lazy import check_not_shadowed

    check_not_shadowed()
    return importlib.import_module(module)


def _loaded(module: str) -> Any:
    """A module of the implementation, or the failure of the test that needs it."""
    try:
        return _load(module)
    except ImportError as error:
        sentence = str(error)
    pytest.fail(sentence, pytrace=False)


# --- the session ----------------------------------------------------------------------------------------------------


def pytest_addoption(parser: "pytest.Parser") -> None:
    """The options of the command line."""
    parser.getgroup("stillthere").addoption(
        "--stillthere-report",
        metavar="DIR",
        default=None,
        help="keep the journal and the picture (SVG) of each failed run in this folder, named after the test",
    )


def pytest_configure(config: "pytest.Config") -> None:
    """Register the markers, and check the folder before any test runs."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    folder = config.getoption("--stillthere-report", default=None)
    if folder is not None:
        folder = os.path.abspath(folder)  # a test may change the working directory
    if folder is not None and not hasattr(config, "workerinput"):  # a process of pytest-xdist
        try:
            os.makedirs(folder, 0o700, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise pytest.UsageError(
                f"--stillthere-report {folder} cannot be written ({error.strerror}); give another folder"
            ) from None
    config.pluginmanager.register(_Session(folder, config.invocation_params.dir), _SESSION)


class _Session:
    """What the fixtures of one session of pytest share: the test that runs now, and what it uses."""

    def __init__(self, folder: str | None, called_in: Any) -> None:
        self.folder = folder
        self.called_in = called_in
        self.item: Any = None
        self.runs: RunsOfTest | None = None
        self.server: RealtimeServer | None = None

    def report_folder(self) -> "Path | None":
        """Where failed runs are kept."""
        from pathlib import Path

        return None if self.folder is None else Path(self.folder)

    def stage(self) -> "ScenarioStage":
        """The stage of all tests of this session."""
        self.runs = _loaded("harness.plugin.runs").RunsOfTest(self.report_folder(), _width(), self.called_in)
        if self.item is not None:
            self.runs.begin(self.item.nodeid, _folder(self.item))
        stage: ScenarioStage = _loaded("harness.plugin.stage").ScenarioStage(self.runs)
        return stage

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: "pytest.Item") -> Iterator[None]:
        """Another test runs."""
        self.item = item
        if self.runs is not None:
            self.runs.begin(item.nodeid, _folder(item))
        yield
        self.item = None

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: "pytest.Item", call: Any) -> Iterator[None]:
        """If the test has failed, show and keep its runs."""
        outcome: Any = yield
        if self.runs is None and self.server is None:
            return
        report = outcome.get_result()
        if not report.failed:
            return
        sections: list[tuple[str, str]] = []
        if self.runs is not None:
            sections += self.runs.end(call.excinfo.value if call.excinfo else None)
        if self.server is not None and call.when == "call":
            show = _load("harness.plugin.realtime").failure_sections
            sections += show(self.server, item.nodeid, self.report_folder(), _width())
        report.sections += [(f"stillthere: {heading}", text) for heading, text in sections]


def _width() -> int:
    """Of a picture in a failure: that of the terminal, less the margin of a traceback."""
    import shutil

    return min(140, max(84, shutil.get_terminal_size((104, 24)).columns)) - 4


# --- fixtures -------------------------------------------------------------------------------------------------------


@pytest.fixture(name="stillthere", scope="session")
def _stage(pytestconfig: "pytest.Config") -> "ScenarioStage":
    """Play scenarios in virtual time: stillthere.holds("reported_freeze", MyClient) asserts that the verdict is held;
    stillthere.plays(...) returns the run and the verdict."""
    session: Any = pytestconfig.pluginmanager.get_plugin(_SESSION)
    stage: ScenarioStage = session.stage()
    return stage


@pytest.fixture(name="realtime_server")
def _realtime_server(request: "pytest.FixtureRequest") -> Iterator["RealtimeServer"]:
    """A live server on a free port of this machine, for this test: .url, .inject("mute"), .journal, .verdict()."""
    session: Any = request.config.pluginmanager.get_plugin(_SESSION)
    module, errors = _loaded("harness.plugin.realtime"), _loaded("harness.errors")
    marker = request.node.get_closest_marker("realtime_server")
    try:
        server = module.make_server(
            _folder(request.node),
            lambda: request.getfixturevalue("tmp_path"),
            module.read_options(*(marker.args, marker.kwargs) if marker else ((), {})),
        )
        server.__enter__()
    except errors.StillthereError as error:
        sentence = str(error)
    else:
        session.server = server
        yield server
        session.server = None
        server.__exit__()
        return
    pytest.fail(sentence, pytrace=False)


def _folder(item: Any) -> "Path":
    """The folder of a test's file."""
    from pathlib import Path

    return Path(str(item.fspath)).parent


# --- markers --------------------------------------------------------------------------------------------------------


def pytest_generate_tests(metafunc: "pytest.Metafunc") -> None:
    """Run a test with the marker ``scenarios`` once for each scenario."""
    marker = metafunc.definition.get_closest_marker("scenarios")
    if marker is None:
        return
    try:
        chosen = _selected(marker, metafunc)
    except (ImportError, ValueError) as error:
        raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid}: {error}") from None
    metafunc.parametrize("scenario", [pytest.param(each, id=name) for name, each in chosen.items()])


def _selected(marker: Any, metafunc: Any) -> Any:
    """The scenarios that a marker selects, by name. Raises :exc:`ValueError` or :exc:`ImportError` with a sentence."""
    if "scenario" not in metafunc.fixturenames:
        raise ValueError("@pytest.mark.scenarios gives each scenario as the argument `scenario`; the test has none")
    if len(marker.args) != 1 or marker.kwargs.keys() - {"folder"}:
        raise ValueError(
            "@pytest.mark.scenarios takes one expression, such as 'tag:capture or reported_freeze', and folder="
        )
    selection, errors = _load("harness.scenario.selection"), _load("harness.errors")
    folders = marker.kwargs.get("folder") or ()
    beside = _folder(metafunc.definition)
    try:
        return selection.select(
            marker.args[0],
            [beside / each for each in ([folders] if isinstance(folders, str | os.PathLike) else folders)],
        )
    except errors.StillthereError as error:
        raise ValueError(str(error)) from None

"""One run of an app in a process of its own, and what comes back from it."""

import builtins
import contextlib
import faulthandler
import os
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...errors import InputError, StillthereError
from ...journal import Journal
from ...scenario.model import Scenario
from ..shims import install as install_shims
from ..target import PRETENDED_KEY, AppTarget, load_function
from .patches import install
from .printed import Printed
from .refusals import no_terminal
from .stage import Setting, VirtualStage
from .threads import real_monotonic


@dataclass(frozen=True, slots=True)
class AppTask:
    """One run that is wanted."""

    scenario: Scenario
    target: AppTarget
    setting: Setting
    modules: tuple[str, ...] = ()
    """Modules to import first, such as those that register faults."""
    limit_s: float = 0.0
    """The run is ended after so long in real time; 0: never."""
    stacks: str = ""
    """The file in which the stacks are written if it is, or if it crashes."""


@dataclass(frozen=True, slots=True)
class AppResult:
    """What came of it: a journal, or an error."""

    journal: Journal | None
    error: str = ""
    is_input_error: bool = False
    """Whether the mistake lies in what the user wrote for us, and not in the app."""
    trace: str = ""
    """The traceback of what the app raised, if it did."""
    wall_s: float = 0.0
    """How long it took in real time, without the start of the process."""


def play_task(task: AppTask) -> AppResult:
    """Play it in this process."""
    began = real_monotonic()
    with _limited(task):
        try:
            stage = _played(task)
            journal = stage.finish()
        except StillthereError as error:
            trace = "\n".join(getattr(error, "__notes__", ())) or _trace(error.__cause__)
            return AppResult(None, str(error), isinstance(error, InputError), trace, real_monotonic() - began)
    return AppResult(journal, trace=_trace(stage.error), wall_s=real_monotonic() - began)


def _played(task: AppTask) -> VirtualStage:
    import importlib

    for name in task.modules:
        importlib.import_module(name)
    os.environ["OPENAI_API_KEY"] = PRETENDED_KEY
    install(task.setting.seed)
    printed = _no_terminal()
    install_shims()
    stage = VirtualStage(task.scenario, task.target.name, task.setting)
    printed.note = stage.app.printed
    if task.target.kind == "script":
        stage.play_script(task.target)
    else:
        stage.play(load_function(task.target))  # which is imported under the stage's clock
    return stage


def _no_terminal() -> Printed:
    """An app that reads from a terminal finds its end; what it prints is not mixed with our results."""
    builtins.input = no_terminal
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - it is the process's own from now on
    printed = sys.stdout = Printed(sys.stderr)
    return printed


def _trace(error: BaseException | None) -> str:
    return "" if error is None else "".join(traceback.format_exception(error))


@contextlib.contextmanager
def _limited(task: AppTask) -> Iterator[None]:
    """Have the stacks written if the process crashes, and if it takes too long."""
    if not task.stacks:
        yield
        return
    with open(task.stacks, "w", encoding="utf-8") as stacks:
        faulthandler.enable(stacks)
        if task.limit_s:
            later: Any = faulthandler.dump_traceback_later
            later(task.limit_s, exit=True, file=stacks)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            faulthandler.disable()

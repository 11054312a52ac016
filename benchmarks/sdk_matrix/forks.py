"""Plays many scenarios with the apps of one environment: the SDK is imported once, and each run is a fork of that.

To import an SDK takes longer than to play a scenario. The journals are those of :func:`harness.apps.play.play_app`,
which starts an interpreter for each run; a test compares them. Needs a system that can fork.
"""

import faulthandler
import os
import pickle
import random
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.apps.shims import install as install_shims
from harness.apps.target import AppTarget, find_app, load_function
from harness.apps.virtual.clock import Clock
from harness.apps.virtual.patches import install
from harness.apps.virtual.printed import Printed
from harness.apps.virtual.stage import Setting, VirtualStage
from harness.apps.virtual.threads import activate, clocks
from harness.journal import Journal
from harness.scenario.model import Scenario
from harness.world.scheduler import Scheduler

LIMIT_S = 300.0
"""A run takes seconds; a busy machine gets more."""

_leave = os._exit
"""As it is before the stage replaces it."""
Wanted = tuple[str, Scenario]
"""An app, as ``module:function``, and what it is played under."""


def play_forks(wanted: Sequence[Wanted], jobs: int) -> Iterator[tuple[int, Journal]]:
    """Play each, ``jobs`` at a time: its number and its journal, as they are done.

    From then on the clock of this process is a virtual one. Raises :exc:`RuntimeError` if a run gives no journal.
    """
    with tempfile.TemporaryDirectory() as folder:  # first, because it draws a random name
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - it is the process's own from now on
        install(Setting().seed)
        install_shims()
        printed, output = Printed(sys.stderr), sys.stdout
        targets = [find_app(app) for app, _ in wanted]
        sys.stdout = printed
        activate(Clock(Scheduler()))  # an app is imported at the beginning of time, as in a process of its own
        apps = {target.name: load_function(target) for target in targets}
        clocks().clear()
        sys.stdout = output
        running: dict[int, int] = {}
        waiting = list(range(len(wanted)))
        while running or waiting:
            while waiting and len(running) < jobs:
                number = waiting.pop(0)
                target, scenario = targets[number], wanted[number][1]
                running[_fork(Path(folder, str(number)), apps[target.name], target, scenario, printed)] = number
            process, status = os.wait()
            number = running.pop(process)
            if status:
                raise RuntimeError(f"{wanted[number][0]} gave no journal: status {status}")
            yield number, pickle.loads(Path(folder, str(number)).read_bytes())


def _fork(file: Path, app: Callable[..., Any], target: AppTarget, scenario: Scenario, printed: Printed) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    drawn = random.getstate()
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        random.setstate(drawn)  # Python seeds it anew in a fork
        sys.stdout = printed
        faulthandler.dump_traceback_later(LIMIT_S, exit=True)
        stage = VirtualStage(scenario, target.name, Setting())
        printed.note = stage.app.printed
        stage.play(app)
        file.write_bytes(pickle.dumps(stage.finish()))
        status = 0
    except BaseException:  # the child must not go on in its parent's code
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        _leave(status)

"""A script that is played as it is: run as ``__main__``, whatever way it starts its event loop."""

import asyncio
import contextlib
import importlib.metadata
import importlib.util
import os
import runpy
import shlex
import sys
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

from ..target import AppTarget
from .loop import VirtualLoop
from .network import MemoryLoop

_FAST_LOOPS = "uvloop", "winloop"
"""Loops in C, which no clock of ours can move: their modules are replaced, if the script could import them."""


def run_script(target: AppTarget) -> None:
    """Run it, with its own arguments and its own folder first in ``sys.path``, until it ends or raises."""
    sys.argv = [target.file, *target.arguments]
    sys.path.insert(0, os.path.dirname(target.file))
    for name in _FAST_LOOPS:
        if importlib.util.find_spec(name) is not None:
            sys.modules[name] = _fast_loop(name)
    runpy.run_path(target.file, run_name="__main__")


def never_looped(target: AppTarget) -> str:
    """What is said of a script without an event loop."""
    command = shlex.join(["python", target.name, *target.arguments])
    return (
        f"the script {target.name!r} started no event loop in its main thread, and only asyncio programs are played in "
        f"virtual time; play it in real time with `stillthere run SCENARIO -- {command}`"
    )


_makers: list[Callable[[], Any]] = []


def own_event_loops(make: Callable[[], Any]) -> None:
    """From now on whoever makes an event loop gets one from ``make``."""
    _makers[:] = [make]
    everywhere: Any = asyncio
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # policies go in Python 3.16

        class Policy(everywhere.DefaultEventLoopPolicy):  # type: ignore[misc]
            """The policy that is in force, whatever the script sets."""

            def new_event_loop(self) -> Any:
                return make()

        everywhere.set_event_loop_policy(Policy())
    for module in (everywhere, everywhere.events):
        module.set_event_loop_policy = _ignored
    for name in ("SelectorEventLoop", "ProactorEventLoop", "EventLoop"):
        if hasattr(everywhere, name):
            setattr(everywhere, name, OwnLoop)


class _MadeByStage(type(VirtualLoop)):  # type: ignore[misc]
    def __call__(cls, *_: Any, **__: Any) -> Any:
        return _makers[0]()

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, MemoryLoop)


class OwnLoop(VirtualLoop, metaclass=_MadeByStage):
    """Stands for every class of loops: to make one is to ask the stage for a loop."""


def _ignored(*_: Any) -> None:
    """The policy stays."""


def _fast_loop(name: str) -> Any:
    module: Any = ModuleType(name, f"Stands in for {name}: its loops are those of the stage.")
    module.__version__ = "0"
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        module.__version__ = importlib.metadata.version(name)

    def run(main: Any, *, loop_factory: Any = None, debug: bool | None = None, **_: Any) -> Any:
        factory: Any = loop_factory or OwnLoop
        with asyncio.Runner(debug=debug, loop_factory=factory) as runner:
            return runner.run(main)

    module.run, module.install, module.new_event_loop = run, _ignored, OwnLoop
    module.Loop, module.EventLoopPolicy = OwnLoop, asyncio.get_event_loop_policy().__class__
    return module

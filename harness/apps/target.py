"""Which app is meant: ``module:function``, a function, or a script; and how another process finds it."""

import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import ClientError, did_you_mean, file_for_module, import_cure
from ..user_code import exits_held, is_interrupt, own_line, raised, shown

AppChoice = str | Callable[..., Any]
"""``module:function``, or an async function ``app(mic, speaker)`` at the top of a module."""
PRETENDED_KEY = "sk-stillthere"
"""The API key that every app and program finds in its environment instead of the user's own."""
_MISSING = object()


@dataclass(frozen=True, slots=True)
class AppTarget:
    """An app, in words that another process understands."""

    name: str
    """In journals and reports."""
    kind: Literal["function", "script"]
    module: str = ""
    function: str = ""
    """The function's name in its module."""
    file: str = ""
    """The module's file, or the script."""
    arguments: tuple[str, ...] = ()
    """A script's own arguments."""


def find_app(app: AppChoice) -> AppTarget:
    """The app that is meant; it is imported later. Raises :exc:`ClientError` if another process could not find it."""
    if isinstance(app, str):
        module, colon, function = app.partition(":")
        if not (colon and module and function):
            raise ClientError(f"the app {app!r} is not module:function, such as my_app:main")
        if cure := file_for_module(module, f":{function}"):
            raise ClientError(f"the app {app!r} {cure}")
        return AppTarget(app, "function", module, function)
    if not inspect.isfunction(app):
        raise ClientError(f"the app is {shown(app)}; give an async function, app(mic, speaker), or 'module:function'")
    if "<locals>" in app.__qualname__ or app.__name__ == "<lambda>":
        raise ClientError(
            f"the app {app.__qualname__!r} is a function within a function, which the process that plays it cannot "
            "import; put it at the top of its module"
        )
    file = inspect.getsourcefile(app) or ""
    return AppTarget(f"{app.__module__}:{app.__qualname__}", "function", app.__module__, app.__qualname__, file)


def find_script(path: str, arguments: tuple[str, ...] = ()) -> AppTarget:
    """A script that opens its own devices. Raises :exc:`ClientError` if there is no such file."""
    if not os.path.isfile(path):
        raise ClientError(f"the script {path!r} is no file; give the path of a Python script")
    return AppTarget(path, "script", file=os.path.abspath(path), arguments=arguments)


def load_function(target: AppTarget) -> Callable[..., Any]:
    """Import the function of an app. Raises :exc:`ClientError` for whatever is wrong with it."""
    try:
        with exits_held():
            module: Any = _module(target)
    except BaseException as error:  # the user's module may raise anything
        if is_interrupt(error):
            raise
        place = own_line(error)
        cure = import_cure(target.module, error)
        raise ClientError(
            f"{f'{place}: ' if place else ''}the app {target.name!r} could not be loaded: {raised(error)}; {cure}"
        ) from error
    found = module
    for part in target.function.split("."):
        found = getattr(found, part, _MISSING)
    if found is _MISSING:
        names = [name for name, value in vars(module).items() if inspect.iscoroutinefunction(value)]
        cure = did_you_mean(target.function, names) if names else "give it an async function, app(mic, speaker)"
        raise ClientError(f"the app {target.name!r}: the module has no {target.function!r}; {cure}")
    if not callable(found):
        raise ClientError(f"the app {target.name!r} is {shown(found)}; give an async function, app(mic, speaker)")
    return found  # type: ignore[no-any-return]


def _module(target: AppTarget) -> Any:
    """The module by its name; by its file if it has another one under that name, as the modules of tests may."""
    if target.module != "__main__":
        try:
            found = importlib.import_module(target.module)
        except ModuleNotFoundError:
            if not target.file:
                raise
        else:
            if not target.file or _is_same(getattr(found, "__file__", None), target.file):
                return found
    name = f"{Path(target.file).stem}__app"
    spec = importlib.util.spec_from_file_location(name, target.file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{target.file} is no Python file")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _is_same(one: str | None, other: str) -> bool:
    return one is not None and os.path.realpath(one) == os.path.realpath(other)

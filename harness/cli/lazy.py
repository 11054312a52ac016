"""Commands whose modules are imported when they are called, so that a command pays for its own imports only."""

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import typer
import typer.core
from typer.main import get_command

from ..collecting import no_cycles_searched


class LazyCommand(NamedTuple):
    """Where a command is, and what the help of the whole program says about it."""

    sentence: str
    """The first sentence of its docstring; a test compares them."""
    function: str = ""
    """The function, or the group of commands, in the module of the command's name; default: the same name."""
    made_by: tuple[str, str] | None = None
    """Module and name of the class of the command; None: typer's own."""
    module: str = ""
    """The module; default: that of the command's name, which for ``import`` would be a word of Python."""


class LazyGroup(typer.core.TyperGroup):
    """A group of commands that are listed without being imported."""

    lazy: Mapping[str, LazyCommand] = MappingProxyType({})
    """The commands by name, in the order of the help; their modules are in this package."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # What the help lists, and what names are compared with: a command without options and without a function.
        for name, one in self.lazy.items():
            self.commands[name] = typer.core.TyperCommand(name, help=one.sentence)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called, with its options."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, self.load(name) if name is not None and name in self.lazy else command, rest

    def load(self, name: str) -> Any:
        """Import a command."""
        one = self.lazy[name]
        with no_cycles_searched():
            module = one.module or name.replace("-", "_")
            found = getattr(importlib.import_module(f".{module}", __package__), one.function or name)
            if isinstance(found, typer.Typer):
                commands = get_command(found)
                commands.name = name
                return commands
            made_by = None
            if one.made_by is not None:
                module, made_by_name = one.made_by
                made_by = getattr(importlib.import_module(f".{module}", __package__), made_by_name)
        group = typer.Typer(add_completion=False, rich_markup_mode=None)
        group.callback()(lambda: None)
        group.command(name, cls=made_by)(found)
        return get_command(group).commands[name]  # type: ignore[attr-defined]

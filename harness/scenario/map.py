"""The base of the pydantic models of a scenario file: a map, and the path of a mistake in it."""

import ast
import inspect
import re
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict

Loc = tuple[str | int, ...]
"""The keys and indices from the top of the file to a value."""


class Mistake(NamedTuple):
    """What is wrong with the value at a path, or with its key."""

    loc: Loc
    message: str
    at_key: bool = False


def tidy(schema: dict[str, Any], owner: type[BaseModel]) -> None:
    """Finish a map's JSON Schema: no titles, no empty defaults, and a description for each key."""
    schema.pop("title", None)
    documented: dict[str, str] = {}
    for base in reversed(owner.__mro__[: owner.__mro__.index(Map)]):
        documented.update(field_docs(base))
    described = {field.alias or name: documented.get(name, "") for name, field in owner.model_fields.items()}
    for key, field in schema.get("properties", {}).items():
        field.pop("title", None)
        if described[key]:
            field["description"] = described[key]
        if field.get("default", ...) is None:
            del field["default"]


def field_docs(owner: type) -> dict[str, str]:
    """The docstrings below the fields of a class, each on one line and without markup."""
    try:
        (defined,) = ast.parse(inspect.getsource(owner)).body
    except OSError:  # installed without its source
        return {}
    assert isinstance(defined, ast.ClassDef)
    found = {}
    for field, below in pairwise(defined.body):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            text = re.sub(r":\w+:`([^`]*)`", r"\1", str(below.value.value))
            found[ast.unparse(field.target)] = " ".join(text.replace("``", "").split())
    return found


class Map(BaseModel):
    """A map of the file; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=tidy, defer_build=True)

    noun: ClassVar[str] = "key"
    """What errors call a key of this map."""

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """All keys, spelled as in the file."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())

    @classmethod
    def map_at(cls, loc: Loc) -> "type[Map]":
        """The model of the map at a path from this one."""
        found: type[Map] = cls
        for part in loc:
            if isinstance(part, str):
                fields = found.model_fields.items()
                found = _map_in(next(field.annotation for name, field in fields if part == (field.alias or name)))
        return found

    def given(self, **targets: str) -> dict[str, Any]:
        """Values of the keys that are present, by the names of their targets."""
        return {target: getattr(self, field) for target, field in targets.items() if field in self.model_fields_set}


def _map_in(annotation: Any) -> type[Map]:
    if isinstance(annotation, type) and issubclass(annotation, Map):
        return annotation
    return next(found for part in get_args(annotation) if (found := _map_in(part)))

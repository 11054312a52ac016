"""The expectations of a scenario file, as pydantic models: names with deadlines, combined by any, all and never."""

from collections.abc import Callable, Collection, Iterator
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from ..errors import did_you_mean
from . import model, values
from .map import Loc, Map, Mistake, tidy
from .model import EXPECTATIONS

GROUPS = ("any", "all", "never")
LineOf = Callable[[Loc], int]
"""Gives the line of the value at a path of the file."""


def _one_key(schema: dict[str, Any], owner: type[BaseModel]) -> None:
    tidy(schema, owner)
    schema.update(minProperties=1, maxProperties=1)
    for word, meaning in EXPECTATIONS.items():
        schema["properties"][word]["description"] = f"{meaning[0].upper()}{meaning[1:]}."


class DeadlineDocument(Map):
    """After which step, within what time, and how often. Default: from the start, to the end, once."""

    after: values.OptionalKey[values.YamlName] = None
    """The label of a step; each of its repetitions is checked by itself."""
    within: values.OptionalKey[values.YamlDuration] = None
    """The longest time, from the end of the step; for speech and interruptions from its start."""
    at_least: values.OptionalKey[values.YamlCount] = Field(None, alias="at least")
    """How often it must happen; default once."""


class ExpectDocument(Map):
    """One expectation: what must happen and its deadline, or a combination of expectations."""

    model_config = ConfigDict(json_schema_extra=_one_key)
    noun: ClassVar[str] = "expectation"

    speech_started: values.OptionalKey[DeadlineDocument] = None
    speech_stopped: values.OptionalKey[DeadlineDocument] = None
    committed: values.OptionalKey[DeadlineDocument] = None
    cleared: values.OptionalKey[DeadlineDocument] = None
    session_created: values.OptionalKey[DeadlineDocument] = Field(None, alias="session.created")
    session_updated: values.OptionalKey[DeadlineDocument] = Field(None, alias="session.updated")
    response_created: values.OptionalKey[DeadlineDocument] = Field(None, alias="response.created")
    response_done: values.OptionalKey[DeadlineDocument] = Field(None, alias="response.done")
    error: values.OptionalKey[DeadlineDocument] = None
    answer: values.OptionalKey[DeadlineDocument] = None
    recovery: values.OptionalKey[DeadlineDocument] = None
    reconnect: values.OptionalKey[DeadlineDocument] = None
    interruption: values.OptionalKey[DeadlineDocument] = None
    tells_user: values.OptionalKey[DeadlineDocument] = None
    any: values.OptionalKey[list["ExpectDocument"]] = None
    """One of these must be met."""
    all: values.OptionalKey[list["ExpectDocument"]] = None
    """All of these must be met."""
    never: values.OptionalKey["ExpectDocument"] = None
    """This must not be met."""

    def expectation(self, loc: Loc, line_of: LineOf) -> model.Expectation:
        """The expectation of the model; ``loc`` is its path."""
        line = line_of(loc)
        if self.any is not None:
            return model.AnyOf(expectations(self.any, (*loc, "any"), line_of), line)
        if self.all is not None:
            return model.AllOf(expectations(self.all, (*loc, "all"), line_of), line)
        if self.never is not None:
            return model.Never(self.never.expectation((*loc, "never"), line_of), line)
        field = next(iter(self.model_fields_set))
        deadline: DeadlineDocument = getattr(self, field)
        word = type(self).model_fields[field].alias or field
        return model.Expect(word, line=line, **deadline.given(after="after", within_us="within", at_least="at_least"))


def expectations(documents: list[ExpectDocument], loc: Loc, line_of: LineOf) -> tuple[model.Expectation, ...]:
    """The expectations of the list at the path ``loc``."""
    return tuple(one.expectation((*loc, index), line_of) for index, one in enumerate(documents))


def expect_mistakes(entries: object, loc: Loc, labels: Collection[str]) -> Iterator[Mistake]:
    """Mistakes in a list of expectations, as plain data of the file."""
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield from _mistakes(entry, (*loc, index), labels)


def _mistakes(entry: dict[str, Any], loc: Loc, labels: Collection[str]) -> Iterator[Mistake]:
    if not entry:
        words = ", ".join((*EXPECTATIONS, *GROUPS))
        yield Mistake(loc, f"an expectation is one of: {words}; this one has none")
    for extra in list(entry)[1:]:
        yield Mistake((*loc, extra), "one expectation an entry; put a dash before this one", True)
    for what, value in entry.items():
        if what in ("any", "all"):
            if value == []:
                yield Mistake((*loc, what), f"{what!r} has no expectations; put them in a list, each after a dash")
            yield from expect_mistakes(value, (*loc, what), labels)
        elif what == "never" and isinstance(value, dict):
            yield from _mistakes(value, (*loc, what), labels)
        elif isinstance(value, dict):
            yield from unknown_label(value, (*loc, what), labels)


def unknown_label(entry: dict[str, Any], loc: Loc, known: Collection[str]) -> Iterator[Mistake]:
    """The mistake of an ``after`` whose label no step has."""
    label = entry.get("after")
    if isinstance(label, str) and label.strip() not in known:
        cure = did_you_mean(label.strip(), known) if known else f"give a step 'label: {label.strip()}'"
        yield Mistake((*loc, "after"), f"no step is labelled {label.strip()!r}; {cure}")

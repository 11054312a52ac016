"""What a scenario file expects, as pydantic models: words with deadlines, put together by any, all and never."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from harness.errors import did_you_mean
from harness.scenario import model, values
from harness.scenario.map import Loc, Map, Mistake, tidy
from harness.scenario.model import EXPECTATIONS

GROUPS = ("any", "all", "never")
LineOf = Callable[[Loc], int]
"""Gives the line of what stands at a path of the file."""


def _one_key(schema: dict[str, Any], owner: type[BaseModel]) -> None:
    tidy(schema, owner)
    schema.update(minProperties=1, maxProperties=1)
    for word, meaning in EXPECTATIONS.items():
        schema["properties"][word]["description"] = f"{meaning[0].upper()}{meaning[1:]}."


class DeadlineDocument(Map):
    """After which step, within what time, and how often. Without a key: from the start, to the end, once."""

    after: values.Given[values.Name] = None
    """The label of a step; each of its repetitions is looked at by itself."""
    within: values.Given[values.Duration] = None
    """The time that it may take: after the end of the step, for speech and interruptions after its begin."""
    at_least: values.Given[values.Count] = Field(None, alias="at least")
    """How often it must happen, once unless told."""


class ExpectDocument(Map):
    """One expectation: what must happen and its deadline, or several put together."""

    model_config = ConfigDict(json_schema_extra=_one_key)
    noun: ClassVar[str] = "expectation"

    speech_started: values.Given[DeadlineDocument] = None
    speech_stopped: values.Given[DeadlineDocument] = None
    committed: values.Given[DeadlineDocument] = None
    cleared: values.Given[DeadlineDocument] = None
    session_created: values.Given[DeadlineDocument] = Field(None, alias="session.created")
    session_updated: values.Given[DeadlineDocument] = Field(None, alias="session.updated")
    response_created: values.Given[DeadlineDocument] = Field(None, alias="response.created")
    response_done: values.Given[DeadlineDocument] = Field(None, alias="response.done")
    error: values.Given[DeadlineDocument] = None
    answer: values.Given[DeadlineDocument] = None
    recovery: values.Given[DeadlineDocument] = None
    reconnect: values.Given[DeadlineDocument] = None
    interruption: values.Given[DeadlineDocument] = None
    told: values.Given[DeadlineDocument] = None
    any: values.Given[list["ExpectDocument"]] = None
    """One of these must be met."""
    all: values.Given[list["ExpectDocument"]] = None
    """All of these must be met."""
    never: values.Given["ExpectDocument"] = None
    """This must not be met."""

    def expectation(self, loc: Loc, line_of: LineOf) -> model.Expectation:
        """The expectation of the model; ``loc`` is where it stands."""
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
    """The expectations of a list that stands at ``loc``."""
    return tuple(one.expectation((*loc, index), line_of) for index, one in enumerate(documents))


def expect_mistakes(entries: object, loc: Loc, labels: list[str]) -> Iterator[Mistake]:
    """Mistakes in a list of expectations, given as it stands in the file."""
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield from _mistakes(entry, (*loc, index), labels)


def _mistakes(entry: dict[str, Any], loc: Loc, labels: list[str]) -> Iterator[Mistake]:
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


def unknown_label(entry: dict[str, Any], loc: Loc, known: list[str]) -> Iterator[Mistake]:
    """The mistake of an ``after`` that no step is labelled with."""
    label = entry.get("after")
    if isinstance(label, str) and label.strip() not in known:
        cure = did_you_mean(label.strip(), known) if known else f"give one 'label: {label.strip()}'"
        yield Mistake((*loc, "after"), f"no step is labelled {label.strip()!r}; {cure}")

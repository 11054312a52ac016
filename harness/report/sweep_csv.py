"""A sweep as CSV, one row a cell, and a JSON file beside it that says what each column means."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from .. import __version__
from ..search.sweep.rows import CellRow
from ..search.sweep.table import SweepTable, SweptCell
from ..units import MS

_MEANINGS = {
    "scenario": "The scenario, as it was named.",
    "speaker": "The recording that --over puts in; empty: the scenario's own.",
    "level_dbfs": "The level of all speech that --over puts in; empty: the scenario's own.",
    "noise": "The noise that --over puts in; empty: the scenario's own.",
    "detector": "The server's ear.",
    "how": "played: this cell was played; computed: its journal follows from that of a cell that was played.",
    "error": "Why there are no results: the client raised or did not return; empty otherwise.",
}


@dataclass(frozen=True, slots=True)
class CsvColumn:
    """A column: its name, and what its values are."""

    name: str
    type: str
    """integer, number or text; booleans of settings are text, true or false."""
    unit: str
    meaning: str


def columns(table: SweepTable) -> list[CsvColumn]:
    """The columns, in their order: what was varied, the case, the results."""
    found = [CsvColumn(axis.name, *_kind_of_axis(axis.values, axis.knob.unit), "Varied.") for axis in table.plan.axes]
    for name in ("scenario", "speaker", "level_dbfs", "noise", "detector"):
        is_level = name == "level_dbfs"
        found.append(CsvColumn(name, "number" if is_level else "text", "dBFS" if is_level else "", _MEANINGS[name]))
    for field in fields(CellRow):
        kind = str(field.type)
        type_ = "text" if "str" in kind else "integer" if "int" in kind else "number"
        unit = "s" if field.name.endswith("_s") else ""
        found.append(CsvColumn(field.name, type_, unit, _ROW_MEANINGS[field.name]))
    return [*found, *(CsvColumn(name, "text", "", _MEANINGS[name]) for name in ("how", "error"))]


def render(table: SweepTable) -> str:
    """The CSV: a header line, and a line for each cell on each ground."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in columns(table)])
    for swept in table:
        writer.writerow([_cell(value) for value in _values(table, swept)])
    return out.getvalue()


def sidecar(table: SweepTable, command: str) -> str:
    """What the CSV holds, as JSON: its columns with types and units, the version and the command that made it."""
    document = {
        "stillthere": __version__,
        "command": command,
        "client": table.plan.client,
        "seed": table.plan.seed,
        "settings": dict(table.plan.settings),
        "rows": len(table),
        "ways": {how.value: count for how, count in sorted(table.ways.items())},
        "columns": [
            {"name": each.name, "type": each.type, "unit": each.unit or None, "meaning": each.meaning}
            for each in columns(table)
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def documents(table: SweepTable) -> Iterator[dict[str, Any]]:
    """Each row as a JSON object."""
    names = [column.name for column in columns(table)]
    for swept in table:
        yield dict(zip(names, _values(table, swept), strict=True))


def _values(table: SweepTable, swept: SweptCell) -> list[Any]:
    variant = swept.ground.variant
    varied = [_in_unit(axis.knob.unit, swept.cell[axis.name]) for axis in table.plan.axes]
    case = [swept.ground.name, variant.speaker, variant.level_dbfs, variant.noise, swept.ground.detector]
    row = [None if swept.row is None else getattr(swept.row, field.name) for field in fields(CellRow)]
    if swept.row is None:
        row[0] = "error"
    return [*varied, *case, *row, swept.how.value, swept.reason]


def _in_unit(unit: str, value: Any) -> Any:
    return value / MS if unit == "us" and value is not None else value


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else value


def _kind_of_axis(values: tuple[Any, ...], unit: str) -> tuple[str, str]:
    numbers = [value for value in values if value is not None]
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in numbers):
        return "text", ""
    is_whole = all(isinstance(value, int) for value in numbers) and unit != "us"
    return ("integer" if is_whole else "number"), "ms" if unit == "us" else unit


_ROW_MEANINGS = {
    "verdict": "held, failed or vacuous, as `stillthere run` says; error: the client raised.",
    "cause": "Of a failure: the cause of the silence, or the property that is broken.",
    "utterances_said": "Utterances that an honest detector hears; what is repeated until it is answered counts once.",
    "utterances_lost": "Those of them that are in no turn whose session answered audibly afterwards.",
    "utterances_inaudible": "Utterances in which an honest detector hears no speech; nothing is said about them.",
    "false_turns": "Turns that began while nobody spoke.",
    "false_turns_noise": "Those of them that began in a noise of the room.",
    "false_turns_echo": "Those of the others that began while the assistant was heard.",
    "barge_ins": "Utterances of which it is known whether they interrupted an answer.",
    "barge_ins_missed": "Those of them after whose begin the answer was played on for 2 s.",
    "barge_ins_wrong": "Answers that a false turn interrupted.",
    "answer_lost_s": "What the service had sent of those answers and was not played.",
    "unanswered": "Utterances, of those said, to which no answer was heard.",
    "median_wait_s": "Median time from the end of an utterance to its answer, of those answered.",
    "longest_wait_s": "The longest of these times.",
    "noises_missing": "Noises of the scenario that were not played, such as one in an answer that never came.",
}

"""A grid of cells by classes of one trajectory each: one cell of a class is played, the others follow from it."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....audio.formats import sample_count
from ....clients.reference import REFERENCE_CLIENTS
from ....clients.settings import ClientSettings
from ....journal import Journal
from ....units import MS
from .. import plain
from ..cases import Case, CellOutcome, How, Reader, T
from .asking import user_partings
from .ears import EnergyEar
from .gating import GateModel, Rows
from .journals import JournalTemplate, Values
from .parting import Frames, Parting, shares_what_was_seen
from .recording import MODELLED, NotPlain, Recording, WrongModel
from .silero_ear import SileroEar

MODELLED_SETTINGS = ("gate_mode", "gate_threshold", "gate_hold_ms", "interruption_threshold")
"""The settings that cells of one family may differ in; each combination of the others is a family of its own."""
_MOST_ROWS = 1024
"""Rows that are computed at a time."""


@dataclass(frozen=True, slots=True)
class _Cell:
    index: int
    settings: ClientSettings
    changes: Mapping[str, Any]


def outcomes(case: Case, cells: Sequence[Mapping[str, Any]], read: Reader[T]) -> Iterator[CellOutcome[T]]:
    """As :func:`harness.search.sweep.plain.outcomes`, with the same values, and most of them computed."""
    if case.client not in MODELLED or case.scenario.transport != "websocket":
        yield from plain.outcomes(case, cells, read)
        return
    for family in _families(case, cells).values():
        for found in classes(case, family):
            yield from found.outcomes(case, read)


def journals(case: Case, cells: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, Journal]]:
    """The whole journal of each cell of a client that is modelled, by its place: as if it were played."""
    for family in _families(case, cells).values():
        for found in classes(case, family):
            yield from found.journals()


def _families(case: Case, cells: Sequence[Mapping[str, Any]]) -> dict[tuple[Any, ...], list[_Cell]]:
    """The cells that differ in what is modelled only."""
    _, defaults = REFERENCE_CLIENTS[case.client]
    families: dict[tuple[Any, ...], list[_Cell]] = {}
    for index, changes in enumerate(cells):
        whole = {**case.settings, **changes}
        settings = defaults.changed(**{**case.scenario.client, **whole})
        same = {name: value for name, value in whole.items() if name not in MODELLED_SETTINGS}
        key = settings.gate_mode == "skip", *sorted(same.items())
        families.setdefault(key, []).append(_Cell(index, settings, whole))
    return families


@dataclass(frozen=True, slots=True)
class SharedRun:
    """Cells that share one recorded run."""

    recording: Recording
    template: JournalTemplate | None
    """None: all cells sent the same bytes, so they share the journal."""
    parts: list[tuple[Values | None, list[tuple[int, list[_Cell]]]]]
    """Blocks of rows: their values, and the cells of each row."""
    played: _Cell

    def outcomes(self, case: Case, read: Reader[T]) -> Iterator[CellOutcome[T]]:
        """The value of each cell."""
        scenario, journal = self.recording.run.scenario, self.recording.run.journal
        for values, rows in self.parts:
            if self.template is None or values is None:
                value = read(scenario, journal)
                yield from (self._outcome(cell, value) for _, cells in rows for cell in cells)
                continue
            cells_of = dict(rows)
            for alike, value in self.template.read(values, list(cells_of), lambda it: read(scenario, it)):
                yield from (self._outcome(cell, value) for row in alike for cell in cells_of[row])

    def journals(self) -> Iterator[tuple[int, Journal]]:
        """The journal of each cell, by the cell's place."""
        journal = self.recording.run.journal
        for values, rows in self.parts:
            for row, cells in rows:
                for cell in cells:
                    header = {**journal.header, "settings": dict(sorted(self._settings(cell).items()))}
                    if self.template is None or values is None:
                        made = Journal({})
                        made.header, made.entries = header, list(journal.entries)
                    else:
                        made = self.template.journal(values, row, header)
                    yield cell.index, made

    def _settings(self, cell: _Cell) -> dict[str, Any]:
        return {**self.recording.run.scenario.client, **cell.changes}

    def _outcome(self, cell: _Cell, value: T) -> CellOutcome[T]:
        return CellOutcome(cell.index, value, How.PLAYED if cell is self.played else How.COMPUTED)


def classes(case: Case, family: list[_Cell]) -> Iterator[SharedRun]:
    """The classes of a family, each with one cell that was played."""
    todo = deque([family])
    while todo:
        members = todo.popleft()
        shared, parted = _divide(case, members)
        yield shared
        todo.extend(parted)


def _divide(case: Case, members: list[_Cell]) -> tuple[SharedRun, list[list[_Cell]]]:
    """Play the middle one of some cells; which of the others share its run, and the groups of those that do not."""
    played = members[len(members) // 2]
    recording = Recording(case.scenario, case.client, played.changes, detector=case.detector, seed=case.seed)
    template = _template(case, recording)
    for way in (template, None) if template is not None else (None,):
        try:
            return _compared(case, members, played, recording, way)
        except WrongModel as wrong:
            recording.doubts.add(str(wrong))
    alone = SharedRun(recording, None, [(None, [(0, [played])])], played)
    return alone, [[cell] for cell in members if cell is not played]


def _template(case: Case, recording: Recording) -> JournalTemplate | None:
    if recording.doubts or case.detector not in _EARS:
        return None
    try:
        return JournalTemplate(recording)
    except NotPlain:
        return None


def _compared(
    case: Case, members: list[_Cell], played: _Cell, recording: Recording, template: JournalTemplate | None
) -> tuple[SharedRun, list[list[_Cell]]]:
    """As :func:`_divide`. Raises :exc:`WrongModel` if not even the recorded cell can be explained."""
    if not recording.is_whole:
        raise WrongModel("not all chunks were seen")
    groups: dict[Parting, list[_Cell]] = {}
    model = GateModel(recording)
    comparable: list[_Cell] = []
    apart: dict[tuple[float, float, str], Parting | None] = {}
    for cell in members:
        s = cell.settings
        key = s.gate_threshold, s.interruption_threshold, s.gate_mode
        if key not in apart:
            apart[key] = model.parted(s) if cell is not played else None
        if apart[key] is None:
            comparable.append(cell)
        else:
            groups.setdefault(apart[key] or (), []).append(cell)
    shared = SharedRun(recording, template, [], played)
    if template is None:
        _by_bytes(recording, model, comparable, shared, groups)
    else:
        _by_frames(case, recording, model, template, comparable, shared, groups)
    return shared, list(groups.values())


def _rows(recording: Recording, model: GateModel, cells: list[_Cell], relevant: Any, played: _Cell) -> Rows:
    """The rows of cells, the recorded one first."""
    rows = model.rows([cell.settings for cell in cells], relevant)
    place = next(n for n, each in enumerate(cells) if each is played)
    first = next(n for n, numbers in enumerate(rows.cells) if place in numbers)
    order = [first, *(n for n in range(len(rows.cells)) if n != first)]
    recorded = np.array(recording.passed, np.bool_) & relevant
    if not np.array_equal(rows.masks[first], recorded):
        raise WrongModel("the model of the gate is wrong")
    return Rows(rows.masks[order], [rows.cells[n] for n in order])


def _by_bytes(
    recording: Recording,
    model: GateModel,
    cells: list[_Cell],
    shared: SharedRun,
    groups: dict[Parting, list[_Cell]],
) -> None:
    """Cells that send the same bytes, and see the same of their gate, share the run whatever the server does."""
    audible = np.array(recording.peaks, np.int64) > 0
    connected = np.array(recording.connected, np.bool_)
    skips = recording.settings.gate_mode == "skip"
    odd = np.array(recording.sizes, np.int64) != sample_count(recording.settings.chunk_ms * MS)
    relevant = np.array(recording.seen, np.bool_) | (connected if skips else connected & (audible | odd))
    rows = _rows(recording, model, cells, relevant, shared.played)
    differs = rows.masks != rows.masks[0]
    for row, numbers in enumerate(rows.cells):
        found = [cells[number] for number in numbers]
        if row == 0:
            shared.parts.append((None, [(0, found)]))
        else:
            groups.setdefault(("bytes", int(differs[row].argmax())), []).extend(found)


def _by_frames(
    case: Case,
    recording: Recording,
    model: GateModel,
    template: JournalTemplate,
    cells: list[_Cell],
    shared: SharedRun,
    groups: dict[Parting, list[_Cell]],
) -> None:
    """Cells whose automata say the same at the same frames share the run."""
    audible = np.array(recording.peaks, np.int64) > 0
    sent = np.array(recording.sent_on, np.int64) > 0
    relevant = np.array(recording.seen, np.bool_) | (sent & audible)
    rows = _rows(recording, model, cells, relevant, shared.played)
    streams = [stream for stream in recording.streams if stream.arrivals]
    ears = [_EARS[case.detector](recording, stream) if stream.frames else None for stream in streams]
    others = np.arange(1, len(rows.cells))
    for begin in range(0, max(1, others.size), _MOST_ROWS):
        block = np.concatenate([[0], others[begin : begin + _MOST_ROWS]])
        masks = rows.masks[block]
        frames = [None if ear is None else ear.frames(masks) for ear in ears]
        values = template.values(masks, list(frames))
        if begin == 0 and template.journal(values, 0).entries != recording.run.journal.entries:
            raise WrongModel("the journal of the recorded cell cannot be made anew")
        partings = _partings(frames, shares_what_was_seen(recording, masks), values)
        for row, parting in user_partings(template, values, [n for n, each in enumerate(partings) if n and not each]):
            partings[row] = parting
        explained: list[tuple[int, list[_Cell]]] = []
        for row, number in enumerate(block.tolist()):
            if row == 0 and begin:
                continue
            found = [cells[each] for each in rows.cells[number]]
            if partings[row] is None:
                explained.append((row, found))
            else:
                groups.setdefault(partings[row] or (), []).extend(found)
        shared.parts.append((values, explained))


def _partings(frames: list[Frames | None], seen: Any, values: Values) -> list[Parting | None]:
    """Of each row, where it parts from the recorded run."""
    found: list[Parting | None] = [None] * len(seen)
    for row in range(1, len(seen)):
        parted = [(n, *p) for n, each in enumerate(frames) if each is not None and (p := each.partings[row])]
        if parted:
            found[row] = min(parted, key=str)
        elif not seen[row]:
            found[row] = ("seen",)
        elif not values.exact[row]:
            found[row] = ("entries", row)
    return found


_EARS: dict[str, type[EnergyEar] | type[SileroEar]] = {"energy": EnergyEar, "silero": SileroEar}

"""WebSocket or WebRTC, as text for a terminal and as the page ``docs/transports.md``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from ..faults.seams import TRANSPORTS, Transport
from ..search.transports import (
    CLIENTS,
    FAULT_CLIENTS,
    HARDSHIPS,
    PHASES_PLAYED,
    CaseKind,
    TransportCell,
    TransportMatrix,
    TransportResult,
)
from ..units import SECOND
from .tables import aligned, table
from .transports_words import ADVICE, FAULTS, HARDSHIP, KNOWS, MEASURED, MOVES, PACK, PREFACE

_NAMES: dict[Transport, str] = {"websocket": "WebSocket", "webrtc": "WebRTC"}
ABSENT = "does not exist"
"""A cell of a case that cannot happen on its transport."""
_REPORTED = "reported"
"""The client whose freezes the lists compare."""
_RECOVERS = "resilient"
"""The client that recovers."""
_KINDS: Mapping[CaseKind, Iterable[str]] = {"hardship": FAULT_CLIENTS, "fault": FAULT_CLIENTS, "scenario": CLIENTS}
"""The clients in the table of each kind of case."""


def _head(clients: Iterable[str]) -> tuple[str, ...]:
    cells = (f"{_NAMES[transport]}: {client}" for transport in TRANSPORTS for client in clients)
    return ("", *cells, *(f"told on {_NAMES[transport]}" for transport in TRANSPORTS))


def transports_text(matrix: TransportMatrix) -> str:
    """For a terminal: each case, and the totals."""
    parts = [
        aligned((kind, *_head(clients)[1:]), list(_rows(matrix, kind, clients)))
        for kind, clients in _KINDS.items()
        if matrix.cases(kind)
    ]
    return "\n\n".join([*parts, aligned(*_totals(matrix))]) + "\n"


def transports_page(matrix: TransportMatrix, phases: int) -> str:
    """The page."""
    hardships = [[HARDSHIPS[row[0]].words, *row[1:]] for row in _rows(matrix, "hardship", FAULT_CLIENTS)]
    faults = [[f"`{row[0]}`", *row[1:]] for row in _rows(matrix, "fault", FAULT_CLIENTS)]
    parts = [
        PREFACE.format(
            phases=", ".join(PHASES_PLAYED[:phases]),
            faults=len(matrix.cases("fault")),
            scenarios=len(matrix.cases("scenario")),
        ),
        ADVICE.format(**_facts(matrix)),
        "## In figures",
        _in_short(matrix),
        table(*_totals(matrix)),
        MOVES,
        table(("", "faults"), _moved(matrix)),
        KNOWS,
        table(
            ("transport", "silent runs", "told nothing", "told", "soonest", "`resilient` acts after"), _knows(matrix)
        ),
        HARDSHIP,
        table(_head(FAULT_CLIENTS), hardships),
        FAULTS,
        table(_head(FAULT_CLIENTS), faults),
        PACK.format(**_pack_counts(matrix)),
        table(("scenario", *_head(CLIENTS)[1:-2]), _pack(matrix)),
        MEASURED,
    ]
    return "\n\n".join(parts) + "\n"


# --- cells ----------------------------------------------------------------------------------------------------------


def _seconds(us: float | None) -> str:
    return "–" if us is None else f"{us / SECOND:.1f} s"


def _cell(cell: TransportCell | None) -> str:
    """Such as ``✔ 9.2 s``, ``✖ half_open`` or ``✖ 1/3 half_open``, and the words that were lost."""
    if cell is None:
        return ABSENT
    if cell.frozen:
        share = "" if cell.frozen == len(cell.results) else f" {cell.frozen}/{len(cell.results)}"
        text = f"✖{share} {', '.join(cell.causes)}"
    else:
        text = f"✔ {_seconds(cell.answered_us)}"
    return f"{text}, −{cell.words_lost} words" if cell.words_lost else text


def _cell_of(matrix: TransportMatrix, kind: CaseKind, case: str, transport: Transport, client: str) -> str:
    cell = matrix.cell(kind, case, transport, client)
    exists = matrix.cell(kind, case, transport, _REPORTED) is not None
    return "" if cell is None and exists else _cell(cell)


def _told(cell: TransportCell | None) -> str:
    if cell is None:
        return ""
    return "nothing" if cell.told is None else f"{cell.told.what} after {_seconds(cell.told.after_us)}"


def _rows(matrix: TransportMatrix, kind: CaseKind, clients: Iterable[str]) -> Iterator[list[str]]:
    columns = list(product(TRANSPORTS, clients))
    for case in matrix.cases(kind):
        cells = [_cell_of(matrix, kind, case, transport, client) for transport, client in columns]
        told = [_told(matrix.cell(kind, case, transport, _REPORTED)) for transport in TRANSPORTS]
        yield [case, *cells, *told]


# --- sums -----------------------------------------------------------------------------------------------------------


def _shared(matrix: TransportMatrix, kind: CaseKind) -> list[str]:
    """The cases that exist on both transports."""
    both = (case for case in matrix.cases(kind))
    return [case for case in both if all(matrix.cell(kind, case, each, _REPORTED) for each in TRANSPORTS)]


def _sum(matrix: TransportMatrix, kind: CaseKind, transport: Transport, client: str) -> TransportCell:
    """All runs of the cases that exist on both transports."""
    total = TransportCell()
    for case in _shared(matrix, kind):
        cell = matrix.cell(kind, case, transport, client)
        total.results += cell.results if cell is not None else []
    return total


def _totals(matrix: TransportMatrix) -> tuple[Sequence[str], list[list[str]]]:
    head = ("client", "transport", "runs", "silent for ever", "median time to an answer", "words lost")
    rows = []
    for client, transport in product(FAULT_CLIENTS, TRANSPORTS):
        total = _sum(matrix, "fault", transport, client)
        counts = [str(len(total.results)), str(total.frozen), _seconds(total.answered_us), str(total.words_lost)]
        rows.append([client, _NAMES[transport], *counts])
    return head, rows


def _in_short(matrix: TransportMatrix) -> str:
    shared = _shared(matrix, "fault")
    frozen = {
        (transport, client): sum(bool(matrix.frozen("fault", case, transport, client)) for case in shared)
        for transport, client in product(TRANSPORTS, FAULT_CLIENTS)
    }
    parts = [
        f"{_NAMES[transport]}: " + ", ".join(f"{client} {frozen[transport, client]}" for client in FAULT_CLIENTS)
        for transport in TRANSPORTS
    ]
    return (
        f"{len(shared)} of the {len(matrix.cases('fault'))} faults exist on both transports. So many of them silence a "
        f"client for ever in at least one phase: {'; '.join(parts)}. The sums over the runs of these faults:"
    )


def moved(matrix: TransportMatrix, kind: CaseKind = "fault", client: str = _REPORTED) -> dict[str, list[str]]:
    """The cases that silence a client: which of them WebRTC removes, keeps and adds; and what each has alone."""
    lists: dict[str, list[str]] = {name: [] for name in ("removed", "kept", "added", "only_websocket", "only_webrtc")}
    for case in matrix.cases(kind):
        socket, call = (matrix.frozen(kind, case, transport, client) for transport in TRANSPORTS)
        if socket and call:
            lists["kept"].append(case)
        elif socket:
            lists["only_websocket" if call is None else "removed"].append(case)
        elif call:
            lists["only_webrtc" if socket is None else "added"].append(case)
    return lists


def _facts(matrix: TransportMatrix) -> dict[str, object]:
    """What the answer says in figures."""
    lists = moved(matrix)
    names = {name: ", ".join(f"`{fault}`" for fault in faults) or "none" for name, faults in lists.items()}
    facts: dict[str, object] = {**names, "kept": len(lists["kept"])}
    facts["socket"] = len(lists["kept"]) + len(lists["removed"])
    for name, transport in (("socket", TRANSPORTS[0]), ("call", TRANSPORTS[1])):
        results = list(_results(matrix, matrix.cases("fault"), transport, _RECOVERS))
        facts[f"runs_{name}"] = len(results)
        facts[f"recovered_{name}"] = sum(not each.is_silent for each in results)
    return facts


_MOVES = {
    "removed": "removed by WebRTC",
    "kept": "kept by WebRTC",
    "added": "added by WebRTC",
    "only_websocket": "only a WebSocket has the fault",
    "only_webrtc": "only WebRTC has the fault",
}


def _moved(matrix: TransportMatrix) -> Iterator[list[str]]:
    for name, faults in moved(matrix).items():
        yield [f"{_MOVES[name]} ({len(faults)})", ", ".join(f"`{fault}`" for fault in faults) or "none"]


def _knows(matrix: TransportMatrix) -> Iterator[list[str]]:
    """Of the silent runs: in how many the client was told of anything, and when the one that recovers acts."""
    for transport in TRANSPORTS:
        cases = [case for case in matrix.cases("fault") if matrix.frozen("fault", case, transport, _REPORTED)]
        silent = [each for each in _results(matrix, cases, transport, _REPORTED) if each.is_silent]
        told = [each.told for each in silent if each.told is not None]
        soonest = _seconds(min(told).after_us) if told else "–"
        acts = TransportCell(list(_results(matrix, cases, transport, _RECOVERS))).acted_us
        yield [
            _NAMES[transport],
            str(len(silent)),
            str(len(silent) - len(told)),
            str(len(told)),
            soonest,
            _seconds(acts),
        ]


def _results(
    matrix: TransportMatrix, cases: Iterable[str], transport: Transport, client: str
) -> Iterator[TransportResult]:
    for case in cases:
        cell = matrix.cell("fault", case, transport, client)
        yield from cell.results if cell is not None else ()


def _verdicts(matrix: TransportMatrix, scenario: str, transport: Transport) -> list[str]:
    cells = (matrix.cell("scenario", scenario, transport, client) for client in CLIENTS)
    return ["" if cell is None else cell.results[0].verdict for cell in cells]


def _pack(matrix: TransportMatrix) -> Iterator[list[str]]:
    """The scenarios whose verdicts differ."""
    for scenario in _shared(matrix, "scenario"):
        socket, call = (_verdicts(matrix, scenario, transport) for transport in TRANSPORTS)
        if socket != call:
            yield [f"`{scenario}`", *socket, *call]


def _pack_counts(matrix: TransportMatrix) -> dict[str, int]:
    scenarios, shared = matrix.cases("scenario"), _shared(matrix, "scenario")
    differ = sum(1 for _ in _pack(matrix))
    return {
        "scenarios": len(scenarios),
        "shared": len(shared),
        "absent": len(scenarios) - len(shared),
        "same": len(shared) - differ,
        "differ": differ,
    }

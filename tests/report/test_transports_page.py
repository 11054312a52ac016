"""The page on transports: its lists, cells and sums from results made by hand; the kept page is of this catalogue."""

from pathlib import Path

import pytest

from harness.faults import CATALOGUE
from harness.faults.seams import TRANSPORTS
from harness.report.transports_page import ABSENT, moved, transports_page, transports_text
from harness.scenario import shipped_scenarios
from harness.search.transports import CLIENTS, TransportCell, TransportMatrix, TransportResult, TransportTrial, exists
from harness.units import SECOND
from harness.verdict.told import FirstTold
from tests.report.testing import tables

PAGE = Path(__file__).parent.parent.parent / "docs" / "transports.md"

SILENT = {"verdict": "failed: server_mute", "is_silent": True, "answered_us": None}
FAULTS = {
    "mute": {"websocket": SILENT, "webrtc": {"answered_us": 3 * SECOND}},
    "near-silent": {"websocket": {**SILENT, "words_lost": 8}, "webrtc": SILENT},
    "zeroed": {"websocket": {}, "webrtc": {**SILENT, "told": FirstTold(6_300_000, "disconnected")}},
    "half-open": {"websocket": SILENT},
    "rtp-stopped": {"webrtc": SILENT},
    "coarse": {"websocket": {}, "webrtc": {}},
}


def cells(kind, case, by_transport):
    for transport, fields in by_transport.items():
        for client in CLIENTS:
            trial = TransportTrial(kind, case, transport, client)
            found = {"verdict": "held", "is_silent": False, "answered_us": 2 * SECOND, "told": None, "acted_us": None}
            result = TransportResult(trial, **{**found, "words_lost": 0, **fields})
            yield (kind, case, transport, client), TransportCell([result])


@pytest.fixture
def matrix():
    made = TransportMatrix()
    for case, by_transport in FAULTS.items():
        made.cells.update(cells("fault", case, by_transport))
    made.cells.update(cells("hardship", "hung up", {"websocket": {}, "webrtc": {}}))
    made.cells.update(cells("scenario", "reported_freeze", {"websocket": SILENT, "webrtc": SILENT}))
    made.cells.update(cells("scenario", "server_goes_mute", {"websocket": SILENT, "webrtc": {}}))
    made.cells.update(cells("scenario", "half_open_socket", {"websocket": SILENT}))
    return made


def test_each_fault_is_removed_kept_or_added_or_is_one_of_a_single_transport(matrix):
    assert moved(matrix) == {
        "removed": ["mute"],
        "kept": ["near-silent"],
        "added": ["zeroed"],
        "only_websocket": ["half-open"],
        "only_webrtc": ["rtp-stopped"],
    }


def test_a_row_says_what_froze_where_and_what_the_client_was_told(matrix):
    rows = {row[0]: row[1:] for found in tables(transports_page(matrix, 1)) for row in found}
    assert rows["`near-silent`"][:3] == ["✖ server_mute, −8 words"] * 2 + ["✖ server_mute"]
    assert rows["`mute`"] == ["✖ server_mute"] * 2 + ["✔ 3.0 s"] * 2 + ["nothing", "nothing"]
    assert rows["`zeroed`"][-1] == "disconnected after 6.3 s"
    assert rows["`half-open`"][2:4] == [ABSENT] * 2
    assert rows["`rtp-stopped`"][:2] == [ABSENT] * 2
    assert "4 of the 6 faults exist on both transports" in transports_page(matrix, 1)


def test_only_scenarios_with_different_verdicts_have_a_row(matrix):
    page = transports_page(matrix, 1)
    assert "Of 3 scenarios, 1 have a fault that only a WebSocket has. Of the other 2, 1 have the same" in " ".join(
        page.split()
    )
    (rows,) = (found for found in tables(page) if found[0][0] == "scenario")
    assert rows[2:] == [["`server_goes_mute`", *["failed: server_mute"] * 3, *["held"] * 3]]


def test_a_terminal_has_every_case_and_the_totals(matrix):
    text = transports_text(matrix)
    assert all(case in text for case in (*FAULTS, "hung up", "server_goes_mute", "silent for ever"))


def test_every_table_is_rectangular(matrix):
    for found in tables(transports_page(matrix, 1)):
        assert len({len(row) for row in found}) == 1


def test_the_kept_page_is_of_this_catalogue_and_this_pack():
    """It takes minutes to make: `make matrices`. A new fault or scenario makes it stale."""
    text = PAGE.read_text(encoding="utf-8")
    (rows,) = tables(text.split("## Fault by fault")[1].split("\n## ")[0])
    assert [row[0] for row in rows[2:]] == [f"`{name}`" for name in CATALOGUE], "make it again: make matrices"
    shipped = [path.stem for path in shipped_scenarios()]
    absent = sum(not all(exists("scenario", name, transport) for transport in TRANSPORTS) for name in shipped)
    assert f"Of {len(shipped)} scenarios, {absent} have" in " ".join(text.split()), "make it again: make matrices"

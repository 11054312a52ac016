"""The rows of the fidelity page: what they name exists, and whatever there is to name is named."""

import ast
import re
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from harness.fidelity import BEHAVIOURS, GAPS, MEANINGS, SECTIONS, Evidence
from harness.fidelity.behaviour import SPECIFICATION
from harness.fidelity.markers import proving_tests
from harness.protocol.events import ClientEvent, ServerEvent
from harness.server.policy import names, variants

ROOT = Path(__file__).parent.parent.parent
CITING = ("live", "properties", "protocol", "server", "vad")
CITATION = re.compile(r"(?<!\d )§(\d+(?:\.\d+)?)")
"""Not of an RFC, whose number stands before it."""
TYPE = re.compile(r"`(error|[a-z_]+(?:\.[a-z_]+)+)`")
EVENTS = {str(event.__struct_config__.tag) for union in (ClientEvent, ServerEvent) for event in get_args(union)}
NOT_OF_THE_GA = {
    "response.cancelled", "session.close", "session.closed",
    "session.input_audio_buffer.append", "session.type", "type.code",
}  # fmt: skip
"""What claims name besides: what is said not to exist, those of a translation session, and two fields."""


def test_ids_are_unique():
    assert [name for name, count in Counter(row.id for row in BEHAVIOURS).items() if count > 1] == []
    assert all(re.fullmatch(r"[a-z0-9-]+", row.id) for row in BEHAVIOURS)


@pytest.mark.parametrize("row", BEHAVIOURS, ids=lambda row: row.id)
def test_a_row_is_whole(row):
    assert row.section in SECTIONS and row.known in get_args(Evidence)
    assert row.claim.endswith(".") and len(row.claim) > 10 and row.source


def test_every_behaviour_has_a_test():
    proved = proving_tests(ROOT / "tests")
    assert [row.id for row in BEHAVIOURS if not proved[row.id]] == [], "mark a test with the behaviour's id"


def test_every_kind_of_evidence_is_explained():
    assert set(MEANINGS) == set(get_args(Evidence))


def test_no_section_is_empty():
    assert {row.section for row in BEHAVIOURS} == set(SECTIONS)


@pytest.mark.parametrize("row", BEHAVIOURS, ids=lambda row: row.id)
def test_what_the_specification_says_is_documented(row):
    """A behaviour that is known in several ways has the strongest word."""
    assert row.known == "documented" or not row.source.startswith((f"{SPECIFICATION};", f"{SPECIFICATION} names"))


def test_every_section_that_a_test_cites_is_on_the_page():
    sources = [path for folder in CITING for path in (ROOT / "tests" / folder).rglob("*.py")]
    assert len(sources) > 50
    unknown = {(path.name, number) for path in sources for number in CITATION.findall(path.read_text())}
    assert {(name, number) for name, number in unknown if number not in SECTIONS} == set()


def test_every_variant_of_every_switch_has_a_row():
    switches = [tuple(row.switch.split("=")) for row in BEHAVIOURS if row.switch is not None]
    assert set(switches) == {(name, variant) for name in names() for variant in variants(name)}


def test_every_event_of_the_dialect_is_named():
    named = {name for row in BEHAVIOURS for name in TYPE.findall(row.claim)}
    assert EVENTS - named == set()
    assert named - EVENTS - NOT_OF_THE_GA == set(), "an event that there is not"


def test_gaps_say_what_is_there_instead():
    assert len({gap.what for gap in GAPS}) == len(GAPS) > 10
    assert all(gap.instead.endswith(".") for gap in GAPS)


def test_what_only_a_script_can_say_is_said_by_no_session():
    """Their events are made nowhere in the server."""
    scripted = {name for row in BEHAVIOURS if row.events == "scripted" for name in TYPE.findall(row.claim)}
    classes = {each.__name__ for each in get_args(ServerEvent) if each.__struct_config__.tag in scripted}
    assert len(classes) == len(scripted) == 11
    used = {
        node.func.id
        for path in (ROOT / "harness/server").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert used & classes == set() and "SessionCreated" in used

"""The page on the states of a session."""

from pathlib import Path

import pytest

from harness.report.session_states import diagram, render
from harness.server.states import NO_TURN, REQUESTED, RESPONSE_STAGES, TURN_STAGES
from harness.vad.turn import EMITS, IDLE, TRANSITIONS

PAGE = Path(__file__).parent.parent.parent / "docs" / "session-states.md"
TABLES = {"detection": (TRANSITIONS, IDLE), "turn": (TURN_STAGES, NO_TURN), "response": (RESPONSE_STAGES, REQUESTED)}


def test_the_page_is_fresh():
    assert PAGE.read_text() == render(), "run: make pages"


@pytest.mark.parametrize(("table", "start"), TABLES.values(), ids=TABLES)
def test_a_diagram_has_an_arrow_for_every_change_of_state(table, start):
    text = diagram(table, start)
    assert text.startswith(f"stateDiagram-v2\n    [*] --> {start.name}\n")
    changes = [after for before, row in table.items() for after in row.values() if after is not before]
    assert text.count("-->") == 1 + len(changes)


def test_an_arrow_says_what_is_emitted():
    text = diagram(TRANSITIONS, IDLE, {key: event.__name__ for key, event in EMITS.items()})
    assert "    IDLE --> SPEAKING: SPEECH / SpeechStarted\n" in text
    assert "    TRAILING --> IDLE: RUN_COMPLETE / SpeechStopped\n" in text
    assert "    TRAILING --> IDLE: RESET\n" in text

"""``stillthere schema``."""

import json

from harness.scenario.document import json_schema


def test_it_prints_the_schema_and_nothing_else(stillthere):
    outcome = stillthere("schema")
    assert outcome.code == 0 and outcome.err == ""
    assert json.loads(outcome.out) == json_schema()

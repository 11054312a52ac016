"""The page of the shipped scenarios as Markdown: what each is about, where it comes from, and how each client ends.

``python -m harness.report.pack > docs/scenario-pack.md`` makes it.
"""

import re

from ..scenario import Scenario, load, shipped_scenarios
from ..scenario.tags import TAGS
from .tables import table

_SHOWN_CLIENTS = ("reported", "resilient")
_PREFACE = """\
# The scenario pack

Scenarios of what silences a voice client, or was suspected to; each plays in a tenth of a second. Run one by its name:
`stillthere run mute_mid_speech --client resilient`. Each file tells the whole story. Several start with a turn that is
answered: they include `common/first_turn.yaml`, and are vacuous if it is not answered.

`reported` is the client of the report that started this project, `resilient` the same client with the recovery ladder.
*held*: after everything had healed, a user who spoke was answered in time, and all else that the scenario expects
happened. Scenarios in which both hold are here because some published client became silent in them.

Two outcomes changed when an answer had to be heard, and when more than silence became a failure:
`endless_silent_reply` with `reported` (300 ms of silence used to count as an answer) and
`session_with_defaults_after_reconnect` with `reported` (its settings are lost in the new session, and it does not send
them again). `answer` in `expect:` means an answer to that step; no other outcome changed by it.

A source `owner/repo#1` is an issue or a pull request on GitHub; `measured` was seen in a real Chromium or with real
recordings.

## Tags

`tags:` say what a scenario is about, and select scenarios in tests: `@pytest.mark.scenarios("tag:capture and not
tag:app-switch")`, see [testing-with-pytest.md](testing-with-pytest.md). Your own scenarios may have any others."""


def render() -> str:
    """The page, with a newline at its end."""
    found = [(path.stem, load(path)) for path in shipped_scenarios()]
    used = [tag for _, scenario in found for tag in scenario.tags]
    tags = table(("tag", "what it is about", "scenarios"), ((f"`{t}`", TAGS[t], str(used.count(t))) for t in TAGS))
    head = ("scenario", "what happens", "tags", "source", *(f"`{client}`" for client in _SHOWN_CLIENTS))
    rows = table(head, (_row(name, scenario) for name, scenario in found))
    return f"{_PREFACE}\n\n{tags}\n\n## Scenarios\n\n{rows}\n"


def first_sentence(story: str) -> str:
    """Up to the first full stop, exclamation or question mark that ends a sentence."""
    return re.split(r"(?<=[.!?])\s", " ".join(story.split()), maxsplit=1)[0]


def _row(name: str, scenario: Scenario) -> tuple[str, ...]:
    link = f"[`{name}`](../scenarios/{name}.yaml)"
    outcomes = (_outcome(scenario.outcomes.get(client)) for client in _SHOWN_CLIENTS)
    happens = f"*{scenario.name}.* {first_sentence(scenario.story)}"
    return link, happens, ", ".join(scenario.tags), scenario.source, *outcomes


def _outcome(known: str | None) -> str:
    if known is None:
        return "not known"
    name, _, cause = known.partition(": ")
    return f"{name}: `{cause}`" if cause else name


if __name__ == "__main__":
    print(render(), end="")

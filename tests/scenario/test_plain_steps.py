"""Plain steps: read without the YAML library, and never otherwise than it reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ScenarioError
from harness.scenario import loads, nodes, plain_steps

FLOW = "  - {at: 2s, say: babble, lasts: 1s, level: -20 dBFS}\n"
BLOCK = "  - at: 2s\n    say: babble\n    lasts: 1s\n    level: -20 dBFS\n"
HEAD = "scenario: s\ntimeline:\n"
LINES = (
    *("timeline:", "scenario: s", "story: |", "story: 'a", "b'", "  - {at: 1s, say: babble}", "- {at: 1s, n: 012}"),
    *("  - at: 2s", "    say: babble", "   by: 1s", "      more words", "", "   ", "# note", "    # note", "\t", "  -"),
    *(
        "    lasts: 1e3",
        "  - {k: true, k: null}",
        "  - {at: 2s, by: ~}",
        "  - - at: 1s",
        "expect: [",
        "]",
        "a: &x",
        "b: *x",
    ),
    *(
        "  - at: -20",
        "    at: .5",
        "  - {at: 2001-01-01}",
        "  - {at: 1s} # note",
        "...",
        "---",
        "  ? a",
        "%YAML 1.1",
        "  - a: b c",
    ),
    *(
        "    assume: [connected]",
        "  - {at: 0x1F, b: +1, c: 1_000, d: 1., e: .}",
        "  - {a: 1s,}",
        "  - [ {a: b} ]",
        "  x: y",
    ),
)


def plain(node: object) -> object:
    """All that a tree of nodes means: tags, texts, and where each begins."""
    assert isinstance(node, nodes.Node)
    where = (node.start_mark.line, node.start_mark.column)
    if isinstance(node, nodes.MappingNode):
        return where, node.tag, [(plain(key), plain(value)) for key, value in node.value]
    if isinstance(node, nodes.SequenceNode):
        return where, node.tag, [plain(entry) for entry in node.value]
    return where, node.tag, node.value


def read(text: str) -> tuple[object, ...]:
    """What the file means and its mistakes; a file that is not YAML is its error."""
    try:
        root = nodes.compose(text, "s.yaml")
    except ScenarioError as error:
        return "error", error.problems[0].line, error.problems[0].column
    reader = nodes.Reader()
    try:
        data = repr(reader.data(root))
        return data, list(reader.mistakes), plain(root)
    except RecursionError:
        return ("recursive",)


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=12).map("\n".join))
def test_property_any_text_is_read_as_the_library_reads_it(text: str) -> None:
    ours = read(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "take_out", lambda text, name: plain_steps.untouched(text))
        assert ours == read(text)


@pytest.mark.parametrize("step", [FLOW, BLOCK])
def test_the_library_reads_the_same_few_events_however_many_steps_there_are(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    read = nodes._read

    def counted(rest: plain_steps.Rest, name: str) -> nodes.Node | None:
        root = read(rest, name)
        assert root is not None
        sizes.append((len(list(nodes._nodes(root))), len(rest.text.split("\n"))))
        return root

    monkeypatch.setattr(nodes, "_read", counted)
    few, many = loads(HEAD + 2 * step), loads(HEAD + 300 * step)
    assert (len(few.timeline), len(many.timeline)) == (2, 300)
    assert sizes[0] == sizes[1]
    assert many.timeline[299].line == 3 + 299 * step.count("\n")


def test_a_mistake_in_a_plain_step_has_its_line_and_column() -> None:
    with pytest.raises(ScenarioError) as caught:
        loads(HEAD + 9 * BLOCK + FLOW.replace("babble", "bubble"), "s.yaml")
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (3 + 9 * 4, FLOW.index("babble") + 1)


def test_steps_in_a_text_stay_text() -> None:
    scenario = loads(f"scenario: s\nstory: |\n{FLOW}timeline:\n{FLOW}")
    assert scenario.story == FLOW.strip()
    assert len(scenario.timeline) == 1


def test_a_private_use_character_in_the_file_is_not_taken_for_a_run() -> None:
    assert loads(f"scenario: '{plain_steps.STAND_IN}'\ntimeline:\n{FLOW}").name == plain_steps.STAND_IN

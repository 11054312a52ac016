"""An expression selects the scenarios that it says, or is refused in one sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError, SettingError
from harness.scenario import load, shipped_scenarios
from harness.scenario.selection import parse, select

NAMES = [path.stem for path in shipped_scenarios()]


def tagged(tag):
    return {name for name in NAMES if tag in load(name).tags}


def test_a_name_a_tag_and_a_pattern():
    assert list(select("reported_freeze")) == ["reported_freeze"]
    assert set(select("tag:keyboard")) == tagged("keyboard")
    assert set(select("closed_*")) == {name for name in NAMES if name.startswith("closed_")}
    assert select("tool_call")["tool_call"] == load("tool_call")


def test_and_or_not_and_brackets():
    assert set(select("tag:capture and not tag:app-switch")) == tagged("capture") - tagged("app-switch")
    assert set(select("tag:echo or reported_freeze")) == {*tagged("echo"), "reported_freeze"}
    assert set(select("tag:capture and (tag:echo or tag:telephone)")) == tagged("capture") & (
        tagged("echo") | tagged("telephone")
    )


WORDS = {"a": True, "b": False, "tag:t": True, "tag:u": False}
expressions = st.recursive(
    st.sampled_from(sorted(WORDS)),
    lambda parts: st.one_of(
        parts.map("not {}".format),
        parts.map("({})".format),
        st.tuples(parts, st.sampled_from(["and", "or"]), parts).map(" ".join),
    ),
    max_leaves=8,
)


@given(expressions)
def test_it_binds_as_in_python(expression):
    """Python's own ``not``, ``and`` and ``or`` over the same truth values."""
    python = expression.replace("tag:", "tag_")
    truths = {word.replace("tag:", "tag_"): value for word, value in WORDS.items()}
    assert parse(expression)("a", {"t"}) is eval(python, {}, truths)


WRONG = {
    "": "'' selects no scenario; write a name, tag:NAME",
    "tag:captur": "no scenario has the tag 'captur'; did you mean 'capture'?",
    "reported_freze": "no scenario is called 'reported_freze'; did you mean 'reported_freeze'?",
    "qqqq": "no scenario is called 'qqqq'; `stillthere list` shows the shipped ones",
    "echo": "no scenario is called 'echo'; its tag is tag:echo",
    "tool_call or": "'tool_call or' is wrong at its end",
    "tool_call one_tool_call": "is wrong at 'one_tool_call'; write names and tag:NAME with 'and'",
    "(tool_call": "is wrong at its end",
    "tool_call)": r"is wrong at '\)'",
    "tag:echo and tag:tools": "'tag:echo and tag:tools' selects no scenario; leave a part of it out",
    "(" * 60 + "tool_call": "is nested more than 50 deep",
}


@pytest.mark.parametrize("expression", WRONG)
def test_what_is_wrong_is_said_in_one_sentence(expression):
    with pytest.raises(SettingError, match=WRONG[expression]) as raised:
        select(expression)
    assert "\n" not in str(raised.value)


def test_folders_of_ones_own(tmp_path):
    for name, tag in (("mine", "capture"), ("yours", "wire")):
        text = f"scenario: {name}\ntimeline:\n  - {{at: 1s, say: babble}}\ntags: [{tag}]\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    assert list(select("tag:wire", [tmp_path])) == ["yours"]
    assert list(select("mine", [tmp_path / "mine.yaml"])) == ["mine"]
    with pytest.raises(SettingError, match="no scenario has the tag 'gate'; known: capture, wire"):
        select("tag:gate", [tmp_path])
    with pytest.raises(InputError, match=r"there is no folder '.*nowhere' with scenarios; its path is relative to"):
        select("mine", [tmp_path / "nowhere"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"the folder '.*empty' has no scenario; its files end in \.yaml"):
        select("mine", [tmp_path / "empty"])
    with pytest.raises(InputError, match="have the same name; rename one of them"):
        select("mine", [tmp_path, tmp_path / "mine.yaml"])

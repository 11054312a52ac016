"""Hypothesis strategies for scenarios that a file can express."""

import json
import re

from hypothesis import strategies as st

from harness.audio import NOISES, clip_names
from harness.audio.audio_files import LONGEST_CLIP_US
from harness.causes import CAUSES
from harness.properties import CHOICES, PROPERTY_NAMES
from harness.quantities import LARGEST_PEAK_LSB, LONGEST_DURATION_US
from harness.ranges import between
from harness.scenario import model, values
from harness.scenario.profiles import PROFILES
from harness.scenario.tags import LONGEST_TAG, TAG_PATTERN
from harness.server import policy
from harness.server.asked import ResultPattern
from harness.server.captures import has_captures
from harness.server.detection import LONGEST_WAIT_MS
from harness.server.voice import FAILURES
from harness.vad.detector import DETECTORS
from tests.faults.strategies import faults, names, or_ranges, texts

plain_durations = st.integers(0, LONGEST_DURATION_US)
durations = or_ranges(plain_durations)
bounds = st.integers(1, LONGEST_DURATION_US)
spoken = or_ranges(st.integers(0, LONGEST_CLIP_US))
"""How long somebody speaks at a stretch."""
levels = or_ranges(st.floats(-120, 0).map(lambda level: level + 0.0))
peaks = st.integers(0, LARGEST_PEAK_LSB)
clips = st.sampled_from(("babble", *clip_names()))

semantic_detections = st.fixed_dictionaries(
    {"type": st.just("semantic_vad")},
    optional={"eagerness": st.sampled_from(sorted(LONGEST_WAIT_MS)), "create_response": st.booleans()},
)
server_detections = st.fixed_dictionaries(
    {},
    optional={
        "type": st.just("server_vad"),
        "threshold": st.floats(0, 1),
        "prefix_padding_ms": st.integers(0, 10_000),
        "silence_duration_ms": st.integers(0, 60_000),
        "create_response": st.booleans(),
        "interrupt_response": st.booleans(),
        "idle_timeout_ms": st.none() | st.integers(5_000, 30_000),
    },
)
policies = st.builds(policy.ServerPolicy, **{name: st.sampled_from(policy.variants(name)) for name in policy.names()})


def dumped(value: object) -> str:
    """JSON as a scenario holds it."""
    return json.dumps(value, ensure_ascii=False)


uncaptured = st.text().filter(lambda words: not has_captures(words))
arguments = st.dictionaries(st.text(), st.none() | st.integers() | uncaptured, max_size=3)
calls = st.builds(model.Call, names, arguments.map(dumped))


@st.composite
def replies(draw: st.DrawFn) -> model.Reply:
    """Any reply; only one that does not end well is cut."""
    fails = draw(st.none() | st.sampled_from(sorted(FAILURES)))
    incomplete = None if fails else draw(st.none() | st.sampled_from(values.INCOMPLETE_REASONS))
    clip = draw(clips | st.sampled_from(("silence", "none")))
    return model.Reply(
        clip=clip,
        text=draw(st.none() | names.filter(lambda words: not has_captures(words))),
        lasts_us=draw(st.none() | spoken),
        level_dbfs=None if clip in ("silence", "none") else draw(st.none() | levels),
        latency_us=draw(durations),
        pace=draw(st.floats(0.1, 1000)),
        calls=tuple(draw(st.lists(calls, max_size=2))),
        fails=fails,
        incomplete=incomplete,
        cut_after_us=draw(st.none() | durations) if fails or incomplete else None,
        created_after_us=draw(durations),
        cancelled_after_us=draw(durations),
        reasoning_tokens=draw(st.integers(0, 100_000)),
    )


numbers = st.integers(1, 1000)
patterns = names.filter(lambda words: "\\" not in words).map(re.escape)
conditions = {
    "heard": patterns,
    "typed": patterns,
    "instructions": patterns,
    "tools": patterns | st.lists(names, min_size=1, max_size=2).map(tuple),
    "result": st.builds(ResultPattern, output=patterns),
}
rules = st.one_of(
    st.builds(model.ReplyRule, replies(), numbers, **{key: st.none() | each for key, each in conditions.items()}),
    *(st.builds(model.ReplyRule, replies(), **{key: each}) for key, each in conditions.items()),
)


def _turn(rule: model.ReplyRule) -> int | None:
    return rule.turn


def _first_has_a_turn(rules: list[model.ReplyRule]) -> bool:
    """Of two rules for different turns, one for any turn comes last, or it would hide the other."""
    return len(rules) < 2 or _turn(rules[0]) is not None


servers = st.builds(
    model.ServerSetup,
    st.sampled_from(sorted(DETECTORS)),
    server_detections | semantic_detections,
    policies,
    replies(),
    st.lists(rules, max_size=2, unique_by=_turn).filter(_first_has_a_turn).map(tuple),
    st.lists(texts.filter(lambda words: not words.startswith("<")) | st.just("<server_error>"), max_size=2).map(tuple),
    names,
    durations,
)
settings = st.fixed_dictionaries(
    {},
    optional={
        "gate_threshold": st.floats(0, 1) | st.builds(between, st.floats(0, 0.5), st.floats(0.5, 1)),
        "gate_hold_ms": st.integers(0, 60_000) | st.builds(between, st.integers(0, 99), st.integers(99, 60_000)),
        "watchdog_ms": st.none() | st.integers(1, 3_600_000),
        "recovery": st.sampled_from(("off", "none", "ladder")),
        "capture_dead_dbfs": st.floats(-120, 0),
        "threshold": st.none() | st.floats(0, 1),
    },
)


@st.composite
def injections(draw: st.DrawFn) -> model.Inject:
    """Any fault, with a length if it has no meaning without one; the microphone's may last until it is reopened."""
    fault = draw(faults)
    endless = st.none() if fault.actor == "microphone" or not fault.needs_end else st.nothing()
    return model.Inject(fault, draw(endless | durations))


sounds = st.one_of(
    st.fixed_dictionaries({}, optional={"level_dbfs": levels}),
    st.fixed_dictionaries({}, optional={"peak_lsb": or_ranges(peaks)}),
)
modes = st.sampled_from((None, "keeps", "suspended"))
actions = st.one_of(
    st.builds(model.Say, clips, st.none() | levels, st.none() | spoken),
    st.builds(
        lambda kind, us, sound: model.Noise(kind, us, **sound),
        st.sampled_from((*NOISES, *clip_names())),
        durations,
        sounds,
    ),
    injections(),
    st.builds(
        model.App,
        durations,
        st.none() | modes,
        st.none() | modes,
        st.none() | st.sampled_from(sorted(PROFILES)),
    ),
    st.builds(model.Emit, names.map(lambda item: dumped({"type": "mcp_list_tools.failed", "item_id": item}))),
)


def triggers(labels_above: list[str]) -> st.SearchStrategy[model.Trigger]:
    """Any trigger; anchors at a step take one of the labels given."""
    kinds: list[st.SearchStrategy[model.Trigger]] = [
        st.builds(model.At, durations),
        st.builds(
            model.When, st.sampled_from(sorted(model.WHEN_EVENTS)), st.none() | st.integers(1, 999_999), durations
        ),
        st.builds(model.BeforeEnd, st.integers(1, 999_999), durations),
    ]
    if labels_above:
        kinds.append(st.builds(model.After, st.sampled_from(labels_above), durations))
    return st.one_of(kinds)


@st.composite
def timelines(draw: st.DrawFn) -> tuple[model.Step, ...]:
    """One to six steps whose labels differ and whose anchors are above them."""
    labels = draw(st.lists(st.none() | names, min_size=1, max_size=6, unique_by=lambda label: label or object()))
    above: list[str] = []
    steps = []
    for label in labels:
        repeat = draw(or_ranges(st.integers(1, 3)))
        steps.append(
            model.Step(
                trigger=draw(triggers(above)),
                action=draw(actions),
                assume=tuple(draw(st.lists(st.sampled_from(model.ASSUMPTIONS), max_size=2))),
                label=label,
                because=draw(st.none() | names),
                repeat=repeat,
                every_us=draw(durations),
            )
        )
        above += [label] if label else []
    return tuple(steps)


def expectations(labels: list[str]) -> st.SearchStrategy[model.Expectation]:
    """Any expectation of steps with these labels, put together up to some depth."""
    leaves = st.builds(
        model.Expect,
        st.sampled_from(sorted(model.EXPECTATIONS)),
        st.sampled_from([None, *labels]),
        st.none() | plain_durations,
        st.integers(1, 1000),
    )
    return st.recursive(
        leaves,
        lambda parts: st.one_of(
            st.builds(model.AnyOf, st.lists(parts, min_size=1, max_size=3).map(tuple)),
            st.builds(model.AllOf, st.lists(parts, min_size=1, max_size=3).map(tuple)),
            st.builds(model.Never, parts),
        ),
        max_leaves=5,
    )


tags = st.from_regex(TAG_PATTERN, fullmatch=True).filter(lambda tag: len(tag) <= LONGEST_TAG)


@st.composite
def scenarios(draw: st.DrawFn) -> model.Scenario:
    """Any scenario that a file can express, without a path and without lines."""
    timeline = draw(timelines())
    labels = [step.label for step in timeline if step.label]
    expects = st.lists(expectations(labels), max_size=3).map(tuple)
    outcome = st.sampled_from(("held", *(f"failed: {because}" for because in (*CAUSES, *PROPERTY_NAMES))))
    return model.Scenario(
        name=draw(names),
        timeline=timeline,
        story=draw(texts),
        source=draw(texts),
        room_dbfs=draw(levels),
        latency_us=draw(durations),
        jitter_us=draw(durations),
        server=draw(servers),
        client=draw(settings),
        lasts_us=draw(st.none() | durations),
        recover_within_us=draw(bounds),
        answer_within_us=draw(st.none() | bounds),
        properties=draw(st.dictionaries(st.sampled_from(PROPERTY_NAMES), st.sampled_from(CHOICES), max_size=3)),
        expect=draw(expects),
        premises=draw(expects),
        tags=tuple(draw(st.lists(tags, max_size=3, unique=True))),
        outcomes=draw(st.dictionaries(names, outcome, max_size=3)),
    )

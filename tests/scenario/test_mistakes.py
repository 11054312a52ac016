"""Every mistake in a file is reported in one sentence, at its position."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.causes import CAUSES
from harness.clients.recovery.strategies import StrategyName
from harness.errors import ScenarioError
from harness.properties import PROPERTY_NAMES
from harness.scenario import loads

from .marks import DURATION, LEVEL, TEXT, TIMELINE, TOP, clip_sentence, expect_one, problems, unmarked


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("§", "the file is empty; a scenario has at least a name and a timeline"),
        ("§# only a comment", "the file is empty; a scenario has at least a name and a timeline"),
        ("§- a", "a scenario file is a map with keys such as scenario and timeline (got a list)"),
        ("§just words", "a scenario file is a map with keys such as scenario and timeline (got 'just words')"),
        (
            "scenario: a§: b",
            "not YAML: mapping values are not allowed here; check the indentation, and put a value that holds ': '"
            " in quotes",
        ),
        (
            "scenario: a\n§\ttimeline: b",
            "not YAML: while scanning for the next token, found character '\\t' that cannot start any token; indent"
            " with spaces, not tabs",
        ),
        ("scenario: [§", "not YAML: while parsing a flow node, expected the node content, but found '<stream end>'"),
        ("scenario: §*nobody", "not YAML: found undefined alias 'nobody'"),
        ("scenario: a§\x07", "the character U+0007 is not allowed in YAML; remove it"),
        (
            "scenario: a\n§---\nscenario: b",
            "not YAML: expected a single document in the stream, but found another document; remove the second '---'"
            " and all below it",
        ),
    ],
)
def test_a_file_that_is_no_map(marked: str, message: str) -> None:
    expect_one(marked, message)


@pytest.mark.parametrize(
    "marked",
    [
        r'scenario: §"cut \ud83d"',
        'scenario: x\nserver: {reply: {text: §"\\udfff"}}',
        'scenario: x\nserver: {replies: [{turn: 1, calls: [{name: f, arguments: {§"a\\ud800": 1}}]}]}',
        'scenario: x\nserver: {transcripts: [§"\\ude00\\ud83d"]}',
    ],
)
def test_half_a_character_is_a_mistake(marked: str) -> None:
    text, [(line, column)] = unmarked(marked)
    (mistake,) = problems(text)
    assert (mistake.line, mistake.column) == (line, column)
    assert "is half of a character, and no text; write the whole one, in one escape such as" in mistake.message


@pytest.mark.parametrize("number", ["1e400", "-1e999"])
def test_a_number_that_no_message_can_carry_is_a_mistake(number: str) -> None:
    """JSON has no infinity (RFC 8259, 6)."""
    calls = f"[{{name: f, arguments: {{a: [{{b: §{number}}}]}}}}]"
    expect_one(
        TOP + f"server: {{reply: {{calls: {calls}}}}}\n", f"the number {number} is too large; write a smaller one"
    )


def test_a_character_may_be_written_as_in_json() -> None:
    """RFC 8259, 7: a character beyond U+FFFF is a pair of escapes; YAML's own escape is one."""
    text = '{"scenario": "%s", "timeline": [{"at": "1s", "say": "babble", "lasts": "1s"}]}'
    assert loads(text % r"\ud83d\ude00").name == loads(text % r"\U0001F600").name == chr(0x1F600)


def test_endless_nesting_is_a_mistake() -> None:
    assert [each.message for each in problems("[" * 1_200)] == ["the file is nested too deeply to be a scenario"]


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        (TOP + "lasts: 2s\n§lasts: 3s", "the key 'lasts' is twice in this map"),
        (TIMELINE + "  - at: 1s\n    say: babble\n    §at: 2s", "the key 'at' is twice in this map"),
        (TOP + "network: {jitter: 1ms, §jitter: 2ms}", "the key 'jitter' is twice in this map"),
        (TOP + "story: §!secret x", "the tag !secret has no meaning here"),
        (TOP + "§[a, b]: c", "a key is a word, not a list or a map"),
    ],
)
def test_yaml_that_means_nothing(marked: str, message: str) -> None:
    expect_one(marked, message)


def test_an_alias_inside_itself_is_a_mistake() -> None:
    assert "an alias cannot be inside the value that it names" in str(problems(TOP + "client: &me {watchdog_ms: *me}"))


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("§timeline:\n  - {at: 1s, say: babble}", "the key 'scenario' is missing"),
        ("§scenario: s", "the key 'timeline' is missing"),
        ("scenario: s\ntimeline: §[]", "the timeline has no steps; a step is such as: - {at: 2s, say: babble}"),
        ("scenario: s\n§timeline:", "'timeline' has no value"),
        ("scenario: s\ntimeline: §soon", "write a list here, each entry after a dash (got 'soon')"),
        (
            TOP + "client: §my_client:MyClient",
            "write keys with values here (got 'my_client:MyClient'); `run --client` names the client itself",
        ),
        ("scenario: s\ntimeline: [§3]", "write keys with values here (got 3)"),
        (TIMELINE + "  - {at: 1s, say: babble}\n  -§ ", "this entry is empty"),
        (TOP.replace("scenario: s", "§scenario:"), "'scenario' has no value"),
        (TOP.replace("scenario: s", "scenario: §''"), "write some text here; it is empty"),
        (TOP.replace("scenario: s", "scenario: §1999"), f"{TEXT} (got 1999)"),
        (TOP + "§sorce: x", "unknown key 'sorce'; did you mean 'source'?"),
        (TOP + "story: §[a]", f"{TEXT} (got a list)"),
        (TOP + "room: §-62", f"{LEVEL} (got -62)"),
        (TOP + "room: §-62 dB", f"{LEVEL} (got '-62 dB')"),
        (TOP + "room: §6 dBFS", "a level is between -120 and 0 dBFS (got '6 dBFS')"),
        (TOP + "network: §fast", "write keys with values here (got 'fast')"),
        (TOP + "network: {§latncy: 40ms}", "unknown key 'latncy'; did you mean 'latency'?"),
        (TOP + "network: {latency: §40}", f"{DURATION} (got 40)"),
        (TOP + "network: {§jitter: }", "'jitter' has no value"),
        (TOP + "lasts: §60", f"{DURATION} (got 60)"),
        (TOP + "lasts: §1:00", f"{DURATION} (got '1:00')"),
        (TOP + "lasts: §25:00:00 h", f"{DURATION} (got '25:00:00 h')"),
        (TOP + "lasts: §61min", "a duration is at most an hour, 60min (got '61min')"),
        (TOP + f"lasts: §{'9' * 400}s", f"a duration is at most an hour, 60min (got '{'9' * 75}…')"),
        (TOP + "§recover_within: 60s", "unknown key 'recover_within'; did you mean 'recover within'?"),
        (TOP + "recover within: §soon", f"{DURATION} (got 'soon')"),
        (TOP + "answer within: §soon", f"{DURATION} (got 'soon')"),
        (TOP + "properties: §strict", "write keys with values here (got 'strict')"),
        (TOP + "properties: {§word_lost: off}", "no property is called 'word_lost'; did you mean 'words_lost'?"),
        (
            TOP + "properties: {words_lost: §warning}",
            "the property words_lost is set to 'warning'; use off, warn or fail",
        ),
        (TOP + "properties: {words_lost: §true}", "the property words_lost is set to True; use off, warn or fail"),
        (TOP + "properties: {words_lost: §[fail]}", "'words_lost' is one value (got a list)"),
    ],
)
def test_the_top_of_the_file(marked: str, message: str) -> None:
    expect_one(marked, message)


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("§detecter: silero", "unknown key 'detecter'; did you mean 'detector'?"),
        ("detector: §silro", "unknown detector 'silro'; did you mean 'silero'?"),
        ("turn_detection: {§treshold: 1}", "unknown key 'treshold'; did you mean 'threshold'?"),
        ("turn_detection: {threshold: §1.5}", "give a number from 0 to 1 (got 1.5)"),
        ("turn_detection: {threshold: §true}", "give a number from 0 to 1 (got true)"),
        ("turn_detection: {prefix_padding_ms: §-1}", "give a whole number from 0 to 10000 (got -1)"),
        ("turn_detection: {silence_duration_ms: §200ms}", "give a whole number from 0 to 60000 (got '200ms')"),
        ("turn_detection: {silence_duration_ms: §0.5}", "give a whole number from 0 to 60000 (got 0.5)"),
        ("turn_detection: {create_response: §off}", "write true or false (got 'off')"),
        ("turn_detection: {§interrupt_response: }", "'interrupt_response' has no value"),
        ("turn_detection: {idle_timeout_ms: §100}", "give a whole number from 5000 to 30000 (got 100)"),
        (
            "turn_detection: {type: §psychic_vad}",
            "unknown turn detection type 'psychic_vad'; did you mean 'semantic_vad'?",
        ),
        (
            "policy: {§clear_in_speech: reset}",
            "no server policy is called 'clear_in_speech'; did you mean 'clear_during_speech'?",
        ),
        (
            "policy: {clear_during_speech: §wedged}",
            "server policy clear_during_speech has no variant 'wedged'; did you mean 'wedge'?",
        ),
        ("policy: {clear_during_speech: §[wedge]}", "'clear_during_speech' is one value (got a list)"),
        (
            "policy: {prefix_in_start: §true}",
            "server policy prefix_in_start has no variant True; known: yes, no",
        ),
        ("policy: §wedge", "write keys with values here (got 'wedge')"),
        (
            "reply: {clip: §speech_en_f_tts_hibary}",
            clip_sentence("speech_en_f_tts_hibary"),
        ),
        ("reply: {lasts: §3}", f"{DURATION} (got 3)"),
        ("reply: {pace: §fast}", "give a number from 0.1 to 1000 (got 'fast')"),
        ("reply: {pace: §0}", "give a number from 0.1 to 1000 (got 0)"),
        ("reply: {§pac: 1}", "unknown key 'pac'; did you mean 'pace'?"),
    ],
)
def test_the_server(marked: str, message: str) -> None:
    expect_one(f"{TOP}server:\n  {marked}", message)


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("{§gate_treshold: 0.1}", "no client setting is called 'gate_treshold'; did you mean 'gate_threshold'?"),
        ("{gate_threshold: §2}", "client setting gate_threshold is 2; give a value from 0 to 1"),
        ("{watchdog_ms: §30s}", "client setting watchdog_ms is '30s'; give a whole number"),
        ("{gate_threshold: §0.05..2}", "client setting gate_threshold is 2.0; give a value from 0 to 1"),
        (
            "{gate_threshold: §0.05..0.01}",
            "client setting gate_threshold is '0.05..0.01'; a range goes from low to high",
        ),
        ("{gate_hold_ms: §0.5..2}", "client setting gate_hold_ms is '0.5..2'; give a whole number at each end"),
        ("{gate_mode: §0..2}", "client setting gate_mode is '0..2'; use zeros, skip or off"),
        ("{recovery: §on}", f"client setting recovery is 'on'; use one of: {', '.join(get_args(StrategyName))}"),
        ("{chunk_ms: §{a: 1}}", "'chunk_ms' is one value (got a map)"),
        ("§[]", "write keys with values here (got a list)"),
    ],
)
def test_the_client(marked: str, message: str) -> None:
    expect_one(f"{TOP}client: {marked}", message)


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("§fine", "write held, failed, or \"failed: CAUSE\" in quotes (got 'fine')"),
        ("§'failed: capture_ded'", "unknown cause 'capture_ded'; did you mean 'capture_dead'?"),
        ("§'failed: x'", f"unknown cause 'x'; known: {', '.join((*CAUSES, *PROPERTY_NAMES))}"),
        ("§true", 'write held, failed, or "failed: CAUSE" in quotes (got true)'),
        (
            "failed§: capture_dead",
            "not YAML: mapping values are not allowed here; check the indentation, and put a value that holds ': '"
            " in quotes",
        ),
    ],
)
def test_an_outcome(marked: str, message: str) -> None:
    expect_one(f"{TOP}outcomes:\n  reported: {marked}", message)


A_TAG = "a tag is at most 30 lower-case letters, digits and single hyphens, such as barge-in"


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("tags: [capture, §Capture]", f"{A_TAG} (got 'Capture')"),
        ("tags: [§two words]", f"{A_TAG} (got 'two words')"),
        ("tags: [§7]", f"{A_TAG} (got 7)"),
        (f"tags: [§{31 * 'a'}]", f"{A_TAG} (got {31 * 'a'!r})"),
        ("tags: §capture", "write a list here, each entry after a dash (got 'capture')"),
        ("tags: §[echo, gate, echo]", "the tag 'echo' occurs twice; leave one out"),
        (f"tags: §[{', '.join(f't{n}' for n in range(21))}]", "a scenario has at most 20 tags (got 21)"),
    ],
)
def test_a_tag(marked: str, message: str) -> None:
    expect_one(f"{TOP}{marked}", message)


def test_an_audio_file_that_is_missing_or_of_a_wrong_rate(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "fast.wav", np.zeros(100, np.int16), 999_999)
    soundfile.write(tmp_path / "good.wav", np.zeros(100, np.int16), 24_000)
    lines = [f"  - {{at: 1s, say: {name}.wav}}\n" for name in ("fast", "good", "lost")]
    found = problems(TIMELINE + "".join(lines), tmp_path)
    assert [(each.line, each.column) for each in found] == [(3, 19), (5, 19)]
    assert [each.message for each in found] == [clip_sentence(name, tmp_path) for name in ("fast.wav", "lost.wav")]
    assert "999999 Hz" in found[0].message


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text, places = unmarked(
        """\
scenario: §5
§sorce: x
network: {§latncy: 40ms, jitter: §10}
server:
  detector: §silro
  turn_detection: {threshold: §2, create_response: §yes}
  policy: {clear_during_speech: §wedged}
client: {§gate_treshold: 0.0008, watchdog_ms: §soon}
timeline:
  - at: §2
    say: §nobody
    level: §-20
    §repeat: 3
    label: greeting
    label: greeting
  - before end of: §3
    §nosie: thocks
    peak: §12000
    assume: [§assistant speaking]
  - after: §later
    §app: background
  - at: 1s
    §microphone: near-silent
    label: later
  -§
  - §foo
expect:
  - §speech_startd: {after: greeting, within: 500ms}
  - answer: {after: §greetings, within: §6}
outcomes:
  resilient: §hold
""".replace("    label: greeting\n    label", "    label: greeting\n    §label")
    )
    assert [(each.line, each.column) for each in problems(text)] == places


GOOD_LINES = Path(__file__).with_name("good.yaml").read_text(encoding="utf-8").splitlines()
SCRAPS = st.sampled_from(
    ("", "[", "{", "- ", "null", "~", "5", "1e999", ".nan", "&a [*a]", "? x", "!!binary x", "'", ":")
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(range(len(GOOD_LINES))), SCRAPS, st.booleans()), min_size=1, max_size=4))
def test_no_damage_to_a_good_file_gives_more_than_mistakes(damages: list[tuple[int, str, bool]]) -> None:
    lines = list(GOOD_LINES)
    for index, scrap, keeps_key in damages:
        key, colon, _ = lines[index].partition(":")
        lines[index] = f"{key}{colon} {scrap}" if keeps_key else scrap
    try:
        loads("\n".join(lines))
    except ScenarioError as error:
        assert all(1 <= each.line <= len(lines) + 1 and each.column >= 1 for each in error.problems)

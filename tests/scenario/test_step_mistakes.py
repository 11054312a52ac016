"""Every mistake in a step or an expectation is reported in one sentence, at its position."""

import pytest

from harness.faults import SERVER

from .marks import (
    ACTIONS,
    ANSWER,
    BELOW,
    DURATION,
    LEVEL,
    PEAK,
    STEP_KEYS,
    TEXT,
    TIMELINE,
    TOP,
    TRIGGERS,
    clip_sentence,
    expect_one,
)


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("{at: §2, say: babble}", f"{DURATION} (got 2)"),
        ("{§at: , say: babble}", "'at' has no value"),
        ("{at: §-2s, say: babble}", "a duration is not negative (got '-2s')"),
        ("§{say: babble}", f"{TRIGGERS} none"),
        ("§{at: 1s}", f"{ACTIONS} none"),
        ("{at: 1s, §nosie: thocks, lasts: 1s}", "unknown key 'nosie'; did you mean 'noise'?"),
        ("{§att: 1s, say: babble}", "unknown key 'att'; did you mean 'at'?"),
        ("{at: 1s, say: babble, §volume: 11}", f"unknown key 'volume'; known: {', '.join(STEP_KEYS)}"),
        ("{at: 1s, §after: greeting, say: babble}", f"{TRIGGERS} at and after"),
        ("{at: 1s, say: babble, §server: mute}", f"{ACTIONS} say and server"),
        (
            "{at: 1s, §by: 2s, say: babble}",
            "'by' goes with an anchor (after, when or before end of), not with 'at'",
        ),
        ("{after: greeting, by: §500, say: babble}", f"{DURATION} (got 500)"),
        ("{after: §greting, say: babble}", "no step is labelled 'greting'; did you mean 'greeting'?"),
        ("{after: §3, say: babble}", f"{TEXT} (got 3)"),
        ("{when: §speech_strted, say: babble}", "unknown event 'speech_strted'; did you mean 'speech_started'?"),
        ("{when: §speech_started 0, say: babble}", "events are counted from 1 (got 'speech_started 0')"),
        (
            "{when: §speech started 2 x, say: babble}",
            "write an event, such as speech_started or speech_started 2 (got 'speech started 2 x')",
        ),
        ("{before end of: §3, say: babble}", f"{ANSWER} (got 3)"),
        ("{before end of: §answer 0, say: babble}", f"{ANSWER} (got 'answer 0')"),
        (
            "{at: 1s, say: §speech_en_m_jfk, level: -3 dBFS}",
            clip_sentence("speech_en_m_jfk"),
        ),
        ("{at: 1s, say: §xyz}", clip_sentence("xyz")),
        ("{at: 1s, say: babble, level: §-20}", f"{LEVEL} (got -20)"),
        ("{at: 1s, say: babble, §peak: 3 LSB}", "'peak' goes with noise, not with 'say'"),
        ("{at: 1s, say: babble, §until: reopened}", "'until' goes with microphone, not with 'say'"),
        ("{at: 1s, say: babble, §capture: keeps}", "'capture' goes with app, not with 'say'"),
        ("{at: 1s, noise: §thock, lasts: 1s}", "unknown noise 'thock'; did you mean 'thocks'?"),
        ("{at: 1s, §noise: thocks}", "'noise' needs its length, such as lasts: 2s"),
        ("{at: 1s, noise: thocks, lasts: §1}", f"{DURATION} (got 1)"),
        ("{at: 1s, noise: thocks, lasts: 1s, peak: §12000}", f"{PEAK} (got 12000)"),
        (
            "{at: 1s, noise: thocks, lasts: 1s, level: -3 dBFS, §peak: 3 LSB}",
            "a noise has 'level' or 'peak', not both",
        ),
        (
            "{at: 1s, microphone: §near-silence, lasts: 1s}",
            "unknown microphone fault 'near-silence'; did you mean 'near-silent'?",
        ),
        (
            "{at: 1s, §microphone: zeroed}",
            "a microphone fault needs an end: lasts: 5s, or until: reopened",
        ),
        (
            "{at: 1s, microphone: zeroed, lasts: 1s, §until: reopened}",
            "a microphone fault has 'lasts' or 'until', not both",
        ),
        ("{at: 1s, microphone: zeroed, until: §reopend}", "unknown ending 'reopend'; did you mean 'reopened'?"),
        (
            "{at: 1s, microphone: zeroed, lasts: 1s, with: {§peak: 3 LSB}}",
            "the fault 'zeroed' has no parameter 'peak'; it has no parameters",
        ),
        (
            "{at: 1s, microphone: near-silent, lasts: 1s, §peak: 3 LSB}",
            "'peak' goes with noise, not with 'microphone'",
        ),
        (
            "{at: 1s, microphone: near-silent, lasts: 1s, with: {§paek: 3 LSB}}",
            "the fault 'near-silent' has no parameter 'paek'; did you mean 'peak'?",
        ),
        (
            "{at: 1s, microphone: near-silent, lasts: 1s, with: {peak: §96..41 LSB}}",
            "'peak' of the fault 'near-silent': peaks go from low to high and up to 32767 LSB (got '96..41 LSB')",
        ),
        (
            "{at: 1s, microphone: near-silent, lasts: 1s, with: {peak: §1..40000 LSB}}",
            "'peak' of the fault 'near-silent': peaks go from low to high and up to 32767 LSB (got '1..40000 LSB')",
        ),
        ("{at: 1s, microphone: near-silent, lasts: 1s, with: §loud}", "write keys with values here (got 'loud')"),
        ("{at: 1s, microphone: near-silent, lasts: 1s, §with: }", "'with' has no value"),
        (
            "{at: 1s, say: babble, §with: {peak: 3 LSB}}",
            "'with' goes with microphone or network or server, not with 'say'",
        ),
        ("{at: 1s, app: §foreground, lasts: 1s}", "unknown app state 'foreground'; did you mean 'background'?"),
        ("{at: 1s, §app: background}", "'app' needs its length, such as lasts: 2s"),
        ("{at: 1s, app: background, lasts: 1s, capture: §off}", "unknown mode 'off'; known: keeps, suspended"),
        ("{at: 1s, network: §half_open}", "unknown network fault 'half_open'; did you mean 'half-open'?"),
        ("{at: 1s, network: §held-idle, lasts: 1s}", "'held-idle' is a server fault; write server: held-idle"),
        ("{at: 1s, microphone: §half-open, lasts: 1s}", "'half-open' is a network fault; write network: half-open"),
        ("{at: 1s, §network: stall}", "the fault 'stall' needs its length, such as lasts: 2s"),
        ("{at: 1s, server: §held-actve}", "unknown server fault 'held-actve'; did you mean 'held-active'?"),
        (
            "{at: 1s, server: §[mute]}",
            f"write the name of a server fault (got a list); known: {', '.join(SERVER)}",
        ),
        ("{at: 1s, say: babble, §repeat: 3}", "'repeat' needs 'every', such as every: 12s"),
        ("{at: 1s, say: babble, §every: 3s}", "'every' needs 'repeat', such as repeat: 3"),
        ("{at: 1s, say: babble, every: 3s, repeat: §0}", "give a whole number from 1 to 1000 (got 0)"),
        ("{at: 1s, say: babble, label: §greeting}", "the label 'greeting' is taken by a step above"),
        ("{at: 1s, say: babble, label: §7}", f"{TEXT} (got 7)"),
        (
            "{at: 1s, say: babble, assume: §assistant speaking}",
            "unknown assumption 'assistant speaking'; did you mean 'assistant is speaking'?",
        ),
        (
            "{at: 1s, say: babble, assume: [connected, §conected]}",
            "unknown assumption 'conected'; did you mean 'connected'?",
        ),
        ("{at: 1s, say: babble, assume: §{a: b}}", "write a list here, each entry after a dash (got a map)"),
        ("{at: 1s, say: babble, because: §5}", f"{TEXT} (got 5)"),
    ],
)
def test_a_step(marked: str, message: str) -> None:
    expect_one(f"{TIMELINE}{BELOW}  - {marked}", message)


def test_an_anchor_stands_above_its_step() -> None:
    expect_one(
        f"{TIMELINE}  - {{after: §greeting, say: babble}}\n{BELOW}",
        "the step 'greeting' is not above this one; move it up",
    )
    expect_one(
        f"{TIMELINE}  - {{after: §me, say: babble, label: me}}", "the step 'me' is not above this one; move it up"
    )


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        (
            "§speech_startd: {after: greeting, within: 1s}",
            "unknown expectation 'speech_startd'; did you mean 'speech_started'?",
        ),
        ("answer: {after: §greting, within: 1s}", "no step is labelled 'greting'; did you mean 'greeting'?"),
        ("answer: {after: greeting, within: §1}", f"{DURATION} (got 1)"),
        ("answer: {after: greeting, §wihtin: 1s, within: 1s}", "unknown key 'wihtin'; did you mean 'within'?"),
        ("§answer:", "'answer' has no value"),
        ("answer: §soon", "write keys with values here (got 'soon')"),
        (
            "{answer: {after: greeting, within: 1s}, §recovery: {after: greeting, within: 1s}}",
            "one expectation an entry; put a dash before this one",
        ),
    ],
)
def test_an_expectation(marked: str, message: str) -> None:
    expect_one(f"{TIMELINE}{BELOW}expect:\n  - {marked}", message)


def test_a_label_that_nobody_has_is_told_how_to_give() -> None:
    expect_one(
        f"{TOP}expect:\n  - answer: {{after: §greeting, within: 1s}}",
        "no step is labelled 'greeting'; give a step 'label: greeting'",
    )

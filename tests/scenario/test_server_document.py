"""``server:`` of a scenario file: what the assistant answers, what the user's turns say, and mistakes in it."""

import pytest

from harness.errors import ScenarioError
from harness.scenario import loads
from harness.scenario.model import Call, Emit, Reply, ReplyRule
from harness.units import MS, SECOND

from .marks import TOP, clip_sentence, expect_one

SERVER = TOP + "server: "
STEP = "scenario: s\ntimeline:\n  - {at: 1s, "


def server(text):
    return loads(SERVER + text).server


def test_a_transcription_session() -> None:
    found = server("{session: transcription, model: gpt-4o-transcribe, transcripts: [Hello.]}")
    assert (found.session, found.model, found.transcripts) == ("transcription", "gpt-4o-transcribe", ("Hello.",))
    assert server("{model: gpt-realtime}").session == "realtime"


@pytest.mark.parametrize(
    ("text", "key", "sentence"),
    [
        ("{session: transcription, reply: {text: Hi.}}", "reply", "a transcription session has no 'reply'"),
        ("{session: transcription, replies: [{turn: 1}]}", "replies", "a transcription session has no 'replies'"),
        ("{session: transcription, model: gpt-realtime}", "model", "'gpt-realtime' does not transcribe"),
        ("{model: gpt-realtime-whisper}", "model", "'gpt-realtime-whisper' holds no conversation"),
        ("{session: dictation}", "session", "unknown session 'dictation'; known: realtime, transcription"),
        ("{session: translation}", "session", "a scenario has no translation session"),
    ],
)
def test_what_does_not_go_with_its_session(text, key, sentence) -> None:
    with pytest.raises(ScenarioError) as raised:
        server(text)
    assert sentence in str(raised.value)


def test_a_script() -> None:
    found = server(
        "{reply: {text: I am well., latency: 300ms, pace: 2},"
        " replies: [{turn: 2, cancelled after: 1s, reasoning tokens: 17,"
        " calls: [{name: get_weather, arguments: {city: Reykjavík}}]},"
        " {heard: 'table|seat', text: Booked., fails: server_error, cut after: 1s, created after: 200ms},"
        " {turn: 3, heard: bye, clip: silence, lasts: 2s, incomplete: content_filter},"
        " {turn: 4, clip: speech_en_f_tts_hibari, level: -75 dBFS}],"
        " transcripts: [Hello., '<server_error>', ''], model: gpt-realtime-2.1-mini, lasts: 5min}"
    )
    assert found.reply == Reply("babble", "I am well.", latency_us=300 * MS, pace=2.0)
    assert found.replies == (
        ReplyRule(
            Reply(
                "none",
                calls=(Call("get_weather", '{"city": "Reykjavík"}'),),
                cancelled_after_us=SECOND,
                reasoning_tokens=17,
            ),
            turn=2,
        ),
        ReplyRule(
            Reply("babble", "Booked.", fails="server_error", cut_after_us=SECOND, created_after_us=200 * MS),
            heard="table|seat",
        ),
        ReplyRule(Reply("silence", lasts_us=2 * SECOND, incomplete="content_filter"), turn=3, heard="bye"),
        ReplyRule(Reply("speech_en_f_tts_hibari", level_dbfs=-75.0), turn=4),
    )
    assert found.transcripts == ("Hello.", "<server_error>", "")
    assert (found.model, found.lasts_us) == ("gpt-realtime-2.1-mini", 300 * SECOND)


def test_semantic_detection() -> None:
    found = server("{turn_detection: {type: semantic_vad, eagerness: low, interrupt_response: false}}")
    assert found.turn_detection == {"type": "semantic_vad", "eagerness": "low", "interrupt_response": False}


def test_a_service_is_its_switches() -> None:
    """Captured of Azure; what the scenario chooses besides is kept, in its favour."""
    azure = server("{service: azure}").policy
    assert (azure.content_part, azure.turn_edges, azure.rate_limits) == ("twice", "azure", "never")
    assert server("{service: openai}").policy == server("{}").policy
    mixed = server("{service: azure, policy: {turn_edges: openai, manual_commit: ignored}}").policy
    assert (mixed.content_part, mixed.turn_edges, mixed.manual_commit) == ("twice", "openai", "ignored")


def test_a_scripted_event() -> None:
    step = loads(f"{STEP}event: {{type: mcp_list_tools.failed, item_id: mcp_1}}}}").timeline[0]
    assert step.action == Emit('{"type": "mcp_list_tools.failed", "item_id": "mcp_1"}')


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        (
            "{replies: [§{text: Hello.}]}",
            "say when this answer is given, by one of: turn, heard, typed, instructions, tools, result; such as turn:"
            " 2, or heard: some words",
        ),
        ("{service: §azur}", "unknown service 'azur'; did you mean 'azure'?"),
        ("{replies: [{turn: §0, text: a}]}", "give a whole number from 1 to 1000 (got 0)"),
        (
            "{replies: [{heard: §'(', text: a}]}",
            "'(' is not a regular expression: missing ), unterminated subpattern at position 0",
        ),
        ("{reply: {fails: §server_eror}}", "unknown failure 'server_eror'; did you mean 'server_error'?"),
        (
            "{reply: {fails: server_error, §incomplete: content_filter}}",
            "an answer 'fails' or is 'incomplete', not both",
        ),
        ("{reply: {clip: silence, §level: -20 dBFS}}", "clip: silence has no 'level'; name another clip"),
        ("{reply: {clip: none, §level: -20 dBFS}}", "clip: none has no 'level'; name another clip"),
        ("{reply: {§cut after: 1s}}", "'cut after' goes with 'fails' or 'incomplete'"),
        ("{reply: {calls: [§{arguments: {}}]}}", "the key 'name' is missing"),
        (
            "{transcripts: [§<server_eror>]}",
            "unknown failure 'server_eror'; did you mean 'server_error'?",
        ),
        (
            "{turn_detection: {type: semantic_vad, §threshold: 0.5}}",
            "'threshold' goes with server_vad only",
        ),
        ("{turn_detection: {§eagerness: low}}", "'eagerness' goes with type: semantic_vad"),
        (
            "{turn_detection: {type: semantic_vad, eagerness: §keen}}",
            "unknown eagerness 'keen'; known: low, medium, high, auto",
        ),
    ],
)
def test_mistakes(marked: str, message: str) -> None:
    expect_one(SERVER + marked, message)


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("event: §mcp_list_tools.failed}", "write the event as a map with its type (got 'mcp_list_tools.failed')"),
        (
            "event: §{type: mcp_list_tools.failed}}",
            "this is not a server event: Object missing required field `item_id`",
        ),
        (
            "event: §{type: mcp.failed, item_id: a}}",
            "this is not a server event: Invalid value 'mcp.failed' - at `$.type`",
        ),
    ],
)
def test_events_that_cannot_be_said(marked: str, message: str) -> None:
    expect_one(STEP + marked, message)


def test_the_clip_of_an_answer_is_looked_for() -> None:
    expect_one(SERVER + "{reply: {clip: §nobody}}", clip_sentence("nobody"))

"""A scenario's script, played: answers by turn and by words, tools, failures, scripted events, and expiry."""

from harness.journal import ConnectionClosed, EventAtClient
from harness.protocol.events import ErrorEvent, Event, InputAudioBufferAppend, event_type
from harness.scenario.model import Call, Emit, Reply, ReplyRule, ServerSetup
from harness.server.asked import Asked, ResultPattern, ToolResult
from harness.server.utterance import WORD_US
from harness.server.voice import FAILURES, ToolCall
from harness.units import SECOND
from harness.world.voices import voice_of
from tests.world.testing import MAN, Mute, at, kinds, run, say, story, verdict


class Ears(Mute):
    """Sends what it hears and keeps what it is told."""

    def __init__(self):
        self.told = []

    def hear(self, chunk, now):
        return [InputAudioBufferAppend(audio=chunk.pcm)]

    def receive(self, event, now):
        if isinstance(event, Event):
            self.told.append(event)
        return []

    def next_wake(self):
        return None


def told(ears, kind):
    return [event for event in ears.told if event_type(event) == kind]


def test_the_parts_of_a_script():
    server = ServerSetup(
        reply=Reply(text="Five words are spoken here.", clip="babble"),
        replies=(
            ReplyRule(Reply("none", calls=(Call("now", '{"zone": 1}'),)), turn=2),
            ReplyRule(Reply("silence", lasts_us=SECOND, fails="server_error"), heard="bye"),
        ),
        transcripts=("Hello.", "<insufficient_quota>"),
    )
    voice = voice_of(server, None)
    assert voice.default.utterance.transcript == "Five words are spoken here."
    called, failed = (rule.answer for rule in voice.rules)
    assert called.utterance is None and called.calls == (ToolCall("now", '{"zone": 1}'),)
    assert failed.failure == FAILURES["server_error"] and not failed.utterance.samples.any()
    assert voice.transcripts == ("Hello.", FAILURES["insufficient_quota"])


def test_an_answer_is_made_of_what_was_captured():
    calls = (Call("get_weather", '{"city": "{city}"}'),)
    rules = (
        ReplyRule(Reply("babble", "It is {result.sky} in {arguments.city}."), result=ResultPattern("get_weather")),
        ReplyRule(Reply("babble", "Let me look at {city}.", calls=calls), typed=r"in (?P<city>\w+)"),
    )
    voice = voice_of(ServerSetup(reply=Reply("babble", "Say {{city}}."), replies=rules), None)
    answer = voice.answer(Asked(1, "Snow in Oslo?", "Snow in Oslo?"))
    assert answer.utterance.transcript == "Let me look at Oslo."
    assert answer.utterance.duration_us == 5 * WORD_US and answer.utterance.samples.any()
    assert answer.calls == (ToolCall("get_weather", '{"city": "Oslo"}'),)
    result = ToolResult('{"sky": "grey"}', "get_weather", '{"city": "Oslo"}')
    assert voice.answer(Asked(2, results=(result,))).utterance.transcript == "It is grey in Oslo."
    nothing = ToolResult("{}", "get_weather", '{"city": "Oslo"}')
    assert voice.answer(Asked(2, results=(nothing,))).utterance.transcript == "Say {city}."


def test_what_the_user_says_decides_the_answer():
    """The server recognises the recording that the user speaks."""
    rules = (ReplyRule(Reply("none", calls=(Call("superlative"),)), heard="superlative"),)
    ears = Ears()
    run(story(say(1), say(8, MAN), server=ServerSetup(replies=rules)), ears, detector="silero")
    names = [event.name for event in told(ears, "response.function_call_arguments.done")]
    assert names and {*names} == {"superlative"}
    assert told(ears, "response.output_audio.done")


def test_scripted_events_reach_the_client():
    ears = Ears()
    event = '{"type": "mcp_list_tools.failed", "item_id": "mcp_1"}'
    journal = run(story(at(2, Emit(event)), say(3)), ears).journal
    assert [each.item_id for each in told(ears, "mcp_list_tools.failed")] == ["mcp_1"]
    assert "mcp_list_tools.failed" in kinds(journal, "server") and "mcp_list_tools.failed" in kinds(journal, "client")


def test_a_session_that_expires():
    """Reported (§4.6): the error, then a Close; who dials again, at the one or the other, is answered again."""
    scenario = story(say(1), say(12), server=ServerSetup(lasts_us=10 * SECOND), lasts_us=14 * SECOND)
    journal = run(scenario, "development").journal
    assert next(journal.select(ConnectionClosed)).code == 1001
    assert next(journal.events(EventAtClient, ErrorEvent)).fields["code"] == "session_expired"
    assert str(verdict(scenario, "resilient")) == "held"

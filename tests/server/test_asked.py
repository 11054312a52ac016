"""What a rule can ask for, besides turn and words: typed text, instructions, tools, and results that came back."""

from dataclasses import dataclass
from functools import partial

import pytest

from harness.server.asked import ResultPattern
from harness.server.captures import Captures, filled
from harness.server.utterance import utterance
from harness.server.voice import Answer, AnswerRule, ToolCall, Voice
from tests.server.playbook import (
    CREATE,
    FINISHES,
    REST,
    VOICE,
    WORDS,
    Playbook,
    append,
    sends,
    silence,
    speech,
    update,
    user_says,
)

Playbook = partial(Playbook, strict=False)
TURN = speech(3) + silence(7)
WEATHER, TIME = ToolCall("get_weather", '{"city": "Oslo"}'), ToolCall("get_time")


@dataclass(frozen=True)
class Says:
    """An answer whose text has captures."""

    text: str

    def filled(self, captures: Captures) -> Answer:
        return Answer(utterance(text=filled(self.text, captures)))


def says_text(text: str) -> Answer:
    return Answer(utterance(text=text))


def script(*rules: AnswerRule, transcripts: tuple[str, ...] = ()):
    return Playbook(voice=Voice(VOICE.default, rules, transcripts))


def tool(name: str) -> dict[str, object]:
    return {"type": "function", "name": name, "parameters": {"type": "object", "properties": {}}}


def answered(play) -> str:
    """The words of the last answer, or the names of its calls."""
    output = play.last("response.done")["response"]["output"]
    return " ".join(item.get("name") or item["content"][0]["transcript"] for item in output)


def asks(play, **response) -> str:
    play >> sends("response.create", **({"response": response} if response else {})) >> FINISHES << REST
    return answered(play)


def returns(play, output: str, nth: int = 0, **fields) -> None:
    """The output of the nth call of the last response."""
    call = play.last("response.done")["response"]["output"][nth]
    item = {"type": "function_call_output", "call_id": call["call_id"], "output": output}
    play >> sends("conversation.item.create", item=item, **fields) << REST


@pytest.mark.behaviour("script")
def test_typed_text_is_matched_and_speech_is_not() -> None:
    play = script(AnswerRule(says_text("Typed."), typed="(?i)weather|^$"), transcripts=("The weather, please.",))
    play >> append(TURN) >> FINISHES << REST
    assert answered(play) == WORDS
    play >> user_says("The Weather, please.")
    assert asks(play) == "Typed."
    play >> user_says("Thanks.")
    assert asks(play) == WORDS


@pytest.mark.behaviour("script")
def test_the_last_message_that_is_still_there_is_what_the_user_typed() -> None:
    """Documented: a deleted item is out of the conversation."""
    play = script(AnswerRule(Says("It is {colour}."), typed=r"colour is (?P<colour>\w+)"))
    play >> user_says("The colour is red.", item={"id": "red"}) >> user_says("The colour is blue.", item={"id": "blue"})
    assert asks(play) == "It is blue."
    play >> sends("conversation.item.delete", item_id="blue")
    assert asks(play) == "It is red."
    play >> sends("conversation.item.delete", item_id="red")
    assert asks(play) == WORDS


@pytest.mark.behaviour("script")
def test_instructions_of_the_response_hide_those_of_the_session() -> None:
    """Documented: instructions of a response are for that response alone."""
    play = script(AnswerRule(Says("{word}"), instructions="say exactly: (?P<word>.+)"))
    assert asks(play, instructions="Say exactly: pineapple") == "pineapple"
    assert asks(play) == WORDS
    play >> update(instructions="Say exactly: apple")
    assert [asks(play), asks(play, instructions="Be brief."), asks(play)] == ["apple", WORDS, "apple"]


@pytest.mark.behaviour("script")
def test_the_tools_that_a_response_may_call() -> None:
    rules = (
        AnswerRule(says_text("Both."), tools=("get_weather", "get_time")),
        AnswerRule(Says("A {kind}."), tools="^get_(?P<kind>.*)"),
    )
    play = script(*rules)
    assert asks(play) == WORDS
    play >> update(tools=[tool("get_weather")])
    assert asks(play) == "A weather."
    assert asks(play, tools=[tool("get_time"), tool("get_weather")]) == "Both."
    assert asks(play, tools=[]) == WORDS, "none are offered"
    assert asks(play, tool_choice="none") == WORDS, "none may be called"
    both = {"tools": [tool("get_time"), tool("get_weather")]}
    assert asks(play, **both, tool_choice={"type": "function", "name": "get_time"}) == "A time."
    assert asks(play) == "A weather.", "those of a response are for that response alone"


@pytest.mark.behaviour("script")
def test_a_result_is_matched_by_its_tool_and_its_output() -> None:
    rules = (
        AnswerRule(Says("It is {result.sky} in {arguments.city}."), result=ResultPattern("get_weather")),
        AnswerRule(Says("{hour} o'clock."), result=ResultPattern("get_time", r"^(?P<hour>\d+):")),
        AnswerRule(says_text("Odd."), result=ResultPattern()),
        AnswerRule(Answer(calls=(WEATHER,)), typed="weather"),
        AnswerRule(Answer(calls=(TIME,)), typed="time"),
    )
    play = script(*rules)
    for words, output, said in (
        ("weather", '{"sky": "clear"}', "It is clear in Oslo."),
        ("time", "12:30", "12 o'clock."),
        ("weather", "no JSON", "Odd."),
        ("time", "noon", "Odd."),
    ):
        play >> user_says(words)
        assert asks(play) == ("get_weather" if words == "weather" else "get_time")
        returns(play, output)
        assert asks(play) == said
    play >> user_says("Thanks.")
    assert asks(play) == WORDS, "the results are from before these words"


@pytest.mark.behaviour("script")
def test_words_before_a_result_count_for_rules_about_results_alone() -> None:
    """Or the call would be made again and again."""
    rules = (
        AnswerRule(Says("In {city}: {result}."), typed=r"in (?P<city>\w+)", result=ResultPattern()),
        AnswerRule(Answer(calls=(WEATHER,)), typed=".*"),
        AnswerRule(Answer(calls=(TIME,)), heard=".*"),
    )
    play = script(*rules)
    play >> user_says("The weather in Bergen?")
    assert asks(play) == "get_weather"
    returns(play, "rain")
    assert asks(play) == "In Bergen: rain."
    play >> user_says("Is that good?")
    assert asks(play) == "get_weather"
    returns(play, "rain")
    assert asks(play) == WORDS, "nothing asks for the result alone"


@pytest.mark.behaviour("script")
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_results_of_parallel_calls_are_all_there(order) -> None:
    rules = (
        AnswerRule(Says("It is {result}."), result=ResultPattern("get_weather")),
        AnswerRule(Answer(calls=(WEATHER, TIME)), typed="both"),
    )
    play = script(*rules)
    play >> user_says("both")
    assert asks(play) == "get_weather get_time"
    for nth in order:
        returns(play, ("rain", "noon")[nth], nth)
    assert asks(play) == "It is rain."


@pytest.mark.behaviour("script")
def test_of_calls_one_after_the_other_the_last_result_counts() -> None:
    rules = (
        AnswerRule(Answer(calls=(TIME,)), result=ResultPattern("get_weather")),
        AnswerRule(says_text("Done."), result=ResultPattern("get_time")),
        AnswerRule(Answer(calls=(WEATHER,)), typed="both"),
    )
    play = script(*rules)
    play >> user_says("both")
    assert asks(play) == "get_weather"
    returns(play, "rain")
    assert asks(play) == "get_time"
    returns(play, "noon")
    assert asks(play) == "Done."


@pytest.mark.behaviour("response-input")
def test_an_own_input_is_what_is_asked() -> None:
    """Documented: a response with an input of its own takes no notice of the conversation."""
    rules = (
        AnswerRule(Says("{result}"), result=ResultPattern("get_weather")),
        AnswerRule(Answer(calls=(WEATHER,)), typed="weather"),
    )
    play = script(*rules) >> user_says("weather")
    message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello."}]}
    assert asks(play, conversation="none", input=[message]) == WORDS
    assert asks(play, conversation="none", input=[{**message, "content": [{"type": "input_text", "text": "weather"}]}])
    call_id = play.last("response.done")["response"]["output"][0]["call_id"]
    output = {"type": "function_call_output", "call_id": call_id, "output": "rain"}
    assert asks(play, conversation="none", input=[message, output]) == "rain"


@pytest.mark.behaviour("script")
def test_a_history_that_the_client_brings() -> None:
    """A client that dials again creates the calls and outputs of the conversation before."""
    play = script(AnswerRule(Says("{arguments.city}: {result}"), result=ResultPattern("get_weather")))
    call = {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": '{"city": "Oslo"}'}
    play >> sends("conversation.item.create", item=call)
    play >> sends(
        "conversation.item.create", item={"type": "function_call_output", "call_id": "call_1", "output": "ok"}
    )
    assert asks(play) == "Oslo: ok"
    unknown = {"type": "function_call_output", "call_id": "call_2", "output": "who knows"}
    play >> sends("conversation.item.create", item=unknown) >> CREATE >> FINISHES << REST
    assert answered(play) == "Oslo: ok", "the outputs that follow each other count, and one is of a known call"

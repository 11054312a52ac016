from harness.journal import (
    AudioArrived,
    ConnectionOpened,
    ResponseAudio,
    ResponseForItem,
    SpeakerEnded,
    SpeakerHeard,
    SpeakerPlaying,
    SpeakerStopped,
    TurnTaken,
)
from harness.protocol.events import (
    ConversationItemAdded,
    InputAudioBufferSpeechStopped,
    ResponseCreate,
    ResponseDone,
    ResponseFunctionCallArgumentsDone,
    ResponseOutputItemAdded,
)
from harness.scenario.model import Reply, ServerSetup
from harness.units import SECOND
from harness.verdict.record import RunRecord
from tests.verdict.journals import DONE, Tale
from tests.verdict.properties.testing import Talker, found
from tests.world.testing import run, say, story


def turn():
    tale = Tale().add(5, TurnTaken, connection=1, item_id="u1", from_ms=0, to_ms=1000)
    return tale.server(5, ConversationItemAdded, item_id="u1", role="user")


def answer(tale, at_s, number, after, *, status="completed", received=True, how=SpeakerEnded, played_ms=2000):
    """A response to an item, which makes the message a<number>, and is played for two seconds."""
    response_id, item_id = f"r{number}", f"a{number}"
    tale.add(at_s, ResponseForItem, connection=1, response_id=response_id, item_id=after)
    tale.server(at_s, ResponseOutputItemAdded, response_id=response_id, item_id=item_id)
    tale.server(at_s, ConversationItemAdded, item_id=item_id, role="assistant")
    tale.add(at_s + 0.5, ResponseAudio, connection=1, response_id=response_id, item_id=item_id, audio_ms=2000,
             audible_ms=1800)  # fmt: skip
    tale.server(at_s + 0.6, DONE, response_id=response_id, status=status, received=received)
    tale.add(at_s + 0.7, SpeakerPlaying, response_id=response_id, item_id=item_id)
    tale.add(at_s + 0.9, SpeakerHeard, response_id=response_id)
    return tale.add(at_s + 2.7, how, response_id=response_id, item_id=item_id, played_ms=played_ms)


def reasons(tale):
    return [finding.reason for finding in found("one_answer", tale.end())]


def test_one_turn_that_is_answered_twice():
    (reason,) = reasons(answer(answer(turn(), 6, 1, "u1"), 10, 2, "a1"))
    assert reason == "the user heard two answers to the turn u1: r1 at 6.900 s and r2 at 10.900 s"


def test_one_finding_a_turn():
    tale = answer(answer(answer(turn(), 6, 1, "u1"), 10, 2, "a1"), 14, 3, "a2")
    assert len(reasons(tale)) == 1


def test_a_noise_in_a_new_session_is_not_a_second_question():
    """The new session's history has what was said, and was answered in the session before."""
    tale = Tale().speaks(2, probe=False).add(5, TurnTaken, connection=1, item_id="u1", from_ms=2000, to_ms=5000)
    tale = answer(tale.server(5, ConversationItemAdded, item_id="u1", role="user"), 6, 1, "u1")
    tale.add(20, ConnectionOpened, connection=2)
    tale.server(20.1, ConversationItemAdded, connection=2, item_id="h1", role="user")
    tale.add(25, TurnTaken, connection=2, item_id="n1", from_ms=0, to_ms=1000, speech_ms=0)
    tale.server(25, ConversationItemAdded, connection=2, item_id="n1", role="user")
    assert not reasons(answer(tale, 26, 2, "n1"))


def test_one_answer_to_each_of_two_turns():
    tale = answer(turn(), 6, 1, "u1").add(10, TurnTaken, connection=1, item_id="u2", from_ms=5000, to_ms=6000)
    assert not reasons(answer(tale, 11, 2, "u2"))


def test_asking_again_for_an_answer_that_was_not_whole_is_right():
    for how in ({"status": "failed"}, {"received": False}, {"how": SpeakerStopped}, {"played_ms": 900}):
        assert not reasons(answer(answer(turn(), 6, 1, "u1", **how), 10, 2, "a1")), how


def test_a_chain_of_tool_calls_is_one_answer_and_a_further_one_is_not():
    tale = answer(turn(), 6, 1, "u1")
    tale.server(6.5, ResponseOutputItemAdded, response_id="r1", item_id="f1", item_type="function_call")
    tale.server(6.5, ConversationItemAdded, item_id="f1", item_type="function_call", call_id="c1")
    tale.server(6.6, ResponseFunctionCallArgumentsDone, response_id="r1", item_id="f1", call_id="c1")
    tale.server(8, ConversationItemAdded, item_id="o1", item_type="function_call_output", call_id="c1")
    tale = answer(tale, 10, 2, "o1")
    assert not reasons(tale)
    (reason,) = reasons(answer(tale, 14, 3, "a2"))
    assert "r3 at 14.900 s" in reason


def test_a_later_prompt_with_instructions_is_no_answer():
    def prompted(at_s, **fields):
        tale = answer(turn(), 6, 1, "u1").client(at_s - 0.1, ResponseCreate, **fields)
        return reasons(answer(tale, at_s, 2, "a1"))

    assert not prompted(15, settings={"instructions": "b94d27b9934d"})
    assert prompted(15)
    assert prompted(9, settings={"instructions": "b94d27b9934d"}), "at once"


def playing(tale, at_s, number):
    return tale.add(at_s, SpeakerPlaying, response_id=f"r{number}", item_id=f"a{number}")


def test_answers_that_are_played_into_each_other():
    def mixed(tale):
        return reasons(playing(playing(playing(playing(tale, 6, 1), 7, 2), 8, 1), 9, 2))

    begun = Tale()
    for number in (1, 2):
        begun.add(5, ResponseForItem, connection=1, response_id=f"r{number}", item_id="u1")
    (reason,) = mixed(begun)
    assert reason == "two answers were played into each other: r1 goes on at 8.000 s after a part of r2"
    assert not mixed(Tale()), "sounds of the app's own are no answers"


def test_answers_one_after_the_other_and_an_answer_that_is_resumed():
    assert not reasons(playing(playing(playing(playing(Tale(), 6, 1), 7, 1), 8, 2), 9, 2))


class AsksAgain(Talker):
    """Asks for a response to a turn that the server has answered."""

    asked = False

    def told(self, event):
        if not isinstance(event, ResponseDone) or self.asked:
            return []
        self.asked = True
        return [ResponseCreate()]


class AsksBeside(Talker):
    """Asks for a response out of band to each turn, and plays both."""

    def told(self, event):
        beside = isinstance(event, InputAudioBufferSpeechStopped)
        return [ResponseCreate(response={"conversation": "none"})] if beside else []


PLAIN = story(say(1), server=ServerSetup(reply=Reply(lasts_us=3 * SECOND)))


def test_clients_that_get_two_answers():
    (finding,) = found("one_answer", run(PLAIN, AsksAgain()).journal)
    assert "two answers to the turn" in finding.reason
    assert any("played into" in each.reason for each in found("one_answer", run(PLAIN, AsksBeside()).journal))
    assert not found("one_answer", run(PLAIN, Talker()).journal)


def after_a_reconnect(*, heard):
    """What was said at 2 s is answered, or not; a new session is told of it, and gets a turn of silence."""
    tale = Tale().speaks(2, length_s=2, probe=False).add(2, AudioArrived, connection=1, arrived_ms=20, captured_ms=2000)
    tale.add(5, TurnTaken, connection=1, item_id="u1", from_ms=0, to_ms=2000)
    tale.server(5, ConversationItemAdded, item_id="u1", role="user")
    if heard:
        answer(tale, 6, 1, "u1")
    tale.add(10, ConnectionOpened, connection=2)
    tale.server(10.1, ConversationItemAdded, connection=2, item_id="h1", role="user")
    tale.add(14, TurnTaken, connection=2, item_id="u2", from_ms=0, to_ms=4000, speech_ms=0)
    tale.server(14, ConversationItemAdded, connection=2, item_id="u2", role="user")
    return answer(tale, 14.1, 2, "u2").end()


def test_an_answer_to_silence_is_none_to_history_that_was_answered_before():
    """A talk button is pressed with a dead microphone: the service answers the silence that is committed."""
    assert not found("one_answer", after_a_reconnect(heard=True))


def test_an_answer_to_silence_is_one_to_history_that_waits_for_its_answer():
    record = RunRecord(after_a_reconnect(heard=False))
    assert record.answers.to(record.answers.utterances[0]).response_id == "r2"

"""Sessions that interpret (§4.12): frames of 200 ms in and out, words beside them, and the end."""

import base64
import json
from typing import Any

import pytest

from harness.audio.clips import load_clip
from harness.errors import ProtocolError
from harness.protocol.codec import MAX_APPEND_BYTES, encode, event_id_of
from harness.protocol.events import Event
from harness.server.policy import ServerPolicy
from harness.server.session import SessionSetup
from harness.server.sessions import make_session
from harness.server.utterance import utterance
from harness.server.voice import Answer, AnswerRule, Voice
from tests.server.playbook import silence, speech

realtime = pytest.importorskip("openai.types.realtime")
pydantic = pytest.importorskip("pydantic")
EVENTS = pydantic.TypeAdapter(realtime.RealtimeTranslationServerEvent)
SOURCE, TARGET, AUDIO = (
    "session.input_transcript.delta",
    "session.output_transcript.delta",
    "session.output_audio.delta",
)
SPANISH = utterance(text="Hola a todos.", lasts_us=900_000)
PHRASE = speech(10) + silence(25)
"""320 ms of speech, and 800 ms of silence: 1120 ms."""
CLIP = "speech_en_f_arctic_a0009"


class Interpreter:
    """A session, and all that it has said; every event is shown to the vendor's types."""

    def __init__(self, *transcripts: str, rules: Any = (), **policy: str) -> None:
        setup = SessionSetup(
            voice=Voice(Answer(SPANISH), rules, transcripts),
            detector="energy",
            policy=ServerPolicy().changed(**policy),
            kind="translation",
            model="gpt-realtime-translate",
        )
        self.session = make_session(setup, "interpreter")
        self.said: list[dict[str, Any]] = []
        self._hear(self.session.open(0))

    def send(self, event: str, **fields: Any) -> list[dict[str, Any]]:
        text, before = json.dumps({"type": event, **fields}), len(self.said)
        try:
            self._hear(self.session.receive(self.session.decode(text), 0))
        except ProtocolError as error:
            self._hear([self.session.refuse(error, event_id_of(text))])
        return self.said[before:]

    def update(self, **session: Any) -> dict[str, Any]:
        return self.send("session.update", session=session)[0]

    def append(self, audio: bytes, chunk_ms: int = 200) -> list[dict[str, Any]]:
        before = len(self.said)
        for start in range(0, len(audio), 48 * chunk_ms):
            piece = base64.b64encode(audio[start : start + 48 * chunk_ms]).decode()
            self.send("session.input_audio_buffer.append", audio=piece)
        return self.said[before:]

    def _hear(self, outputs: Any) -> None:
        for output in outputs:
            if isinstance(output, Event):
                document = json.loads(encode(output))
                EVENTS.validate_python(document)
                self.said.append(document)


def of(events, kind):
    return [event for event in events if event["type"] == kind]


def audio_of(events):
    return b"".join(base64.b64decode(event["delta"]) for event in of(events, AUDIO))


def text_of(events, kind):
    return "".join(event["delta"] for event in of(events, kind))


@pytest.mark.behaviour("translation-session")
def test_its_object_is_that_of_the_documents():
    """The fields of the specification's example, and what it says can be updated."""
    play = Interpreter()
    session = play.said[0]["session"]
    assert [*session] == ["id", "type", "model", "expires_at", "audio"]
    assert (session["type"], session["model"]) == ("translation", "gpt-realtime-translate")
    heard = {
        "transcription": {"model": "gpt-realtime-whisper", "language": "en"},
        "noise_reduction": {"type": "near_field"},
    }
    updated = play.update(audio={"input": heard, "output": {"language": "es"}})
    assert updated["session"]["audio"]["output"] == {"language": "es"}
    assert updated["session"]["audio"]["input"]["noise_reduction"] == {"type": "near_field"}
    cleared = play.update(audio={"input": {"transcription": None}})
    assert cleared["session"]["audio"]["input"]["transcription"] is None
    assert cleared["session"]["audio"]["output"] == {"language": "es"}


@pytest.mark.behaviour("translation-session-refused")
@pytest.mark.parametrize(
    ("session", "param"),
    [
        ({"type": "translation"}, "session.type"),
        ({"model": "gpt-realtime-translate"}, "session.model"),
        ({"audio": {"input": {"language": "ja"}}}, "session.audio.input.language"),
        ({"audio": {"input": {"turn_detection": None}}}, "session.audio.input.turn_detection"),
        ({"audio": {"output": {"voice": "alloy"}}}, "session.audio.output.voice"),
    ],
)
def test_what_cannot_be_updated(session, param):
    """That the type and the model cannot is documented, that the source's language cannot is reported."""
    play = Interpreter()
    refused = play.send("session.update", session=session)[0]
    assert (refused["type"], refused["error"]["param"]) == ("error", param)


@pytest.mark.behaviour("translation-session-refused")
@pytest.mark.parametrize(
    "event", ["response.create", "input_audio_buffer.append", "input_audio_buffer.commit", "conversation.item.create"]
)
def test_events_of_a_conversation_are_none_here(event):
    play = Interpreter()
    refused = play.send(event, audio="", item={}, event_id="mine")[0]["error"]
    assert (refused["code"], refused["param"], refused["event_id"]) == ("invalid_value", "type", "mine")


@pytest.mark.behaviour("translation-frames")
@pytest.mark.parametrize("chunk_ms", [7, 100, 200, 1000])
def test_a_frame_of_output_for_each_frame_of_input_however_it_is_appended(chunk_ms):
    """Documented: frames of 200 ms, shorter chunks are buffered, longer ones split."""
    play = Interpreter()
    events = play.append(PHRASE + silence(40), chunk_ms)
    frames = of(events, AUDIO)
    assert [event["elapsed_ms"] for event in frames] == [200 * (number + 1) for number in range(len(frames))]
    assert len(audio_of(events)) == 48 * 200 * (1120 + 1280) // 200
    known = {(event["sample_rate"], event["channels"], event["format"]) for event in frames}
    assert known == {(24_000, 1, "pcm16")}


@pytest.mark.behaviour("translation-frames")
def test_nothing_comes_out_while_nothing_goes_in():
    play = Interpreter()
    play.append(speech(10) + silence(20))
    before = len(play.said)
    assert play.session.wake(30_000_000) == [] and len(play.said) == before


@pytest.mark.behaviour("translation-words")
def test_what_the_script_says_is_said_after_the_phrase():
    play = Interpreter()
    events = play.append(PHRASE + silence(60))
    assert text_of(events, TARGET) == "Hola a todos."
    spoken = SPANISH.samples.astype("<i2").tobytes()
    assert spoken in audio_of(events)
    first = of(events, TARGET)[0]["elapsed_ms"]
    assert 800 <= first <= 1200, "after 320 ms of speech and the silence that ends a phrase"
    assert {event["elapsed_ms"] % 200 for event in of(events, TARGET)} == {0}
    assert not of(events, SOURCE), "the source's words were not asked for"


@pytest.mark.behaviour("translation-words")
def test_phrases_are_translated_by_their_words():
    rules = (AnswerRule(Answer(utterance(text="Adiós.", lasts_us=300_000)), heard="bye"),)
    play = Interpreter("Hello.", "Good bye.", rules=rules)
    play.update(audio={"input": {"transcription": {"model": "gpt-realtime-whisper"}}})
    events = play.append((PHRASE + silence(30)) * 2)
    assert text_of(events, SOURCE) == "Hello. Good bye."
    assert text_of(events, TARGET) == "Hola a todos. Adiós."


@pytest.mark.behaviour("translation-words")
def test_the_sources_words_come_while_they_are_spoken():
    """Documented: append-only, and only if transcription is configured."""
    play = Interpreter()
    play.update(audio={"input": {"transcription": {"model": "gpt-realtime-whisper"}}})
    events = play.append(load_clip(CLIP).samples.astype("<i2").tobytes() + silence(60))
    assert text_of(events, SOURCE) == load_clip(CLIP).transcript
    assert of(events, SOURCE)[0]["elapsed_ms"] < 1500 < of(events, TARGET)[0]["elapsed_ms"]


@pytest.mark.behaviour("translated-silence-sent", "translated-silence-omitted")
@pytest.mark.parametrize(("variant", "frames"), [("sent", 5), ("omitted", 0)])
def test_silence_is_sent_or_not(variant, frames):
    play = Interpreter(translated_silence=variant)
    events = play.append(silence(31.25))
    assert len(of(events, AUDIO)) == frames and not any(audio_of(events))


@pytest.mark.behaviour("translation-close")
def test_close_says_all_that_is_left():
    """Documented: pending input is flushed, the rest is said, then ``session.closed``."""
    play = Interpreter("Hello.")
    play.update(audio={"input": {"transcription": {"model": "gpt-realtime-whisper"}}})
    play.append(speech(20))
    events = play.send("session.close")
    assert text_of(play.said, SOURCE) == "Hello."
    assert text_of(events, TARGET) == "Hola a todos."
    assert [event["type"] for event in play.said].count("session.closed") == 1
    assert play.said[-1]["type"] == "session.closed"
    refused = play.append(silence(10))
    assert {event["type"] for event in refused} == {"error"} and not play.send("session.close")


@pytest.mark.behaviour("translation-frames")
def test_an_append_that_is_too_large_is_refused():
    play = Interpreter()
    refused = play.append(bytes(MAX_APPEND_BYTES + 2), chunk_ms=400_000)
    assert refused[0]["error"]["code"] == "invalid_value"

"""Translation over real WebSockets (§4.12), with the unmodified ``openai`` package."""

import asyncio
import base64
import json

import pytest

from harness import journal
from harness.audio.clips import load_clip
from harness.live.server import LiveServer
from harness.server.session import SessionSetup
from harness.server.utterance import utterance
from harness.server.voice import Answer, Voice
from harness.verdict.diagnosis import diagnose
from tests.live.testing import PATIENCE_S, ask, dial, pieces, receive, spoken

openai = pytest.importorskip("openai")
PATH = "/v1/realtime/translations?model=gpt-realtime-translate"
CLIP = "speech_en_f_arctic_a0009"
SETUP = SessionSetup(voice=Voice(Answer(utterance(text="Hola.", lasts_us=400_000))))


@pytest.mark.behaviour("translation-session", "translation-close")
async def test_the_openai_package_is_translated_for():
    """As the guide does it: set the language, append, close, and read until ``session.closed``."""
    async with LiveServer(SETUP) as server:
        client = openai.AsyncOpenAI(api_key="sk-x", websocket_base_url=server.url.removesuffix("/realtime"))
        if not hasattr(client.realtime, "translations"):
            pytest.skip("this version of openai has no translation sessions")
        said = {"session.input_transcript.delta": "", "session.output_transcript.delta": ""}
        async with client.realtime.translations.connect(model="gpt-realtime-translate") as connection:
            assert (await connection.recv()).session.type == "translation"
            heard = {"transcription": {"model": "gpt-realtime-whisper"}}
            session = {"audio": {"input": heard, "output": {"language": "es"}}}
            await connection.send({"type": "session.update", "session": session})
            assert (await connection.recv()).session.audio.output.language == "es"
            for piece in pieces(spoken(CLIP), 9_600):
                audio = base64.b64encode(piece).decode()
                await connection.send({"type": "session.input_audio_buffer.append", "audio": audio})
            await connection.send({"type": "session.close"})
            async with asyncio.timeout(PATIENCE_S):
                while (event := await connection.recv()).type != "session.closed":
                    assert event.type != "error", event
                    if event.type in said:
                        said[event.type] += event.delta
        assert [*said.values()] == [load_clip(CLIP).transcript, "Hola."]
        found = journal.parse(server.journal(1).decode().splitlines(), "live")
        assert diagnose(found).state == "answered"
        [view] = server.sessions()
        assert view.audio_out_s > 3 and view.model == "gpt-realtime-translate"


@pytest.mark.behaviour("translation-session-refused")
async def test_its_dial_and_its_events():
    async with LiveServer(SETUP) as server:
        async with dial(server, PATH) as websocket:
            refused = await ask(websocket, {"type": "response.create", "event_id": "mine"})
            assert refused["error"]["event_id"] == "mine" and "session.close" in refused["error"]["message"]
            large = base64.b64encode(bytes(2_000_000)).decode()
            event = await ask(websocket, {"type": "session.input_audio_buffer.append", "audio": large})
            assert event["type"] == "session.output_audio.delta", "a large message, too"
        async with dial(server) as websocket:
            refused = await ask(websocket, {"type": "session.close"})
            assert refused["error"]["code"] == "invalid_value"


async def test_a_client_that_stops_appending_stops_its_translation():
    """Documented: the model's time is that of the audio."""
    async with LiveServer(SETUP) as server:
        async with dial(server, PATH) as websocket:
            speech = spoken(CLIP)[: -48 * 300]
            for piece in pieces(speech, 48_000):
                audio = base64.b64encode(piece).decode()
                await websocket.send(json.dumps({"type": "session.input_audio_buffer.append", "audio": audio}))
            await asyncio.sleep(2.5)
        found = journal.parse(server.journal(1).decode().splitlines(), "live")
        assert diagnose(found).cause == "clock_frozen"


@pytest.mark.parametrize("closes", [True, False])
async def test_what_a_client_closes_with_is_translated_although_no_silence_follows(closes):
    """Documented: session.close flushes. A recording often ends with its last word."""
    async with LiveServer(SETUP) as server:
        async with dial(server, PATH) as websocket:
            for piece in pieces(spoken(CLIP)[:96_000], 9_600):  # two seconds: the speaker is in mid-sentence
                audio = base64.b64encode(piece).decode()
                await websocket.send(json.dumps({"type": "session.input_audio_buffer.append", "audio": audio}))
            if closes:
                await websocket.send(json.dumps({"type": "session.close"}))
                while (await receive(websocket))["type"] != "session.closed":
                    pass
        found = diagnose(journal.parse(server.journal(1).decode().splitlines(), "live"))
        assert (found.state, found.cause) == (("answered", None) if closes else ("silent", "client_left"))

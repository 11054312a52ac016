"""Client secrets and Azure at a real port (§2.6, §2.7): created over HTTP, then dialled with."""

import asyncio
import json
import time
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from harness.live.admission import Admission
from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from tests.live.testing import DEAF, PATIENCE_S, address, ask, dial, receive

PATH = "/v1/realtime/client_secrets"
SESSION = {
    "type": "realtime",
    "model": "gpt-realtime-2.1",
    "instructions": "Speak like a pirate.",
    "audio": {"input": {"format": {"type": "audio/pcmu"}, "turn_detection": None}, "output": {"voice": "cedar"}},
}
AZURE = "/openai/v1/realtime?model=gpt-realtime"


async def request(server, method, path, document, **headers):
    """Status and body of an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    body = json.dumps(document).encode()
    lines = {"Host": "127.0.0.1", "Content-Length": len(body), "Authorization": "Bearer sk-backend", **headers}
    head = "\r\n".join([f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in lines.items()), "", ""])
    writer.write(head.encode() + body)
    async with asyncio.timeout(PATIENCE_S):
        answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(answer.partition("content-length: ")[2].partition("\r\n")[0])
        content = await reader.readexactly(length)
    writer.transport.abort()
    return int(answer.split()[1]), json.loads(content)


async def create(server, session=None, path=PATH, **more):
    status, found = await request(server, "POST", path, {**({} if session is None else {"session": session}), **more})
    assert status == 200, found
    return found


def by(value):
    return {"additional_headers": {"Authorization": f"Bearer {value}"}}


async def refusal(server, value, path="/v1/realtime?model=gpt-realtime"):
    """The error, and code and reason of the Close."""
    async with connect(address(server, path), **by(value)) as websocket:
        error = (await receive(websocket))["error"]
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.recv()
    return error, closed.value.rcvd.code, closed.value.rcvd.reason


@asynccontextmanager
async def session_of(server, path, **options):
    async with connect(address(server, path), **options) as websocket:
        created = await receive(websocket)
        assert created["type"] == "session.created", created
        yield websocket, created["session"]


class TestClientSecrets:
    @pytest.mark.behaviour("client-secret-dial")
    async def test_a_session_begins_with_its_configuration(self, deaf_server):
        found = await create(deaf_server, SESSION)
        async with session_of(deaf_server, "/v1/realtime", **by(found["value"])) as (websocket, session):
            shown = {**found["session"], "id": session["id"], "expires_at": session["expires_at"]}
            assert session == shown, "the answer shows what the session will be"
            assert (session["model"], session["audio"]["output"]["voice"]) == ("gpt-realtime-2.1", "cedar")
            update = {"type": "realtime", "audio": {"output": {"voice": "marin"}}}
            changed = await ask(websocket, {"type": "session.update", "session": update})
            assert changed["session"]["instructions"] == "Speak like a pirate."
            assert changed["session"]["audio"]["output"]["voice"] == "marin"

    @pytest.mark.behaviour("client-secret-dial")
    async def test_its_format_is_in_force(self, deaf_server):
        """One second of mu-law is 8000 bytes."""
        found = await create(deaf_server, SESSION)
        async with session_of(deaf_server, "/v1/realtime", **by(found["value"])) as (websocket, _):
            append = {"type": "input_audio_buffer.append", "audio": "/" * 640}  # 480 bytes, 60 ms
            await websocket.send(json.dumps(append))
            short = await ask(websocket, {"type": "input_audio_buffer.commit"})
            assert short["error"]["code"] == "input_audio_buffer_commit_empty"
            assert "60.00ms" in short["error"]["message"]

    @pytest.mark.behaviour("client-secret-lasts")
    async def test_it_opens_several_sessions_and_a_browser_may_send_it_as_a_subprotocol(self, deaf_server):
        value = (await create(deaf_server, SESSION))["value"]
        offered = ["realtime", f"openai-insecure-api-key.{value}"]
        for _ in range(2):
            path = "/v1/realtime?model=gpt-realtime"
            async with session_of(deaf_server, path, subprotocols=offered) as (_, session):
                assert session["model"] == "gpt-realtime"
                assert session["instructions"] == "Speak like a pirate."

    @pytest.mark.behaviour("client-secret-refused")
    async def test_an_unknown_one_is_refused_as_a_wrong_key_is(self, deaf_server):
        error, code, reason = await refusal(deaf_server, "ek_00000000000000000000000000000000")
        assert (error["code"], code, reason) == (
            "invalid_api_key",
            3000,
            "invalid_request_error.invalid_api_key",
        )

    @pytest.mark.behaviour("client-secret-refused", "client-secret-lasts")
    async def test_an_expired_one_opens_no_session_and_closes_none(self, deaf_server, monkeypatch):
        value = (await create(deaf_server, expires_after={"anchor": "created_at", "seconds": 10}))["value"]
        path = "/v1/realtime?model=gpt-realtime"
        async with session_of(deaf_server, path, **by(value)) as (websocket, _):
            real = time.time
            monkeypatch.setattr(time, "time", lambda: real() + 11)
            error, code, _ = await refusal(deaf_server, value)
            assert (error["code"], error["message"], code) == ("invalid_api_key", "Ephemeral token expired.", 3000)
            cleared = await ask(websocket, {"type": "input_audio_buffer.clear"})
            assert cleared["type"] == "input_audio_buffer.cleared"

    @pytest.mark.behaviour("rest-key", "client-secret-dial")
    async def test_a_server_with_a_token(self):
        """The backend has the token, the browser gets a secret; the control API takes no secret."""
        async with LiveServer(DEAF, LiveSettings(token="t0ken")) as server:
            assert (await request(server, "POST", PATH, {}))[0] == 401
            status, found = await request(server, "POST", PATH, {}, Authorization="Bearer t0ken")
            assert status == 200
            async with session_of(server, "/v1/realtime", **by(found["value"])):
                pass
            assert (await request(server, "GET", "/sessions", {}, Authorization=f"Bearer {found['value']}"))[0] == 401

    async def test_reconnects_with_new_secrets_share_a_journal(self, deaf_server):
        """A browser gets a new secret for each dial, from the same backend: it is one client."""
        for number in (1, 2):
            value = (await create(deaf_server))["value"]
            async with session_of(deaf_server, "/v1/realtime", **by(value)):
                pass
            async with asyncio.timeout(PATIENCE_S):
                while deaf_server.session(number).state == "open":
                    await asyncio.sleep(0.01)
        assert deaf_server.journal(1) == deaf_server.journal(2)

    async def test_no_journal_has_a_secret(self, deaf_server):
        value = (await create(deaf_server, {**SESSION, "instructions": "x"}))["value"]
        async with session_of(deaf_server, "/v1/realtime", **by(value)) as (websocket, _):
            await ask(websocket, {"type": value})
        assert value.encode() not in deaf_server.journal(1)

    @pytest.mark.behaviour("client-secret-kinds")
    async def test_one_for_a_transcription(self, deaf_server):
        wanted = {"transcription": {"model": "gpt-4o-transcribe"}, "turn_detection": None}
        found = await create(deaf_server, {"type": "transcription", "audio": {"input": wanted}})
        async with session_of(deaf_server, "/v1/realtime", **by(found["value"])) as (_, session):
            assert session["type"] == found["session"]["type"] == "transcription"
            assert session["audio"]["input"] == found["session"]["audio"]["input"]
            assert session["audio"]["input"]["transcription"]["model"] == "gpt-4o-transcribe"

    @pytest.mark.behaviour("client-secret-kinds")
    async def test_one_for_a_translation(self, deaf_server):
        wanted = {"model": "gpt-realtime-translate", "audio": {"output": {"language": "es"}}}
        found = await create(deaf_server, wanted, "/v1/realtime/translations/client_secrets")
        async with session_of(deaf_server, "/v1/realtime/translations", **by(found["value"])) as (_, session):
            assert session["type"] == found["session"]["type"] == "translation"
            assert session["audio"]["output"]["language"] == "es"
        error, code, _ = await refusal(deaf_server, found["value"], "/v1/realtime")
        assert "translation session" in error["message"] and code == 4000


class TestAzure:
    @pytest.mark.behaviour("azure-paths", "azure-key")
    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            (AZURE, {"api-key": "k"}),
            (AZURE, {"Authorization": "Bearer k"}),
            (AZURE + "&api-key=k", {}),
            ("/openai/realtime?api-version=2025-08-28&deployment=voice-in-europe", {"api-key": "k"}),
        ],
    )
    async def test_its_paths(self, deaf_server, path, headers):
        async with session_of(deaf_server, path, additional_headers=headers) as (_, session):
            assert session["model"] == "gpt-realtime"

    @pytest.mark.behaviour("azure-part-twice")
    async def test_the_path_decides_whose_events_they_are(self, server):
        create_text = {"type": "response.create", "response": {"output_modalities": ["text"]}}
        for path, fields in ((AZURE, {"part", "content"}), ("/v1/realtime?model=gpt-realtime", {"part"})):
            async with dial(server, path) as websocket:
                event = await ask(websocket, create_text)
                while event["type"] != "response.content_part.done":
                    event = await receive(websocket)
                assert fields == {"part", "content"} & set(event)

    @pytest.mark.behaviour("azure-refused")
    @pytest.mark.parametrize(
        ("path", "headers", "status", "code"),
        [
            (AZURE, {}, 401, "401"),
            (AZURE, {"api-key": "wrong"}, 401, "401"),
            ("/openai/v1/realtime", {"api-key": "k"}, 404, "404"),
            ("/openai/realtime?api-version=2025-08-28", {"api-key": "k"}, 404, "404"),
            ("/openai/v1/realtime?model=gpt-realtime-whisper", {"api-key": "k"}, 400, "OpperationNotSupported"),
        ],
    )
    async def test_who_is_refused_gets_no_websocket(self, path, headers, status, code):
        """Reported: the status of the handshake, where OpenAI sends an event after it."""
        async with LiveServer(DEAF, LiveSettings(admission=Admission(frozenset({"k"})))) as server:
            with pytest.raises(InvalidStatus) as refused:
                async with connect(address(server, path), additional_headers=headers):
                    pass
            assert server.sessions() == []
        assert refused.value.response.status_code == status
        error = json.loads(refused.value.response.body)["error"]
        assert (error["code"], set(error)) == (code, {"code", "message"})

    @pytest.mark.behaviour("azure-client-secret", "client-secret-dial")
    async def test_a_client_secret(self, deaf_server):
        found = await create(deaf_server, SESSION, "/openai/v1/realtime/client_secrets")
        async with session_of(deaf_server, "/openai/v1/realtime", **by(found["value"])) as (_, session):
            assert session["instructions"] == "Speak like a pirate."

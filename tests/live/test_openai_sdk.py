"""The unmodified ``openai`` package against the live server: a turn (§3.1), a barge-in (§3.5), truncation (§4.5)."""

import asyncio
import base64

import pytest

from harness.live.server import LiveServer
from harness.server.session import SessionSetup
from harness.server.utterance import utterance
from harness.server.voice import Answer, Voice
from harness.units import MS
from tests.live.testing import ANSWER, PATIENCE_S, pieces, spoken

openai = pytest.importorskip("openai")
realtime = pytest.importorskip("openai.types.realtime")
pydantic = pytest.importorskip("pydantic")

KNOWN_EVENTS = pydantic.TypeAdapter(realtime.RealtimeServerEvent)
DETECTION = {"type": "server_vad", "silence_duration_ms": 500}
TURN = [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "(deltas)",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
    "rate_limits.updated",
]
"""Captured order of the GA service over WebSocket, server VAD, audio reply."""
CANCELLED = [
    "input_audio_buffer.speech_started",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
]
"""Barge-in over WebSocket: what precedes ``response.done`` is inferred from the documentation."""


def dial(server):
    client = openai.AsyncOpenAI(api_key="sk-x", websocket_base_url=server.url.removesuffix("/realtime"))
    return client.realtime.connect(model="gpt-realtime")


async def hear(connection):
    """The next event, which must be one that the package knows in every field."""
    async with asyncio.timeout(PATIENCE_S):
        raw = await connection.recv_bytes()
    event = connection.parse_event(raw)
    assert type(event) is type(KNOWN_EVENTS.validate_json(raw)), raw[:300]
    return event


async def hear_until(connection, kind):
    events = [await hear(connection)]
    while events[-1].type != kind:
        events.append(await hear(connection))
    return events


async def open_session(connection):
    assert [event.type for event in await hear_until(connection, "session.created")] == ["session.created"]
    await connection.session.update(session={"type": "realtime", "audio": {"input": {"turn_detection": DETECTION}}})
    updated = await hear(connection)
    assert updated.type == "session.updated"
    assert updated.session.audio.input.turn_detection.silence_duration_ms == 500


async def speak(connection, chunk_bytes=4_800):
    for piece in pieces(spoken("speech_en_f_arctic_a0009"), chunk_bytes):
        await connection.input_audio_buffer.append(audio=base64.b64encode(piece).decode())


def order(events):
    """The types, a run of deltas as one."""
    kinds = ["(deltas)" if event.type.endswith(".delta") else event.type for event in events]
    return [kind for kind, before in zip(kinds, ["", *kinds], strict=False) if kind != before or kind != "(deltas)"]


@pytest.mark.behaviour("turn-order", "reply-order", "one-response-id")
@pytest.mark.parametrize("chunk_ms", [20, 60, 100])
async def test_spoken_turn(server, chunk_ms):
    async with dial(server) as connection:
        await open_session(connection)
        await speak(connection, 48 * chunk_ms)
        events = await hear_until(connection, "rate_limits.updated")
    assert order(events) == TURN
    deltas = [event for event in events if event.type == "response.output_audio.delta"]
    audio = b"".join(base64.b64decode(event.delta) for event in deltas)
    assert audio == ANSWER.samples.tobytes()
    items = {event.item_id for event in events[:3]} | {events[3].item.id, events[4].item.id}
    assert len(items) == 1
    assert {event.response_id for event in deltas} == {events[-2].response.id}
    assert events[-2].response.status == "completed"


@pytest.mark.behaviour("barge-in-mid-output", "truncate")
async def test_barge_in():
    slow = Voice(Answer(utterance("speech_en_f_tts_hibari"), latency_us=5 * MS, pace=1.0))
    async with LiveServer(SessionSetup(voice=slow)) as server, dial(server) as connection:
        await open_session(connection)
        await speak(connection)
        first = (await hear_until(connection, "response.output_audio.delta"))[-1]
        await hear_until(connection, "response.output_audio.delta")
        await speak(connection)
        cut = await hear_until(connection, "response.done")
        assert order(cut)[-len(CANCELLED) :] == CANCELLED
        response = cut[-1].response
        assert response.id == first.response_id
        assert (response.status, response.status_details.reason) == ("cancelled", "turn_detected")
        assert response.output[0].status == "incomplete"

        await connection.conversation.item.truncate(item_id=first.item_id, content_index=0, audio_end_ms=100)
        truncated = (await hear_until(connection, "conversation.item.truncated"))[-1]
        assert (truncated.item_id, truncated.audio_end_ms) == (first.item_id, 100)


@pytest.mark.behaviour("barge-in-after-output")
async def test_speech_after_the_response_only_starts_a_turn(server):
    async with dial(server) as connection:
        await open_session(connection)
        await speak(connection)
        done = (await hear_until(connection, "rate_limits.updated"))[-2]
        await speak(connection)
        assert order(await hear_until(connection, "rate_limits.updated")) == TURN
        item_id = done.response.output[0].id
        await connection.conversation.item.truncate(item_id=item_id, content_index=0, audio_end_ms=1_000)
        assert (await hear(connection)).type == "conversation.item.truncated"
        await connection.conversation.item.truncate(item_id=item_id, content_index=0, audio_end_ms=1_001)
        assert (await hear(connection)).type == "error"
        await connection.response.cancel()
        assert (await hear(connection)).error.code == "response_cancel_not_active"


class TestBeforeTheSocket:
    """The package's own calls over HTTP, and their errors as its exceptions (§2.6)."""

    @staticmethod
    def client(server, key="sk-x"):
        base = server.url.removesuffix("/realtime")
        return openai.AsyncOpenAI(
            api_key=key, base_url=base.replace("ws://", "http://"), websocket_base_url=base, max_retries=0
        )

    @pytest.mark.behaviour("client-secret", "client-secret-dial")
    async def test_a_client_secret_opens_its_session(self, deaf_server):
        session = {"type": "realtime", "instructions": "Be brief.", "audio": {"output": {"voice": "cedar"}}}
        async with self.client(deaf_server) as backend:
            expiry = {"anchor": "created_at", "seconds": 60}
            made = await backend.realtime.client_secrets.create(expires_after=expiry, session=session)
            assert made.session.type == "realtime" and made.session.audio.output.voice == "cedar"
        browser = self.client(deaf_server, made.value)
        async with browser, browser.realtime.connect(model="gpt-realtime") as connection:
            created = await hear(connection)
            assert (created.session.instructions, created.session.audio.output.voice) == ("Be brief.", "cedar")

    @pytest.mark.behaviour("transcription-secret", "translation-secret", "models")
    async def test_the_other_routes(self, deaf_server):
        async with self.client(deaf_server) as client:
            heard = {"transcription": {"model": "gpt-4o-transcribe"}}
            made = await client.realtime.client_secrets.create(
                session={"type": "transcription", "audio": {"input": heard}}
            )
            assert made.session.audio.input.transcription.model == "gpt-4o-transcribe"
            spoken_in = {"model": "gpt-realtime-translate", "audio": {"output": {"language": "es"}}}
            made = await client.realtime.translations.client_secrets.create(session=spoken_in)
            assert made.session.audio.output.language == "es"
            assert "gpt-realtime" in [model.id async for model in client.models.list()]

    @pytest.mark.behaviour("vendor-errors", "calls-offer")
    async def test_errors_are_its_exceptions(self, deaf_server):
        async with self.client(deaf_server) as client:
            with pytest.raises(openai.BadRequestError) as wrong:
                await client.realtime.client_secrets.create(session={"type": "realtime", "instructions": 5})
            assert (wrong.value.code, wrong.value.param) == ("invalid_type", "session.instructions")
            with pytest.raises(openai.NotFoundError) as unknown:
                await client.models.retrieve("gpt-5")
            assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
            with pytest.raises(openai.BadRequestError) as offer:
                await client.realtime.calls.create(sdp="v=0\r\n")
            assert offer.value.code == "invalid_offer"
        async with self.client(deaf_server, "ek_unknown") as client:
            with pytest.raises(openai.AuthenticationError):
                await client.models.list()

    @pytest.mark.behaviour("azure-paths", "azure-key")
    async def test_azure(self, deaf_server):
        """The package's Azure client dials ``?api-version=…&deployment=…`` with the header ``api-key``."""
        where = deaf_server.url.removesuffix("/v1/realtime") + "/openai"
        azure = openai.AsyncAzureOpenAI(
            api_key="k",
            azure_endpoint=where.replace("ws://", "http://").removesuffix("/openai"),
            api_version="2025-08-28",
            websocket_base_url=where,
        )
        async with azure, azure.realtime.connect(model="voice-in-europe") as connection:
            created = await connection.recv()
            assert (created.type, created.session.model) == ("session.created", "gpt-realtime")

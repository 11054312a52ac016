"""The unmodified ``openai`` package begins a call, joins it from the side and hangs up."""

import asyncio

import pytest

from harness.live.server import LiveServer
from tests.live.webrtc.caller import Caller

openai = pytest.importorskip("openai")


def client_of(server, key="sk-x"):
    base = server.url.removesuffix("/realtime")
    http = base.replace("ws://", "http://")
    return openai.AsyncOpenAI(api_key=key, base_url=http, websocket_base_url=base, max_retries=0)


@pytest.mark.behaviour("calls", "calls-sideband", "calls-hangup")
async def test_a_call_from_its_beginning_to_its_end():
    async with LiveServer() as server, client_of(server) as backend:
        secret = await backend.realtime.client_secrets.create(session={"type": "realtime", "model": "gpt-realtime"})
        caller = Caller()
        session = {"type": "realtime", "model": "gpt-realtime", "instructions": "hello"}
        async with client_of(server, secret.value) as page:
            answer = await page.realtime.calls.create(sdp=await caller.offer(), session=session)
        assert answer.response.status_code == 201
        call_id = answer.response.headers["location"].rpartition("/")[2]
        assert call_id.startswith("rtc_")
        await caller.accept(answer.text)
        _, created = await caller.hear("session.created")
        assert created["session"]["instructions"] == "hello"
        async with backend.realtime.connect(extra_query={"call_id": call_id}) as sideband:
            await sideband.session.update(session={"type": "realtime", "instructions": "from the side"})
            async with asyncio.timeout(8):
                updated = await sideband.recv()
            assert (updated.type, updated.session.instructions) == ("session.updated", "from the side")
            await caller.hear("session.updated")
            await backend.realtime.calls.hangup(call_id)
            await asyncio.wait_for(caller.closed.wait(), 8)
        with pytest.raises(openai.NotFoundError):
            await backend.realtime.calls.hangup(call_id)
        await caller.close()


@pytest.mark.behaviour("calls-offer")
async def test_a_bad_offer():
    async with LiveServer() as server, client_of(server) as client:
        with pytest.raises(openai.BadRequestError) as refused:
            await client.realtime.calls.create(sdp="v=0\r\n", session={"type": "realtime", "model": "gpt-realtime"})
        assert refused.value.code == "invalid_offer"

"""What a live journal says about what was delivered: with a real client, and faults on the wire."""

import asyncio

import pytest

from harness import journal
from harness.journal import AudioDelivered, EventByServer, EventDelivered, EventHeldBack, UplinkHeldBack
from harness.live.server import LiveServer
from harness.protocol.events import ResponseOutputAudioDone
from harness.server.session import SessionSetup
from tests.live.testing import PATIENCE_S, QUICK_VOICE, append, dial, receive

ITEM = (
    '{"type": "conversation.item.create", "item": {"type": "message", "role": "user", '
    '"content": [{"type": "input_text", "text": "Speak."}]}}'
)
CREATE = '{"type": "response.create"}'


@pytest.fixture
async def quick():
    async with LiveServer(SessionSetup(voice=QUICK_VOICE, detector="energy")) as running:
        yield running


def parsed(server):
    return journal.parse(server.journal(1).decode().splitlines(), "live")


async def spoken(server):
    """Wait until the session has sent all of its answer."""
    async with asyncio.timeout(PATIENCE_S):
        while not list(parsed(server).events(EventByServer, ResponseOutputAudioDone)):
            await asyncio.sleep(0.01)


async def audio_of(server):
    """The totals of the last item."""
    async with asyncio.timeout(PATIENCE_S):
        while not (found := list(parsed(server).select(AudioDelivered))):
            await asyncio.sleep(0.01)
    return found[-1].sent_ms, found[-1].delivered_ms


async def test_an_answer_that_is_delivered(quick):
    async with dial(quick) as websocket:
        await websocket.send(ITEM)
        await websocket.send(CREATE)
        while (await receive(websocket))["type"] != "response.done":
            pass
        assert await audio_of(quick) == (1_000, 1_000)
        assert quick.sessions()[0].audio_out_s == 1.0
        assert not list(parsed(quick).select(EventHeldBack))
        last = list(parsed(quick).select(AudioDelivered))[-1]
        assert 200 < last.audible_ms <= 1_000


async def test_a_muted_answer_is_not(quick):
    async with dial(quick) as websocket:
        quick.start_fault("mute", session=1, lasts_s=None)
        await websocket.send(ITEM)
        await websocket.send(CREATE)
        await spoken(quick)
        assert await audio_of(quick) == (1_000, 0)
        assert quick.sessions()[0].audio_out_s == 0.0
        held = [entry.event for entry in parsed(quick).select(EventHeldBack)]
        assert {"response.created", "response.output_audio.done"} <= set(held)
        assert not list(parsed(quick).select(EventDelivered))


async def test_an_answer_that_a_stall_holds_back_is_delivered_later(quick):
    async with dial(quick) as websocket:
        await websocket.send(ITEM)
        await websocket.send('{"type": "conversation.item.retrieve", "item_id": "none"}')
        while (await receive(websocket))["type"] != "error":
            pass
        await websocket.send(CREATE)
        assert (await receive(websocket))["type"] == "response.created"
        fault = quick.start_fault("stall", session=1, lasts_s=None)
        await spoken(quick)
        sent, delivered = await audio_of(quick)
        assert delivered < sent == 1_000
        await asyncio.sleep(0.1)
        quick.end_fault(fault.id)
        while (await receive(websocket))["type"] != "response.done":
            pass
        assert await audio_of(quick) == (1_000, 1_000)
        late = {entry.event: entry.late_ms for entry in parsed(quick).select(EventDelivered)}
        assert 90 < late["response.output_audio.done"] < 5_000


async def test_the_client_s_audio_that_a_fault_loses(quick):
    async with dial(quick) as websocket:
        lost = {"direction": "up", "events": "input_audio_buffer.append"}
        quick.start_fault("dropped-events", session=1, lasts_s=None, parameters=lost)
        for _ in range(5):
            await websocket.send(append(bytes(48_000)))
        async with asyncio.timeout(PATIENCE_S):
            while not (found := list(parsed(quick).select(UplinkHeldBack))):
                await asyncio.sleep(0.01)
        assert found[0].audio_ms == 1_000
        assert quick.sessions()[0].audio_in_s == 0.0
    async with asyncio.timeout(PATIENCE_S):
        while quick.sessions()[0].state == "open":
            await asyncio.sleep(0.01)
    assert list(parsed(quick).select(UplinkHeldBack))[-1].audio_ms == 5_000


async def test_on_a_dead_connection_only_the_bytes_are_known(quick):
    async with dial(quick, close_timeout=0.1) as websocket:
        quick.start_fault("half-open", session=1, lasts_s=None)
        await websocket.send(append(bytes(48_000)))
        async with asyncio.timeout(PATIENCE_S):
            while not (found := list(parsed(quick).select(UplinkHeldBack))):
                await asyncio.sleep(0.01)
        assert found[0].size_bytes > 0 and found[0].audio_ms == 0

"""What clients can make the server hold: bounded while they are there, gone when they are."""

import asyncio
import json
import tracemalloc

import pytest

from harness.errors import SettingError
from tests.live.socket.testing import handshake
from tests.live.testing import PATH, dial, long_item, receive, still_works

pytestmark = pytest.mark.slow


async def test_a_session_that_has_ended_holds_nothing_of_its_conversation(deaf_server):
    """Only its journal and its last look are kept."""
    tracemalloc.start()
    try:
        for _ in range(3):
            async with dial(deaf_server) as websocket:
                await websocket.send(json.dumps(long_item(5_000_000)))
                assert (await receive(websocket))["type"] == "conversation.item.added"
        while deaf_server.connections:
            await asyncio.sleep(0.01)
        ours = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*/harness/*")])
    finally:
        tracemalloc.stop()
    assert sum(trace.size for trace in ours.traces) < 5_000_000
    assert len(deaf_server.sessions()) == 3


@pytest.mark.behaviour("most-items")
async def test_a_conversation_is_bounded_in_bytes(deaf_server):
    """Ours (§5)."""
    async with dial(deaf_server) as websocket:
        for number in range(6):
            await websocket.send(json.dumps(long_item(15_000_000, f"item_{number}")))
        while (event := await receive(websocket))["type"] != "error":
            pass
        assert event["error"]["code"] == "conversation_full"
        await still_works(websocket)


@pytest.mark.parametrize("stalled", [False, True])
async def test_a_script_cannot_send_without_end_to_a_client_that_does_not_read(deaf_server, stalled):
    event = {"type": "response.output_text.done", "response_id": "r", "item_id": "i", "output_index": 0}
    event |= {"content_index": 0, "text": "x" * 1_000_000}
    async with dial(deaf_server, max_queue=1) as websocket:
        if stalled:
            deaf_server.start_fault("stall", session=1, lasts_s=None)
        with pytest.raises(SettingError, match="nothing can be sent in session 1 now"):
            for _ in range(100):
                deaf_server.emit(1, event)
                await asyncio.sleep(0)
        websocket.transport.abort()


async def test_who_gives_up_during_a_stall_is_forgotten(deaf_server):
    """The dial waits for the fault to end; then nobody is there any more."""
    fault = deaf_server.start_fault("stall", session=None, lasts_s=None)
    _, writer = await asyncio.open_connection("127.0.0.1", deaf_server.port)
    writer.write(handshake(PATH, "Authorization: Bearer sk-x"))
    await asyncio.sleep(0.05)
    writer.close()
    while deaf_server.connections:
        await asyncio.sleep(0.01)
    deaf_server.end_fault(fault.id)
    assert deaf_server.sessions() == []

"""The server's end of an app's WebSocket, with the protocol of the websockets package at the other end, in memory."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import websockets
from websockets.frames import Opcode

from harness.apps.virtual.stage import Setting, VirtualStage
from harness.apps.virtual.threads import clocks
from harness.faults import ActiveFault
from harness.faults.closed import ClosedByServer
from harness.faults.half_open import HalfOpen
from harness.faults.reset import Reset
from harness.faults.truncated_events import TruncatedEvents
from harness.journal import ClientDisconnects, ConnectionClosed, EventAtClient
from harness.scenario.model import At, Say, Scenario, Step
from harness.units import SECOND
from harness.world.seeds import generator

URL = "ws://api.openai.com/v1/realtime?model=gpt-realtime"
KEY = {"Authorization": "Bearer sk-test"}
LATENCY_US = 20_000

Main = Callable[[VirtualStage, Any], Awaitable[Any]]


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stage has its process for itself; here it must give it back."""
    monkeypatch.setattr(asyncio, "new_event_loop", asyncio.new_event_loop)
    monkeypatch.setattr(asyncio.events, "new_event_loop", asyncio.events.new_event_loop)
    yield
    clocks().clear()


def play(main: Main, **options: Any) -> tuple[VirtualStage, Any]:
    """Run ``main(stage, socket)`` on the loop of a stage, without patches."""
    step = Step(At(300 * SECOND), Say("speech_en_f_arctic_a0009"))
    stage = VirtualStage(Scenario("It", (step,), latency_us=LATENCY_US, jitter_us=0), "app", Setting())

    async def run() -> Any:
        options.setdefault("ping_interval", None)
        return await main(stage, await websockets.connect(URL, additional_headers=KEY, **options))

    try:
        return stage, stage.loop.run_until_complete(asyncio.wait_for(run(), 250))
    finally:
        stage.loop.set_exception_handler(lambda *_: None)


def fault(stage: VirtualStage, what: Any) -> None:
    stage.world.network.inject(ActiveFault(what, generator(0, "test")), None)


def test_messages_pass_the_wire_in_both_directions() -> None:
    async def main(stage: VirtualStage, socket: Any) -> list[Any]:
        created = json.loads(await socket.recv())
        began = stage.loop.time()
        await socket.send('{"type": "session.update", "session": {"type": "realtime", "instructions": "Hm."}}')
        updated = json.loads(await socket.recv())
        return [created["type"], updated["session"]["instructions"], round(stage.loop.time() - began, 6)]

    stage, found = play(main)
    assert found == ["session.created", "Hm.", 2 * LATENCY_US / SECOND]
    assert any(entry.kind == "session.update" for entry in stage.journal.select(EventAtClient))


def test_a_message_in_fragments_is_one_message() -> None:
    async def main(stage: VirtualStage, socket: Any) -> str:
        await socket.recv()
        text = '{"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": []}}'
        await socket.send(text[at : at + 7] for at in range(0, len(text), 7))
        return str(json.loads(await socket.recv())["type"])

    assert play(main)[1] == "conversation.item.added"


@pytest.mark.parametrize("message", ["{", "null", '{"type": "no.such"}', b"bytes"])
def test_what_is_no_event_is_answered_with_an_error(message: Any) -> None:
    async def main(stage: VirtualStage, socket: Any) -> tuple[str, str]:
        await socket.recv()
        await socket.send(message)
        answer = json.loads(await socket.recv())
        return answer["type"], answer["error"]["type"]

    assert play(main)[1] == ("error", "invalid_request_error")


def test_a_ping_takes_a_round_trip_and_a_half_open_wire_answers_none() -> None:
    async def main(stage: VirtualStage, socket: Any) -> tuple[float, str]:
        latency = await (await socket.ping())
        fault(stage, HalfOpen())
        try:
            await asyncio.wait_for(await socket.ping(), 20)
        except TimeoutError:
            return round(latency, 6), "no pong"
        return latency, "a pong"

    assert play(main)[1] == (2 * LATENCY_US / SECOND, "no pong")


def test_a_truncated_message_arrives_as_it_is() -> None:
    async def main(stage: VirtualStage, socket: Any) -> str:
        await socket.recv()
        fault(stage, TruncatedEvents("down"))
        await socket.send('{"type": "input_audio_buffer.clear"}')
        return str(await socket.recv())

    text = play(main)[1]
    assert text.startswith('{"') and not text.endswith("}")


def test_the_apps_close_is_answered_with_its_code() -> None:
    async def main(stage: VirtualStage, socket: Any) -> tuple[int, str]:
        await socket.close(4001, "enough")
        return socket.close_code, socket.close_reason

    stage, found = play(main)
    assert found == (4001, "enough")
    assert [entry.code for entry in stage.journal.select(ClientDisconnects, ConnectionClosed)] == [4001, 4001]


@pytest.mark.parametrize(
    ("code", "reason"), [(1000, ""), (1001, "going away"), (1005, ""), (4000, "enough"), (1006, "")]
)
def test_the_servers_close_reaches_the_app_with_its_code(code: int, reason: str) -> None:
    """1005: a Close without a code; 1006: none at all."""

    async def main(stage: VirtualStage, socket: Any) -> tuple[int, str]:
        await socket.recv()
        fault(stage, ClosedByServer(code=code, reason=reason) if code != 1006 else Reset())
        await socket.wait_closed()
        return socket.close_code, socket.close_reason

    stage, found = play(main)
    assert found == (code, reason)
    assert [entry.code for entry in stage.journal.select(ConnectionClosed)] == [code]


def test_an_app_that_vanishes_has_left_with_1006() -> None:
    async def main(stage: VirtualStage, socket: Any) -> None:
        socket.transport.abort()
        await asyncio.sleep(1)

    stage, _ = play(main)
    assert [entry.code for entry in stage.journal.select(ClientDisconnects, ConnectionClosed)] == [1006, 1006]


def test_tcp_gives_a_black_hole_up_only_after_a_quarter_of_an_hour() -> None:
    """RFC 1122 and Linux' tcp_retries2: 924.6 s at least; so it is not in these 200 s."""

    async def main(stage: VirtualStage, socket: Any) -> bool:
        fault(stage, HalfOpen())
        await socket.send('{"type": "input_audio_buffer.clear"}')
        await asyncio.sleep(200)
        return socket.protocol.state is websockets.State.OPEN

    assert play(main)[1]


def test_frames_against_the_protocol_end_the_connection() -> None:
    async def main(stage: VirtualStage, socket: Any) -> int:
        await socket.recv()
        socket.transport.write(bytes([0x80 | Opcode.TEXT, 0x01]) + b"a")  # a client must mask
        await socket.wait_closed()
        return int(socket.close_code)

    assert play(main)[1] == 1002

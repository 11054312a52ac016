"""The event loop without patches: its time, its network in memory, and how it ends."""

import asyncio
import math

import pytest

from harness.apps.virtual.clock import Clock, StageOver
from harness.apps.virtual.hosts import Hosts
from harness.apps.virtual.loop import VirtualLoop
from harness.scenario.profiles import Timers
from harness.units import SECOND
from harness.world.scheduler import Scheduler


@pytest.fixture
def loop() -> VirtualLoop:
    clock = Clock(Scheduler())
    fences: list[str] = []
    clock.fence = fences.append
    clock.scheduler.at(1000 * SECOND, lambda _: clock.scheduler.stop())
    made = VirtualLoop(clock, lambda: None, lambda: None, Hosts({}))
    made.fences = fences  # type: ignore[attr-defined]
    return made


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(1 << 16):
        writer.write(piece)
        await writer.drain()
    writer.close()


def test_time_jumps_to_the_next_timer_and_nothing_is_waited_for(loop: VirtualLoop) -> None:
    async def main() -> list[float]:
        seen = []
        for length in (0.25, 100, 0.1):
            await asyncio.sleep(length)
            seen.append(loop.time())
        return seen

    assert loop.run_until_complete(main()) == [0.25, 100.25, 100.35]


def test_the_world_goes_first_and_wakes_the_loop(loop: VirtualLoop) -> None:
    async def main() -> list[str]:
        order: list[str] = []
        woken = loop.create_future()
        loop.call_at(5, order.append, "timer")
        loop.clock.scheduler.at(5 * SECOND, lambda _: order.append("world"))
        loop.clock.scheduler.at(6 * SECOND, lambda _: woken.set_result(None))
        await woken
        return [*order, str(loop.time())]

    assert loop.run_until_complete(main()) == ["world", "timer", "6.0"]


def test_the_end_of_the_world_ends_the_loop_and_then_it_may_clean_up(loop: VirtualLoop) -> None:
    async def main() -> float:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(2)
            cleaned.append(loop.time())

    cleaned: list[float] = []
    task = loop.create_task(main())
    with pytest.raises(StageOver):
        loop.run_forever()
    task.cancel()
    loop.call_later(3, loop.stop)
    loop.run_forever()
    assert cleaned == [1002.0]


def test_what_stays_after_the_end_gets_thirty_seconds(loop: VirtualLoop) -> None:
    with pytest.raises(StageOver):
        loop.run_forever()
    loop.call_later(60, loop.stop)
    loop.call_later(20, lambda: loop.call_later(20, lambda: None))
    with pytest.raises(StageOver):
        loop.run_forever()


def test_coarse_timers_fire_on_the_granule_even_when_the_world_has_work_then(loop: VirtualLoop) -> None:
    for second in range(1, 100):
        loop.clock.scheduler.at(second * SECOND, lambda _: None)

    async def main() -> list[float]:
        loop.clock.throttle(Timers(SECOND))
        seen = []
        for _ in range(3):
            await asyncio.sleep(0.3)
            seen.append(loop.time())
        loop.clock.throttle(None)
        await asyncio.sleep(0.3)
        return [*seen, loop.time()]

    assert loop.run_until_complete(main()) == [1.0, 2.0, 3.0, 3.3]


def test_timers_of_a_frozen_app_wait_for_its_return(loop: VirtualLoop) -> None:
    async def main() -> float:
        loop.clock.throttle(Timers(None))
        loop.clock.scheduler.at(50 * SECOND, lambda _: loop.clock.throttle(None))
        await asyncio.sleep(1)
        return loop.time()

    assert loop.run_until_complete(main()) == 50.0


def test_a_connection_to_a_server_of_the_apps_own(loop: VirtualLoop) -> None:
    async def main() -> bytes:
        server = await asyncio.start_server(echo, "0.0.0.0", 8080)
        reader, writer = await asyncio.open_connection("localhost", 8080)
        for size in (1, 70_000, 300_000):
            writer.write(bytes(size))
            await writer.drain()
        writer.write_eof()
        got = await reader.read()
        server.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("localhost", 8080)
        return got

    assert len(loop.run_until_complete(main())) == 370_001


def test_servers_are_known_by_their_host_and_port(loop: VirtualLoop) -> None:
    async def main() -> None:
        await asyncio.start_server(echo, "tools.example", 80)
        await asyncio.start_server(echo, "other.example", 80)
        with pytest.raises(OSError, match="in use"):
            await asyncio.start_server(echo, "tools.example", 80)
        await asyncio.open_connection("tools.example", "http")
        for host in ("localhost", "third.example"):
            with pytest.raises(ConnectionRefusedError, match=f"{host}:80 is not simulated"):
                await asyncio.open_connection(host, 80)
        found = await loop.getaddrinfo("tools.example", 80)
        await asyncio.open_connection(*found[0][4])

    loop.run_until_complete(main())


def test_an_abort_is_a_reset_and_a_close_is_an_end(loop: VirtualLoop) -> None:
    async def main(ends: str, port: int) -> str:
        async def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"so ")
            await writer.drain()
            await asyncio.sleep(1)
            writer.write(b"long")
            writer.transport.abort() if ends == "abort" else writer.close()

        await asyncio.start_server(end, port=port)
        reader, _writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            return (await reader.read()).decode()
        except ConnectionResetError:
            return "reset"

    assert loop.run_until_complete(main("close", 80)) == "so long"
    assert loop.run_until_complete(main("abort", 81)) == "reset"


def test_a_sender_waits_while_nobody_reads(loop: VirtualLoop) -> None:
    async def main() -> tuple[float, int]:
        got: list[int] = []

        async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(10)
            while piece := await reader.read(1 << 16):
                got.append(len(piece))

        await asyncio.start_server(slow, port=80)
        _, writer = await asyncio.open_connection("127.0.0.1", 80)
        for _ in range(40):
            writer.write(bytes(10_000))
            await writer.drain()
        waited = loop.time()
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(0)
        return waited, sum(got)

    waited, got = loop.run_until_complete(main())
    assert waited == 10.0 and got >= 390_000


def test_a_protocol_that_raises_ends_its_connection_and_not_the_loop(loop: VirtualLoop) -> None:
    told: list[str] = []
    loop.set_exception_handler(lambda _, found: told.append(str(found["exception"])))

    class Breaks(asyncio.Protocol):
        def data_received(self, data: bytes) -> None:
            raise ValueError("boom")

    async def main() -> bytes:
        await loop.create_server(Breaks, port=80)
        reader, writer = await asyncio.open_connection("127.0.0.1", 80)
        writer.write(b"a")
        with pytest.raises(ConnectionResetError):
            await reader.read()
        return b""

    loop.run_until_complete(main())
    assert told == ["boom"]


def test_an_endless_loop_of_callbacks_lets_time_pass(loop: VirtualLoop) -> None:
    async def main() -> None:
        while loop.time() < 0.003:
            await asyncio.sleep(0)

    loop.run_until_complete(main())
    assert loop.fences  # type: ignore[attr-defined]


async def _paced(loop: VirtualLoop, seconds: float) -> None:
    """A pacer as apps have it: each piece is due a tenth of a second after the one before."""
    due = loop.time()
    while due < seconds:
        due += 0.1
        while loop.time() < due:
            await asyncio.sleep(due - loop.time())


async def _set_again(loop: VirtualLoop, when: float) -> None:
    """A timer as aiohttp's heartbeat has it: if it fires before its time, it is set again for the same time."""
    done = loop.create_future()

    def fired() -> None:
        if loop.time() < when:
            loop.call_at(when, fired)
        else:
            done.set_result(None)

    loop.call_at(when, fired)
    await done


def test_code_that_compares_the_time_with_its_own_deadline_is_no_busy_wait(loop: VirtualLoop) -> None:
    async def main() -> None:
        await _paced(loop, 60)
        await _set_again(loop, math.nextafter(61.1, 62))

    loop.run_until_complete(main())
    assert loop.fences == []  # type: ignore[attr-defined]
    assert loop.time() == pytest.approx(61.1, abs=1e-5)

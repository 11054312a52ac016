"""An app that tries everything by which code might escape the virtual clock, and notes what came of it.

Each check says how long it takes in virtual time. The file that ``STILLTHERE_CHECKS`` names gets, for each check,
an empty text or what was wrong; :mod:`.test_escapes` reads it.
"""

import asyncio
import concurrent.futures
import contextvars
import datetime
import importlib.util
import json
import multiprocessing
import os
import queue
import random
import secrets
import select
import signal
import socket
import ssl
import subprocess
import threading
import time
import traceback
import uuid
from collections.abc import Awaitable, Callable
from time import monotonic, perf_counter, sleep
from typing import Any

import numpy as np

Check = Callable[[], Awaitable[None]]
CHECKS: dict[str, tuple[float, Check]] = {}


TOLERANCE_S = 0.005
"""A busy wait is given more time than it asks for."""


def takes(seconds: float, *needed: str) -> Callable[[Check], Check]:
    """A check that takes so long; it is left out if one of the modules ``needed`` is not installed."""

    def add(check: Check) -> Check:
        if all(importlib.util.find_spec(name) for name in needed):
            CHECKS[check.__name__] = seconds, check
        return check

    return add


async def app(mic: Any, speaker: Any) -> None:
    """Run all checks, one after the other."""
    wanted = os.environ.get("STILLTHERE_ONLY")
    found: dict[str, str] = {}
    for name, (seconds, check) in CHECKS.items():
        if wanted and name not in wanted.split(","):
            continue
        began = asyncio.get_running_loop().time()
        try:
            await check()
            took = asyncio.get_running_loop().time() - began
            found[name] = "" if abs(took - seconds) < TOLERANCE_S else f"it took {took:.6f} s instead of {seconds} s"
        except Exception:
            found[name] = traceback.format_exc()
        with open(os.environ["STILLTHERE_CHECKS"], "w", encoding="utf-8") as file:
            json.dump(found, file)


def elapsed(read: Callable[[], float], since: float) -> float:
    return round(read() - since, 6)


def raises(kind: type[BaseException], call: Callable[[], Any], words: str) -> None:
    try:
        call()
    except kind as error:
        assert words in str(error), str(error)
    else:
        raise AssertionError(f"no {kind.__name__}")


REFUSED = "refused: virtual time has nothing real"

# --- clocks -----------------------------------------------------------------------------------------------------------


@takes(300)
async def every_clock_moves_with_the_loop() -> None:
    readers: dict[str, Callable[[], float]] = {
        "time": time.time,
        "time_ns": lambda: time.time_ns() / 1e9,
        "monotonic": time.monotonic,
        "monotonic_ns": lambda: time.monotonic_ns() / 1e9,
        "perf_counter": time.perf_counter,
        "perf_counter_ns": lambda: time.perf_counter_ns() / 1e9,
        "from time import monotonic": monotonic,
        "from time import perf_counter": perf_counter,
        "process_time": time.process_time,
        "thread_time": time.thread_time,
        "CLOCK_REALTIME": lambda: time.clock_gettime(time.CLOCK_REALTIME),
        "CLOCK_MONOTONIC": lambda: time.clock_gettime(time.CLOCK_MONOTONIC),
        "CLOCK_MONOTONIC, ns": lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC) / 1e9,
        "datetime.now": lambda: datetime.datetime.now().timestamp(),
        "datetime.now(UTC)": lambda: datetime.datetime.now(datetime.UTC).timestamp(),
        "datetime.today": lambda: datetime.datetime.today().timestamp(),
        "utcnow": lambda: datetime.datetime.utcnow().timestamp(),
        "gmtime": lambda: time.mktime(time.gmtime()),
        "localtime": lambda: time.mktime(time.localtime()),
    }
    before = {name: read() for name, read in readers.items()}
    await asyncio.sleep(300)
    assert {name: round(read() - before[name], 3) for name, read in readers.items()} == dict.fromkeys(before, 300.0)


@takes(0)
async def the_date_is_the_epoch() -> None:
    assert 1_767_225_600 <= time.time() < 1_767_225_600 + 86_400
    assert datetime.date.today().isoformat() == "2026-01-01"
    assert datetime.datetime.now().hour == datetime.datetime.now(datetime.UTC).hour


@takes(0.05)
async def busy_waits_for_a_clock_end() -> None:
    for read in (time.monotonic, time.time, time.perf_counter, asyncio.get_running_loop().time):
        until = read() + 0.01
        while read() < until:
            pass
    until = time.monotonic() + 0.01
    while time.monotonic() < until:
        await asyncio.sleep(0)


@takes(0.01)
async def a_busy_loop_of_sleep_zero_ends() -> None:
    done: list[int] = []
    asyncio.get_running_loop().call_later(0.01, done.append, 1)
    while not done:
        await asyncio.sleep(0)


@takes(2)
async def time_sleep_on_the_loop_is_time() -> None:
    sleep(2)


@takes(1.5)
async def select_as_a_sleep() -> None:
    select.select([], [], [], 0.5)
    await asyncio.to_thread(select.select, [], [], [], 1)


# --- waiting with asyncio ---------------------------------------------------------------------------------------------


@takes(40)
async def time_outs_of_asyncio() -> None:
    try:
        await asyncio.wait_for(asyncio.Event().wait(), 30)
        raise AssertionError
    except TimeoutError:
        pass
    try:
        async with asyncio.timeout(10):
            await asyncio.Event().wait()
        raise AssertionError
    except TimeoutError:
        pass


@takes(7, "anyio")
async def time_outs_of_anyio() -> None:
    import anyio

    with anyio.move_on_after(7) as scope:
        await anyio.sleep(100)
    assert scope.cancelled_caught


@takes(7, "tenacity")
async def waits_of_tenacity() -> None:
    import tenacity

    attempts: list[int] = []

    @tenacity.retry(stop=tenacity.stop_after_attempt(4), wait=tenacity.wait_exponential(max=10), reraise=True)
    async def flaky() -> None:
        attempts.append(1)
        raise ValueError

    try:
        await flaky()
    except ValueError:
        assert len(attempts) == 4


@takes(1)
async def context_variables_reach_threads_and_callbacks() -> None:
    name: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="nobody")
    name.set("somebody")
    seen: list[str] = []
    asyncio.get_running_loop().call_later(1, lambda: seen.append(name.get()))
    seen.append(await asyncio.to_thread(name.get))
    await asyncio.sleep(1)
    assert seen == ["somebody", "somebody"]


# --- threads ----------------------------------------------------------------------------------------------------------


@takes(5)
async def time_sleep_in_a_thread() -> None:
    began = monotonic()
    ended = await asyncio.to_thread(lambda: (sleep(5), monotonic())[1])
    assert round(ended - began, 6) == 5


@takes(20)
async def a_thousand_sleeps_in_a_thread() -> None:
    await asyncio.to_thread(lambda: [time.sleep(0.02) for _ in range(1000)])


@takes(5)
async def a_queue_between_loop_and_thread() -> None:
    for kind in (queue.Queue, queue.LifoQueue, queue.PriorityQueue, queue.SimpleQueue):
        box: Any = kind()
        got: list[Any] = []

        def worker(box: Any = box, got: list[Any] = got) -> None:
            while True:
                try:
                    got.append(box.get(timeout=0.25))
                except queue.Empty:
                    got.append("empty")
                    return

        thread = threading.Thread(target=worker)
        thread.start()
        await asyncio.sleep(0.2)
        box.put("a")
        await asyncio.sleep(1.05)
        assert got == ["a", "empty"] and not thread.is_alive(), (kind, got)


@takes(1)
async def a_time_out_that_is_no_whole_microsecond_ends() -> None:
    box: queue.Queue[int] = queue.Queue()
    await asyncio.to_thread(raises, queue.Empty, lambda: box.get(timeout=0.5000000004), "")
    assert not await asyncio.to_thread(threading.Event().wait, 0.4999999996)


@takes(3)
async def a_full_queue_waits_in_a_thread() -> None:
    box: queue.Queue[int] = queue.Queue(1)

    def put() -> None:
        box.put(1)
        box.put(2)  # waits until there is room
        raises(queue.Full, lambda: box.put(3, timeout=1), "")

    future = asyncio.to_thread(put)
    task = asyncio.create_task(future)
    await asyncio.sleep(2)
    assert box.get() == 1
    await task
    assert box.get_nowait() == 2


@takes(9)
async def events_conditions_semaphores_and_barriers() -> None:
    event, barrier, order = threading.Event(), threading.Barrier(3), []
    semaphore, condition = threading.Semaphore(0), threading.Condition()

    def one() -> None:
        assert not event.wait(1)
        order.append(("event", monotonic()))
        event.set()
        barrier.wait()
        with condition:
            assert condition.wait_for(lambda: len(order) > 2, timeout=20)
        order.append(("condition", monotonic()))

    def two() -> None:
        assert event.wait()
        sleep(1)
        barrier.wait()
        assert not semaphore.acquire(timeout=2)
        with condition:
            order.append(("semaphore", monotonic()))
            condition.notify_all()

    began = monotonic()
    threads = [threading.Thread(target=target) for target in (one, two)]
    for thread in threads:
        thread.start()
    await asyncio.sleep(3)
    order.append(("loop", monotonic()))
    barrier.wait()
    await asyncio.sleep(6)
    assert not any(thread.is_alive() for thread in threads)
    assert [(name, round(at - began, 6)) for name, at in order] == [
        ("event", 1), ("loop", 3), ("semaphore", 5), ("condition", 5),
    ]  # fmt: skip


@takes(4)
async def a_timer_and_its_cancellation() -> None:
    began, fired = monotonic(), []
    threading.Timer(1.5, lambda: fired.append(round(monotonic() - began, 6))).start()
    other = threading.Timer(2, lambda: fired.append(0.0))
    other.start()
    await asyncio.sleep(1.9)
    other.cancel()
    await asyncio.sleep(2.1)
    assert fired == [1.5]


@takes(4)
async def a_lock_held_over_a_sleep() -> None:
    for kind in (threading.Lock, threading.RLock):
        lock, order, began = kind(), [], monotonic()

        def hold(name: str, lock: Any = lock, order: list[Any] = order, began: float = began) -> None:
            with lock:
                sleep(1)
                order.append((name, round(monotonic() - began, 6)))

        await asyncio.gather(asyncio.to_thread(hold, "a"), asyncio.to_thread(hold, "b"))
        assert order == [("a", 1), ("b", 2)]


@takes(1)
async def a_lock_with_a_time_out() -> None:
    lock = threading.Lock()
    lock.acquire()
    assert not await asyncio.to_thread(lock.acquire, True, 1)
    assert not await asyncio.to_thread(lock.acquire, False)
    lock.release()
    assert await asyncio.to_thread(lock.acquire, True, 1) and lock.locked()


@takes(3)
async def thread_join_with_and_without_a_time_out() -> None:
    thread = threading.Thread(target=sleep, args=(3,))
    thread.start()

    def join() -> bool:
        thread.join(1)
        alive = thread.is_alive()
        thread.join()
        return alive and not thread.is_alive()

    assert await asyncio.to_thread(join)


@takes(1)
async def a_thread_is_dead_once_joined() -> None:
    for _ in range(200):
        thread = threading.Thread(target=sleep, args=(0.005,))
        thread.start()
        await asyncio.to_thread(thread.join)
        assert not thread.is_alive() and thread not in threading.enumerate()


@takes(0)
async def a_thread_starts_only_once() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    raises(RuntimeError, thread.start, "only be started once")
    await asyncio.to_thread(thread.join)


@takes(1)
async def a_thread_that_raises_ends() -> None:
    said: list[str] = []
    before, threading.excepthook = threading.excepthook, lambda found: said.append(str(found.exc_value))

    def fails() -> None:
        sleep(1)
        raise ValueError("in a thread")

    thread = threading.Thread(target=fails)
    thread.start()
    await asyncio.to_thread(thread.join)
    threading.excepthook = before
    assert said == ["in a thread"]


@takes(3)
async def thread_pools() -> None:
    loop = asyncio.get_running_loop()
    with concurrent.futures.ThreadPoolExecutor(6) as pool:

        def work(number: int) -> int:
            sleep(3 - number)
            return number

        wrapped = [asyncio.wrap_future(pool.submit(work, number)) for number in range(3)]
        run = [loop.run_in_executor(pool, work, number) for number in range(3)]
        assert [await each for each in asyncio.as_completed(wrapped + run)] == [2, 2, 1, 1, 0, 0]


@takes(4)
async def pool_map_and_shutdown_in_a_thread() -> None:
    def work() -> list[int]:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda number: (sleep(1), number)[1], range(8)))

    assert await asyncio.to_thread(work) == list(range(8))


@takes(2)
async def waiting_for_futures_in_a_thread() -> None:
    def work() -> None:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            slow, fast = pool.submit(sleep, 2), pool.submit(sleep, 1)
            done, _ = concurrent.futures.wait([slow, fast], return_when="FIRST_COMPLETED")
            assert done == {fast}
            raises(TimeoutError, lambda: slow.result(0.5), "")
            assert list(concurrent.futures.as_completed([slow], 5)) == [slow]

    await asyncio.to_thread(work)


@takes(11)
async def run_coroutine_threadsafe_in_a_thread() -> None:
    loop = asyncio.get_running_loop()

    async def inner() -> str:
        await asyncio.sleep(9)
        return "from the loop"

    def work() -> str:
        raises(TimeoutError, lambda: asyncio.run_coroutine_threadsafe(inner(), loop).result(2), "")
        return asyncio.run_coroutine_threadsafe(inner(), loop).result(20)

    assert await asyncio.to_thread(work) == "from the loop"


@takes(2)
async def run_coroutine_threadsafe_on_the_loop_itself() -> None:
    future = asyncio.run_coroutine_threadsafe(asyncio.sleep(0), asyncio.get_running_loop())
    raises(TimeoutError, lambda: future.result(2), "")


@takes(3)
async def a_second_event_loop_in_a_thread() -> None:
    loop = asyncio.get_running_loop()

    async def inner() -> str:
        async with asyncio.timeout(10):
            await asyncio.sleep(1)
            from_here = asyncio.to_thread(sleep, 1)
            await from_here
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asyncio.sleep(1, "both"), loop))

    assert await asyncio.to_thread(lambda: asyncio.run(inner())) == "both"


@takes(0)
async def a_second_event_loop_here() -> None:
    coroutine = asyncio.sleep(1)
    raises(RuntimeError, lambda: asyncio.run(coroutine), "cannot be called from a running event loop")
    coroutine.close()


@takes(1)
async def a_raw_thread() -> None:
    import _thread

    began, seen = monotonic(), []
    _thread.start_new_thread(lambda: (sleep(0.5), seen.append(round(monotonic() - began, 6))), ())
    await asyncio.sleep(1)
    assert seen == [0.5]


@takes(0)
async def work_in_a_thread_takes_no_time() -> None:
    await asyncio.to_thread(lambda: sum(range(3_000_000)))


# --- randomness -------------------------------------------------------------------------------------------------------


@takes(0)
async def randomness_is_seeded() -> None:
    drawn: list[Any] = [
        uuid.uuid4(), uuid.uuid1(), secrets.token_hex(), random.random(), random.Random().random(), os.urandom(8),
        np.random.default_rng().random(), np.random.rand(), random.SystemRandom().random(), ssl.RAND_bytes(8),
    ]  # fmt: skip
    random.seed()
    drawn.append(random.random())
    with open(os.environ["STILLTHERE_CHECKS"] + ".drawn", "w", encoding="utf-8") as file:
        file.write(repr(drawn))


# --- what is real -----------------------------------------------------------------------------------------------------


@takes(0)
async def processes_are_refused() -> None:
    for start in (
        lambda: subprocess.run(["true"]),
        lambda: subprocess.Popen("true", shell=True),
        lambda: os.system("true"),
        lambda: os.popen("true"),
        lambda: multiprocessing.Process(target=int).start(),
        lambda: multiprocessing.get_context("spawn").Process(target=int).start(),
        lambda: os.fork() or os._exit(0),
        lambda: os.posix_spawn("/bin/true", ["true"], {}),
    ):
        raises(OSError, start, REFUSED)
    for begin in (asyncio.create_subprocess_exec("true"), asyncio.create_subprocess_shell("true")):
        try:
            await begin
            raise AssertionError
        except OSError as error:
            assert REFUSED in str(error)


@takes(0)
async def descriptors_are_refused() -> None:
    loop = asyncio.get_running_loop()
    reader, writer = os.pipe()
    raises(OSError, lambda: loop.add_reader(reader, print), REFUSED)
    raises(OSError, lambda: loop.add_writer(writer, print), REFUSED)
    raises(OSError, lambda: select.select([reader], [], [], 1), REFUSED)
    raises(OSError, lambda: select.poll(), REFUSED)
    for call in (
        loop.connect_read_pipe(asyncio.Protocol, os.fdopen(reader)),
        loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=("192.0.2.1", 9)),
        loop.create_unix_connection(asyncio.Protocol, "/tmp/none"),
        loop.create_unix_server(asyncio.Protocol, "/tmp/none"),
    ):
        try:
            await call
            raise AssertionError(call)
        except OSError as error:
            assert REFUSED in str(error), error


@takes(0)
async def blocking_sockets_are_refused() -> None:
    for call in (
        lambda: socket.create_connection(("192.0.2.1", 9)),
        lambda: socket.getaddrinfo("example.com", 443),
        lambda: socket.gethostbyname("example.com"),
        lambda: socket.socket().connect(("127.0.0.1", 9)),
        lambda: socket.socket().connect_ex(("127.0.0.1", 9)),
        lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"a", ("127.0.0.1", 9)),
    ):
        raises(OSError, call, REFUSED)
        try:
            await asyncio.to_thread(call)
            raise AssertionError
        except OSError as error:
            assert REFUSED in str(error)


@takes(0)
async def timer_signals_are_refused() -> None:
    raises(OSError, lambda: signal.setitimer(signal.ITIMER_REAL, 1), REFUSED)
    raises(OSError, lambda: signal.alarm(1), REFUSED)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, print)


@takes(0)
async def unknown_hosts_are_refused_with_the_cure() -> None:
    for host, port in (("voice.example", 443), ("127.0.0.1", 9)):
        try:
            await asyncio.open_connection(host, port)
            raise AssertionError
        except ConnectionRefusedError as error:
            assert f"{host}:{port} is not simulated" in str(error) and f"--host {host}" in str(error)


# --- the network in memory --------------------------------------------------------------------------------------------


@takes(0.5)
async def a_server_of_the_apps_own() -> None:
    closed = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            await asyncio.sleep(0.25)
            writer.write(line.upper())
            await writer.drain()
        writer.close()
        await writer.wait_closed()
        closed.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        reader, writer = await asyncio.open_connection("localhost", port)
        for word in (b"one\n", b"two\n"):
            writer.write(word)
            assert await reader.readline() == word.upper()
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        await closed.wait()
    try:
        await asyncio.open_connection("localhost", port)
        raise AssertionError
    except ConnectionRefusedError:
        pass


@takes(0)
async def a_megabyte_through_a_server_of_the_apps_own() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(1000):
            writer.write(piece)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, port=8123)
    reader, writer = await asyncio.open_connection("127.0.0.1", 8123)
    sent = random.randbytes(1_000_000)

    async def send() -> None:
        for begin in range(0, len(sent), 50_000):
            writer.write(sent[begin : begin + 50_000])
            await writer.drain()
        writer.write_eof()

    task = asyncio.create_task(send())
    assert await reader.read() == sent
    await task
    server.close()


@takes(9, "aiohttp", "httpx")
async def time_outs_of_http_clients() -> None:
    import aiohttp
    import aiohttp.web
    import httpx

    async def slow(request: Any) -> Any:
        await asyncio.sleep(float(request.query["s"]))
        return aiohttp.web.json_response({"at": time.time()})

    web = aiohttp.web.Application()
    web.router.add_get("/slow", slow)
    runner = aiohttp.web.AppRunner(web)
    await runner.setup()
    await aiohttp.web.TCPSite(runner, "tools.example", 8080).start()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session:
        async with session.get("http://tools.example:8080/slow?s=1") as response:
            assert response.status == 200
        try:
            await session.get("http://tools.example:8080/slow?s=60")
            raise AssertionError
        except TimeoutError:
            pass
    async with httpx.AsyncClient(timeout=4) as client:
        assert (await client.get("http://tools.example:8080/slow?s=1")).status_code == 200
        try:
            await client.get("http://tools.example:8080/slow?s=60")
            raise AssertionError
        except httpx.ReadTimeout:
            pass


KEY = {"Authorization": "Bearer sk-test"}


@takes(0, "openai")
async def rest_with_the_openai_sdk() -> None:
    import openai

    client = openai.AsyncOpenAI(api_key="sk-test")
    secret = await client.realtime.client_secrets.create(session={"type": "realtime"})
    assert secret.value.startswith("ek_")
    assert abs(secret.expires_at - time.time() - 600) < 2


@takes(0, "httpx")
async def rest_with_httpx() -> None:
    import httpx

    async with httpx.AsyncClient() as client:
        url = "https://api.openai.com/v1/realtime/client_secrets"
        answer = await client.post(url, headers=KEY, json={})
        assert answer.status_code == 200 and answer.json()["value"].startswith("ek_")
        answer = await client.get("https://api.openai.com/v1/nothing", headers=KEY)
        assert answer.status_code == 404


@takes(0, "aiohttp")
async def rest_with_aiohttp() -> None:
    import aiohttp

    async with aiohttp.ClientSession(headers=KEY) as session:
        url = "https://api.openai.com/v1/realtime/client_secrets"
        async with session.post(url, json={}) as answer:
            assert answer.status == 200 and (await answer.json())["value"].startswith("ek_")


URL = "wss://api.openai.com/v1/realtime?model=gpt-realtime"


@takes(0.06 + 0.02 + 0.04)  # the handshake, the first event, the ping
async def a_socket_with_websockets() -> None:
    import websockets

    async with websockets.connect(URL, additional_headers=KEY) as socket_:
        created = json.loads(await socket_.recv())
        assert created["type"] == "session.created"
        assert abs(created["session"]["expires_at"] - time.time() - 3600) < 2
        latency = await (await socket_.ping())
        assert round(latency, 6) == 0.04


@takes(0.06 + 0.02 + 0.04, "aiohttp")
async def a_socket_with_aiohttp() -> None:
    import aiohttp

    async with aiohttp.ClientSession(headers=KEY) as session, session.ws_connect(URL, heartbeat=20) as socket_:
        created = await socket_.receive_json()
        assert created["type"] == "session.created"
        await socket_.send_json({"type": "session.update", "session": {"type": "realtime", "instructions": "Hm."}})
        assert (await socket_.receive_json())["type"] == "session.updated"

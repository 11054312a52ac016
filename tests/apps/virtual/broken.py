"""Apps that are broken, each in its own way: the source, and what its run must say.

``HERE`` stands for the file and the line that ``# here`` marks.
"""

HEAD = """
import asyncio, ctypes, os, re, signal, socket, sys, threading, time

import websockets


async def dial():
    headers = {"Authorization": "Bearer sk-test"}
    return await websockets.connect("wss://api.openai.com/v1/realtime?model=gpt-realtime", additional_headers=headers)


"""
_ONLY_APP = "async def app(mic, speaker):\n"

NO_RUN: dict[str, tuple[str, str]] = {
    "a thread is blocked in C": (
        _ONLY_APP + "    a, b = socket.socketpair()\n    await asyncio.to_thread(a.recv, 1)  # here",
        "HERE: the app's thread 'asyncio_0' has been in one call for 1 s of real time, in run();",
    ),
    "a thread spins": (
        "def spin():\n    while True: pass  # here\n"
        + _ONLY_APP
        + "    await dial()\n    await asyncio.to_thread(spin)",
        "HERE: the app's thread 'asyncio_0' has been in one call for 1 s of real time, in spin();",
    ),
    "the loop spins": (
        _ONLY_APP + "    await dial()\n    while True: pass  # here",
        "HERE: the app {} did not let the event loop go on, and was ended after 5 s of real time",
    ),
    "a regular expression does not end": (
        _ONLY_APP + "    await dial()\n    re.match(r'(a+)+$', 'a' * 60 + 'b')  # here",
        "HERE: the app {} did not let the event loop go on, and was ended after 5 s of real time",
    ),
    "two threads wait for each other": (
        "def work(one, other):\n    with one:\n        time.sleep(1)\n        with other: pass  # here\n"
        + _ONLY_APP
        + "    a, b = threading.Lock(), threading.RLock()\n"
        "    await asyncio.gather(asyncio.to_thread(work, a, b), asyncio.to_thread(work, b, a))",
        "HERE: a deadlock of the app: each of these waits for a lock that the next one holds: the thread",
    ),
    "the loop and a thread wait for each other": (
        "a, b = threading.Lock(), threading.Lock()\n"
        "def work():\n    with a:\n        time.sleep(1)\n        with b: pass\n"
        + _ONLY_APP
        + "    with b:\n        threading.Thread(target=work).start()\n        await asyncio.sleep(2)\n"
        "        try:\n            a.acquire()  # here\n        except Exception: pass",
        "HERE: a deadlock of the app: each of these waits for a lock that the next one holds: the event loop",
    ),
    "a thread ends the process": (
        _ONLY_APP + "    await dial()\n    await asyncio.to_thread(os._exit, 0)  # here",
        "HERE: the app ended its process by os._exit(0) in a thread",
    ),
    "it kills itself": (
        _ONLY_APP + "    await dial()\n    os.kill(os.getpid(), signal.SIGKILL)",
        "the app {} ended the process: its process was ended by SIGKILL",
    ),
    "it crashes": (
        _ONLY_APP + "    await dial()\n    ctypes.string_at(0)  # here",
        "HERE: the app {} ended the process: its process was ended by SIGSEGV",
    ),
    "it raises when it is imported": (
        "raise ValueError('boom')  # here",
        "HERE: the app {} could not be loaded: ValueError: boom",
    ),
    "it exits when it is imported": (
        "sys.exit('no more')  # here",
        "HERE: the app {} could not be loaded: SystemExit: no more",
    ),
    "it raises at once": (
        _ONLY_APP + "    await asyncio.sleep(0.5)\n    raise ValueError('boom')  # here",
        "HERE: the app {} raised ValueError at 0.500 s, before it dialled the service: boom",
    ),
    "it returns at once": (
        _ONLY_APP + "    return 5",
        "the app {} ended without an error and never dialled api.openai.com; let it connect",
    ),
    "it never dials": (
        _ONLY_APP + "    async for pcm in mic: pass",
        "the app {} ran to the end of the run and never dialled api.openai.com; let it connect",
    ),
    "it dials an unknown host": (
        _ONLY_APP + "    async for _ in websockets.connect('wss://voice.example/v1/realtime'): pass",
        "the app {} never dialled api.openai.com; it dialled voice.example:443: if that is the Realtime service, add "
        "--host voice.example",
    ),
    "it is not async": (
        "def app(mic, speaker):\n    return 5",
        "the app {} returned 5; make it an async function: async def app(mic, speaker)",
    ),
    "it runs a loop of its own": (
        "def app(mic, speaker):\n    asyncio.run(dial())  # here",
        "HERE: the app {} raised NotOnStage at 0.000 s, before it dialled the service: asyncio.run in the main thread "
        "is refused: virtual time has nothing real; make the app an async function: async def app(mic, speaker)",
    ),
    "it is a generator": (
        _ONLY_APP + "    yield 5",
        "the app {} returned <async_generator object app>; make it an async function",
    ),
    "it does not end when it is over": (
        _ONLY_APP
        + "    await dial()\n    try: await asyncio.sleep(10000)\n    finally:\n        while True: pass  # here",
        "HERE: the app {} did not let the event loop go on, and was ended after 5 s of real time",
    ),
}
"""What must raise :exc:`harness.errors.ClientError` with such words."""

ENDED: dict[str, tuple[str, str]] = {
    "it raises in the middle": (
        _ONLY_APP + "    await dial()\n    await asyncio.sleep(1)\n    raise ValueError('boom')  # here",
        "ValueError: boom",
    ),
    "it raises in a group of tasks": (
        "async def fails():\n    await asyncio.sleep(1)\n    raise ValueError('boom')  # here\n"
        + _ONLY_APP
        + "    await dial()\n    async with asyncio.TaskGroup() as group:\n"
        "        group.create_task(asyncio.sleep(100))\n        group.create_task(fails())",
        "ValueError: boom",
    ),
    "it exits": (_ONLY_APP + "    await dial()\n    sys.exit('no more')  # here", "SystemExit: no more"),
    "it ends the process": (
        _ONLY_APP + "    await dial()\n    os._exit(0)  # here",
        "SystemExit: os._exit(0) was called",
    ),
    "it raises what no exception is": (
        "class Odd(BaseException):\n    def __str__(self): raise ValueError\n"
        + _ONLY_APP
        + "    await dial()\n    raise Odd  # here",
        "Odd",
    ),
}
"""What ends the app, and not the run: the error that the journal has, at the line HERE."""

_TALKS = """
import base64, json


async def talk(mic, speaker):
    ws = await dial()

    async def send():
        async for pcm in mic:
            audio = base64.b64encode(pcm).decode()
            await ws.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))

    async def hear():
        async for text in ws:
            event = json.loads(text)
            if event["type"] == "response.output_audio.delta":
                speaker.play(base64.b64decode(event["delta"]))
    await asyncio.gather(send(), hear())


async def app(mic, speaker):
    talks = asyncio.ensure_future(talk(mic, speaker))
    await asyncio.sleep(3)
"""
LEAVES_TASKS: dict[str, tuple[str, str | None]] = {
    "it returns": (_TALKS, None),
    "it raises": (_TALKS + "    raise ValueError('boom')", "ValueError: boom"),
    "it exits": (_TALKS + "    sys.exit(0)", "SystemExit: 0"),
    "it ends the process": (_TALKS + "    os._exit(0)", "SystemExit: os._exit(0) was called"),
    "it stops its loop": (
        _TALKS + "    asyncio.get_running_loop().stop()\n    await talks",
        "RuntimeError: the app stopped its event loop",
    ),
    "a task of it ends the process": (
        _TALKS + "    asyncio.get_running_loop().call_later(1, sys.exit, 'no more')\n    await talks",
        "SystemExit: no more",
    ),
    "it leaves a thread": (
        _TALKS + "    loop = asyncio.get_running_loop()\n"
        "    def play():\n        while True:\n            time.sleep(1)\n            speaker.play(b'\\1\\7' * 24000)\n"
        "    threading.Thread(target=play).start()",
        None,
    ),
}
"""What ends while tasks of it still talk to the service, and the error that the journal has."""

STAYS: dict[str, str] = {
    "it swallows cancellation": _ONLY_APP + "    await dial()\n    while True:\n"
    "        try: await asyncio.sleep(1)\n        except asyncio.CancelledError: pass",
    "it spins when it is cancelled": "stop = False\n"
    + _ONLY_APP
    + "    global stop\n    await dial()\n    while True:\n        try: await asyncio.sleep(0 if stop else 1)\n"
    "        except asyncio.CancelledError: stop = True",
    "it blocks when it is cancelled": _ONLY_APP + "    await dial()\n    try: await asyncio.sleep(10000)\n"
    "    finally:\n        time.sleep(1); threading.Event().wait()",
    "its loop waits for itself": _ONLY_APP
    + "    await dial()\n    asyncio.run_coroutine_threadsafe(dial(), asyncio.get_running_loop()).result()  # here",
}
"""What is played to the end of the run, and answers nobody."""

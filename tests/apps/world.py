"""Small apps on bare sockets, which do what a fault makes real apps do."""

HEAD = """
import asyncio, base64, json, time

import websockets

URL = "wss://api.openai.com/v1/realtime?model=gpt-realtime"
KEY = {"Authorization": "Bearer sk-test"}


def now():
    return round(time.time() - 1_767_225_600, 3)


def say(*words):
    raise SystemExit(" ".join(map(str, words)))


def dial(**options):
    return websockets.connect(URL, additional_headers=KEY, **options)


async def send_from(mic, ws):
    async for pcm in mic:
        await ws.send(json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(pcm).decode()}))


async def play_on(speaker, ws):
    async for text in ws:
        event = json.loads(text)
        if event["type"] == "response.output_audio.delta":
            speaker.play(base64.b64decode(event["delta"]), event["item_id"], event["response_id"])
        elif event["type"] == "input_audio_buffer.speech_started" and speaker.playing:
            speaker.stop()


async def talk(mic, speaker, ws):
    task = asyncio.create_task(send_from(mic, ws))
    await play_on(speaker, ws)


"""
"""What the apps of this file begin with; ``say`` ends an app with words that the journal keeps."""

AT = "  - at: {at}\n    network: {fault}\n"
SPEECH = "  - at: {at}\n    say: speech_en_f_arctic_a0009\n"

APPS: dict[str, tuple[str, str]] = {
    "a conversation": (
        SPEECH.format(at="2s"),
        "async def app(mic, speaker):\n    await talk(mic, speaker, await dial())",
    ),
    "make before break": (
        SPEECH.format(at="2s") + SPEECH.format(at="14s") + SPEECH.format(at="30s"),
        """
async def app(mic, speaker):
    old, sender = None, None
    players = []
    for _ in range(4):
        new = await dial()
        players.append(asyncio.create_task(play_on(speaker, new)))
        if sender:
            sender.cancel()
        sender = asyncio.create_task(send_from(mic, new))
        await asyncio.sleep(0.5)
        if old:
            await old.close()
        old = new
        await asyncio.sleep(9)
    await asyncio.Event().wait()
""",
    ),
    "damaged bytes": (
        "  - at: 5s\n    network: truncated-events\n    with: {direction: down, skip: 0, count: 1}\n"
        + SPEECH.format(at="6s"),
        "async def app(mic, speaker):\n    await talk(mic, speaker, await dial())",
    ),
    "half open": (
        AT.format(at="5s", fault="half-open") + SPEECH.format(at="90s"),
        """
async def app(mic, speaker):
    try:
        await talk(mic, speaker, await dial())
    except websockets.ConnectionClosed as error:
        say("lost at", now())
    say("ended at", now())
""",
    ),
    "reset": (
        AT.format(at="5s", fault="reset") + SPEECH.format(at="9s"),
        """
async def app(mic, speaker):
    ws = await dial()
    try:
        while True:
            await ws.recv()
    except websockets.ConnectionClosed:
        say("code", ws.close_code, "at", now())
""",
    ),
    "no answer to a Close": (
        "  - at: 3s\n    server: no-close-answer\n" + SPEECH.format(at="9s"),
        """
async def app(mic, speaker):
    ws = await dial()
    await asyncio.sleep(5 - now())
    await ws.close()
    say("closed at", now())
""",
    ),
    "an answered Close": (
        SPEECH.format(at="9s"),
        """
async def app(mic, speaker):
    ws = await dial()
    await asyncio.sleep(5 - now())
    await ws.close(4000, "so long")
    say("closed at", now(), ws.close_code)
""",
    ),
    "a dial into a black hole": (
        AT.format(at="1s", fault="black-holed") + "    lasts: 60s\n" + SPEECH.format(at="70s"),
        """
async def app(mic, speaker):
    await asyncio.sleep(2)
    try:
        await dial(open_timeout=7)
    except TimeoutError:
        pass
    began = now()
    ws = await dial(open_timeout=None)
    say("gave up at", began, "and connected at", now())
""",
    ),
    "a dial that is refused": (
        AT.format(at="1s", fault="reset") + "    lasts: 10s\n" + SPEECH.format(at="20s"),
        """
async def app(mic, speaker):
    first = await dial()
    await asyncio.sleep(2 - now())
    try:
        await dial()
    except OSError as error:
        say(type(error).__name__, error.errno, "at", now())
""",
    ),
    "a stalled wire": (
        AT.format(at="5s", fault="stall") + "    lasts: 20s\n" + SPEECH.format(at="40s"),
        """
async def app(mic, speaker):
    ws = await dial(ping_interval=None)
    await asyncio.sleep(6 - now())
    text = json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(bytes(480_000)).decode()})
    longest, sent_at, number = 0, 0, 0
    while now() < 30:
        began = now()
        await ws.send(text)
        number += 1
        if now() - began > longest:
            longest, sent_at, which = now() - began, now(), number
        await asyncio.sleep(0.1)
    say("message", which, "waited", round(longest, 1), "until", sent_at)
""",
    ),
    "a half-open wire": (
        AT.format(at="5s", fault="half-open") + SPEECH.format(at="40s"),
        """
async def app(mic, speaker):
    ws = await dial(ping_interval=None)
    await asyncio.sleep(6 - now())
    text = json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(bytes(480_000)).decode()})
    for number in range(1000):
        try:
            async with asyncio.timeout(10):
                await ws.send(text)
        except TimeoutError:
            say("message", number, "waited to", now())
        await asyncio.sleep(0.1)
""",
    ),
    "coarse timers": (
        "  - at: 5s\n    app: background\n    as: chrome-desktop\n    lasts: 10s\n" + SPEECH.format(at="20s"),
        """
async def app(mic, speaker):
    ws = await dial()
    await asyncio.sleep(5.2 - now())
    seen = []
    for _ in range(3):
        await asyncio.sleep(0.1)
        seen.append(now())
    for _ in range(2):
        await asyncio.to_thread(time.sleep, 0.1)
        seen.append(now())
    await asyncio.sleep(16.03 - now())
    seen.append(now())
    say(*seen)
""",
    ),
    "a frozen app": (
        "  - at: 5s\n    app: background\n    as: electron\n    lasts: 4s\n" + SPEECH.format(at="20s"),
        """
async def app(mic, speaker):
    ws = await dial()
    await asyncio.sleep(5.2 - now())
    first = now()
    await asyncio.to_thread(time.sleep, 0.1)
    say(first, now())
""",
    ),
}
"""The steps of a timeline, and the app that is played under it."""

"""Scripts, as they are, in a process each."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.apps.play import play_apps, run_of
from harness.apps.target import find_script
from harness.apps.virtual.child import AppTask
from harness.apps.virtual.stage import Setting
from harness.errors import ClientError
from harness.journal import AppEnded, AppFenced, ConnectionDialled, SpeakerHeard
from harness.scenario import load
from harness.world.play import Run

pytest.importorskip("openai")
pytest.importorskip("time_machine")
pytestmark = pytest.mark.slow

SCENARIO = """
scenario: One question
timeline:
  - at: 2s
    say: speech_en_f_arctic_a0009
"""

TALK = """
import asyncio, base64, sys
import sounddevice as sd
from openai import AsyncOpenAI

async def talk(answers=1):
    loop, captured = asyncio.get_running_loop(), asyncio.Queue()
    def capture(indata, frames, when, status):
        loop.call_soon_threadsafe(captured.put_nowait, bytes(indata))
    async def send(connection):
        while True:
            await connection.input_audio_buffer.append(audio=base64.b64encode(await captured.get()).decode())
    wanted = {"samplerate": 24_000, "channels": 1, "dtype": "int16"}
    async with AsyncOpenAI(api_key="sk-x").realtime.connect(model="gpt-realtime") as connection:
        with sd.RawInputStream(blocksize=480, callback=capture, **wanted), sd.RawOutputStream(**wanted) as speaker:
            sending = asyncio.create_task(send(connection))
            try:
                async for event in connection:
                    if event.type == "response.output_audio.delta":
                        await asyncio.to_thread(speaker.write, base64.b64decode(event.delta))
                    elif event.type == "response.done":
                        answers -= 1
                        if not answers:
                            return
            finally:
                sending.cancel()
                print("finally", len(sys.argv), file=open("finally.txt", "a"))
"""


def play(folder: Path, monkeypatch: pytest.MonkeyPatch, main: str, arguments: tuple[str, ...] = ()) -> Run:
    (folder / "scenario.yaml").write_text(SCENARIO)
    (folder / "talk.py").write_text(TALK)
    script = folder / "my_app.py"
    script.write_text(main)
    monkeypatch.chdir(folder)
    task = AppTask(load(folder / "scenario.yaml"), find_script("my_app.py", arguments), Setting(), limit_s=100)
    ((task, result),) = play_apps([task], jobs=1)
    return run_of(replace(task), result)


def test_a_script_runs_to_the_end_of_the_world_and_cleans_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = play(
        tmp_path, monkeypatch,
        "import asyncio, sys, talk\nif __name__ == '__main__' and sys.argv[1:] == ['--name', 'x']:\n"
        "    asyncio.run(talk.talk(answers=99))\n    open('never.txt', 'w')\n",
        ("--name", "x"),
    )  # fmt: skip
    assert list(run.journal.select(SpeakerHeard))
    assert not list(run.journal.select(AppEnded))
    assert (tmp_path / "finally.txt").read_text() == "finally 3\n"
    assert not (tmp_path / "never.txt").exists()


def test_every_way_to_start_a_loop_gives_that_of_the_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A uvloop that is really imported would end the script."""
    (tmp_path / "uvloop.py").write_text("raise SystemExit('the loop in C was imported')")
    run = play(
        tmp_path, monkeypatch,
        "import asyncio, sys, time, anyio, uvloop, talk\ntime.sleep(3)\nuvloop.install()\n"
        "asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())\n"
        "async def nothing():\n    await asyncio.sleep(0.1)\n"
        "with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner: runner.run(nothing())\n"
        "loop = asyncio.SelectorEventLoop()\nloop.run_until_complete(nothing())\nloop.close()\n"
        "anyio.run(nothing)\nasyncio.run(nothing())\nuvloop.run(talk.talk())\nsys.exit(0)\n",
    )  # fmt: skip
    (ended,) = run.journal.select(AppEnded)
    assert ended.error is None
    assert 5_000_000 < ended.t < 12_000_000  # once it was answered
    assert run.virtual_us > ended.t  # and the world goes on
    (dialled,) = run.journal.select(ConnectionDialled)
    assert dialled.t == 500_000 - 100_000  # four times nothing; the sleep before took no time
    assert [entry.what.partition(" in ")[0] for entry in run.journal.select(AppFenced)] == [
        "the event loop was blocked by sounddevice.RawOutputStream.stop"  # it plays out what it was given
    ]


def test_a_script_that_raises_is_told_with_its_own_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = play(
        tmp_path, monkeypatch, "import asyncio, talk\nasyncio.run(talk.talk())\nasyncio.run(talk.talk())\n1 / 0\n"
    )
    assert len(list(run.journal.select(ConnectionDialled))) == 2  # a second loop is one too
    (ended,) = run.journal.select(AppEnded)
    assert ended.error == "ZeroDivisionError: division by zero"
    assert Path(str(ended.place)).name == "my_app.py:4"
    with pytest.raises(ClientError, match=r"my_app\.py:2: the app 'my_app\.py' raised ZeroDivisionError at 0\.000 s"):
        play(tmp_path, monkeypatch, "import asyncio\n1 / 0\n")


@pytest.mark.parametrize(
    ("main", "told"),
    [
        ("import time\nwhile True: time.sleep(1)\n", r"started no event loop .* -- python my_app\.py`"),
        ("input('ready?')\n", r"my_app\.py:1: .*input\('ready\?'\) is refused: virtual time has no terminal"),
        (
            "import asyncio, threading, talk\n"
            "thread = threading.Thread(target=lambda: asyncio.run(talk.talk()))\nthread.start()\nthread.join()\n",
            "started no event loop in its main thread",
        ),
    ],
)
def test_what_is_no_asyncio_program_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, main: str, told: str
) -> None:
    with pytest.raises(ClientError, match=told):
        play(tmp_path, monkeypatch, main)

"""Runs of small programs: what they find in their environment, what is written of them, what a fault does to them."""

import asyncio
import json
import sys

import pytest

from harness.apps.real_time.play import play_program
from harness.errors import SettingError
from harness.journal import (
    AppEnded,
    ClientReopensCapture,
    ConnectionDialFailed,
    ConnectionDialled,
    ConnectionOpened,
    MicrophoneAudio,
    RunEnded,
    SpeakerHeard,
    SpeakerResumed,
)
from harness.picture.words import again, elapsed
from harness.scenario import loads
from tests.apps.real_time.testing import TALK, alone, python, verdict_of

ONE = """
scenario: One answer
lasts: {lasts}ms
recover within: 1s
server: {{detector: energy, reply: {{clip: speech_en_f_tts_hibari, lasts: 600ms}}}}
timeline:
  - {{at: 300ms, say: speech_en_m_arctic_a0007, lasts: 900ms}}
"""
HEAD = """
import base64, json, os, socket, sys, threading, time, urllib.request
from websockets.sync.client import connect
host, port = os.environ["STILLTHERE_DEVICE"].removeprefix("tcp://").split(":")
server = os.environ["OPENAI_BASE_URL"].removesuffix("/v1")
def device():
    return socket.create_connection((host, int(port)))
def dial(**options):
    return connect(os.environ["STILLTHERE_URL"], additional_headers={"Authorization": "Bearer any"}, **options)
def send(connection, microphone):
    while pcm := microphone.recv(960):
        audio = base64.b64encode(pcm).decode()
        connection.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))
"""


def played(code, *steps, lasts=2600, tmp_path=None, **options):
    """The journal of a short run of this code, and what it wrote."""
    scenario = loads(ONE.format(lasts=lasts) + "".join(f"  - {step}\n" for step in steps))
    output = None if tmp_path is None else tmp_path / "output"
    with alone():
        run = play_program(scenario, [sys.executable, "-c", HEAD + code], output=output, **options)
    return run, output.read_text() if output else ""


def test_with_an_inferred_speaker_what_arrives_is_heard_and_the_picture_says_so(monkeypatch):
    code = f"{HEAD}c = dial(); threading.Thread(target=send, args=(c, device()), daemon=True).start(); list(c)"
    verdict, run = verdict_of(TALK, sys.executable, "-c", code, monkeypatch=monkeypatch, device="none")
    assert str(verdict) == "held"
    assert "what arrived at the program counts as heard" in elapsed(run)
    assert "--device none" in again(run)


def test_a_program_that_ends_is_in_the_journal_and_the_run_goes_on():
    run, _ = played("c = dial(); time.sleep(1); sys.exit(5)")
    (ended,) = run.journal.select(AppEnded)
    assert ended.error == "exit code 5" and 900_000 < ended.t < 2_000_000
    (over,) = run.journal.select(RunEnded)
    assert over.t == 3_600_000
    assert run.journal.entries[-1] is over


def test_the_world_waits_for_a_program_that_starts_slowly():
    run, _ = played("time.sleep(1.5); c = dial(); time.sleep(9)")
    assert next(run.journal.select(ConnectionDialled)).t < 200_000
    assert next(run.journal.select(MicrophoneAudio)).t < 1_000_000


def test_dialling_the_device_anew_reopens_the_capture_and_resumes_the_output():
    run, _ = played(
        "c = dial(); one = device(); time.sleep(1.5); two = device(); time.sleep(9)",
        "{at: 500ms, app: background, lasts: 500ms, playback: suspended}",
    )
    (reopened,) = run.journal.select(ClientReopensCapture)
    (resumed,) = run.journal.select(SpeakerResumed)
    assert 1_400_000 < reopened.t == resumed.t < 2_600_000


@pytest.mark.parametrize("fault", ["reset", "black-holed"])
def test_dials_fail_while_the_network_is_down(fault, tmp_path):
    code = """
c = dial(); time.sleep(1)
for _ in range(100):
    try:
        began = time.monotonic(); c = dial(open_timeout=0.5); print("open", flush=True); break
    except Exception as error:
        print(type(error).__name__, round(time.monotonic() - began, 1), flush=True); time.sleep(0.2)
time.sleep(9)
"""
    step = f"{{at: 500ms, network: {fault}, lasts: 1500ms}}"
    run, output = played(code, step, lasts=3600, tmp_path=tmp_path)
    *failed, last = output.splitlines()
    assert last == "open"
    assert failed and all(line.startswith("TimeoutError 0.5" if fault == "black-holed" else "") for line in failed)
    assert len(list(run.journal.select(ConnectionDialFailed))) == len(failed)
    assert len(list(run.journal.select(ConnectionOpened))) == 2


def test_a_program_may_ask_for_the_talk_button_and_drop_what_is_queued(tmp_path):
    code = """
c = dial(); d = device()
threading.Thread(target=send, args=(c, d), daemon=True).start()
def ask():
    while True:
        print(json.load(urllib.request.urlopen(server + "/hands"))["pressed"], flush=True)
        time.sleep(0.1)
threading.Thread(target=ask, daemon=True).start()
for message in c:
    event = json.loads(message)
    if event["type"] == "response.output_audio.delta":
        d.sendall(base64.b64decode(event["delta"]))
    if event["type"] == "response.output_audio.done":
        time.sleep(0.4)
        print(urllib.request.urlopen(urllib.request.Request(server + "/speaker", method="DELETE")).read(), flush=True)
"""
    _, output = played(code, tmp_path=tmp_path)
    said = output.splitlines()
    assert said.count("True") >= 8, "the button is pressed while the user speaks, and a little longer"
    (dropped,) = (json.loads(line[2:-1]) for line in said if "played_ms" in line)
    assert 200 <= dropped["played_ms"] <= 450


def test_with_tls_python_trusts_the_server():
    scenario = loads(ONE.format(lasts=2600))
    with alone():
        run = play_program(scenario, python("tcp_devices.py", "voice_app:naive"), tls=True)
    assert next(run.journal.select(SpeakerHeard), None) is not None


async def test_inside_an_event_loop_a_sentence_says_what_to_do():
    with pytest.raises(SettingError, match=r"await asyncio\.to_thread"):
        play_program(TALK, ["true"])


def test_a_command_is_a_list_of_words():
    with pytest.raises(SettingError, match=r"give a list of words, such as \['python', 'app.py'\]"):
        play_program(TALK, "python app.py")


async def test_it_can_be_played_beside_an_event_loop():
    def play():
        return played("c = dial(); time.sleep(9)", lasts=400)

    run, _ = await asyncio.to_thread(play)
    assert next(run.journal.select(ConnectionOpened)).t < 300_000

"""The private sound server, with a program that captures and plays through the system's own tools."""

import sys

import pytest

from harness.journal import AppFenced, ClientReopensCapture
from harness.scenario import loads
from tests.apps.real_time.testing import TALK, verdict_of

APP = """
import base64, json, os, subprocess, sys, threading, time
from websockets.sync.client import connect
RAW = ["--raw", "--format=s16le", "--rate=24000", "--channels=1", "--latency-msec=20"]
server = connect(os.environ["STILLTHERE_URL"], additional_headers={"Authorization": "Bearer any"})
speaker = subprocess.Popen(["pacat", "--playback", *RAW], stdin=subprocess.PIPE)

def listen():
    while True:
        recording, sounded = subprocess.Popen(["parec", *RAW], stdout=subprocess.PIPE), time.monotonic()
        while pcm := recording.stdout.read(960):
            audio = base64.b64encode(pcm).decode()
            server.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))
            if max(memoryview(pcm).cast("h")) > 300:
                sounded = time.monotonic()
            if "careful" in sys.argv and time.monotonic() - sounded > 3:
                recording.kill()
                break

def watch():
    seen = None
    while True:
        sources = subprocess.run(["pactl", "list", "sources"], capture_output=True, text=True).stdout
        ours = sources.split("Name: microphone\\n")[1]
        now = "muted" if "Mute: yes" in ours.split("Source #")[0] else "open"
        if now != seen:
            print(now, flush=True)
            seen = now
        time.sleep(0.1)

threading.Thread(target=listen, daemon=True).start()
if "watch" in sys.argv:
    threading.Thread(target=watch, daemon=True).start()
for message in server:
    event = json.loads(message)
    if event["type"] == "response.output_audio.delta":
        speaker.stdin.write(base64.b64decode(event["delta"]))
        speaker.stdin.flush()
"""
DYING = """
scenario: A capture that dies
lasts: 3s
recover within: {within}
server: {{reply: {{clip: speech_en_f_tts_hibari, lasts: 600ms}}}}
timeline:
  - {{at: 300ms, say: speech_en_m_arctic_a0007, lasts: 900ms}}
  - {{at: 2500ms, microphone: {fault}}}
"""


@pytest.fixture
def played(monkeypatch, tmp_path):
    def play(scenario, *arguments):
        output = tmp_path / "output"
        verdict, run = verdict_of(
            scenario, sys.executable, "-c", APP, *arguments, monkeypatch=monkeypatch, device="pulse", output=output
        )
        return str(verdict), run, output.read_text()

    return play


def test_a_program_with_a_sound_card_is_answered(played):
    verdict, run, _ = played(TALK)
    assert (verdict, list(run.journal.select(AppFenced))) == ("held", [])


def test_a_capture_that_was_moved_is_dead_until_the_program_records_anew(played):
    scenario = loads(DYING.format(fault="near-silent, until: reopened", within="4s"))
    assert played(scenario)[0] == "failed: capture_dead"
    scenario = loads(DYING.format(fault="near-silent, until: reopened", within="12s"))
    verdict, run, _ = played(scenario, "careful")
    assert verdict == "held"
    assert next(run.journal.select(ClientReopensCapture), None) is not None


def test_a_program_sees_that_its_source_is_muted(played):
    _, _, output = played(loads(DYING.format(fault="zeroed, lasts: 800ms", within="1s")), "watch")
    assert output.split() == ["open", "muted", "open"]

"""A program that makes a call by aiortc: its session is in the world, and so are the faults of its media."""

import sys

import pytest

pytest.importorskip("aiortc")
from harness.apps.real_time.play import play_program
from harness.journal import (
    AudioDelivered,
    ClientDisconnects,
    ConnectionDialled,
    ConnectionOpened,
    EventAtClient,
    SpeakerHeard,
    TurnTaken,
    UplinkAudio,
)
from harness.scenario import loads
from harness.verdict import lateness
from harness.verdict.judge import judge
from harness.verdict.record import RunRecord
from tests.apps.real_time.testing import alone

SCENARIO = """
scenario: A call
transport: webrtc
lasts: {lasts}
recover within: 1s
server: {{detector: energy, reply: {{clip: speech_en_f_tts_hibari, lasts: 600ms}}}}
timeline:
  - {{at: 300ms, say: speech_en_m_arctic_a0007, lasts: 1500ms}}
{steps}
"""
CALLER = """
import asyncio, os, socket, sys
import numpy as np
from types import SimpleNamespace
from urllib.parse import urlsplit
from tests.live.webrtc.caller import Caller, post

class Live:
    'What the device delivers, as the microphone of a caller slices it.'
    def __init__(self):
        self.pcm = np.zeros(0, np.int16)
    def __len__(self):
        return len(self.pcm)
    def __getitem__(self, wanted):
        return self.pcm[wanted]

async def main():
    caller = Caller()
    live = caller.microphone.pcm = Live()
    host, port = os.environ["STILLTHERE_DEVICE"].removeprefix("tcp://").split(":")
    server = SimpleNamespace(port=urlsplit(os.environ["OPENAI_BASE_URL"]).port)
    reader, writer = await asyncio.open_connection(host, int(port))
    await caller.dial(server)
    async def listen():
        while pcm := await reader.readexactly(960):
            live.pcm = np.concatenate([live.pcm, np.frombuffer(pcm, np.int16)])
    listening = asyncio.create_task(listen())
    await {until}

asyncio.run(main())
"""


def journal_of(until, *steps, lasts="4s"):
    """The journal of a caller that stays until this is awaited."""
    text = SCENARIO.format(lasts=lasts, steps="\n".join(f"  - {step}" for step in steps))
    code = CALLER.replace("{until}", until)
    with alone():
        return play_program(loads(text), [sys.executable, "-c", code], speaker="inferred").journal


def kinds(journal):
    return [entry.kind for entry in journal.select(EventAtClient)]


@pytest.mark.slow
def test_a_turn_of_a_call_is_heard_and_answered_in_the_world():
    journal = journal_of("asyncio.sleep(60)")
    assert [entry.connection for entry in journal.select(ConnectionDialled)] == [1]
    assert len(list(journal.select(ConnectionOpened))) == 1
    assert max(entry.rms for entry in journal.select(UplinkAudio)) > 500
    assert len(list(journal.select(TurnTaken))) >= 1
    assert "response.output_audio.delta" not in kinds(journal)
    told = [kind for kind in kinds(journal) if kind.startswith("output_audio_buffer.")]
    assert told[:2] == ["output_audio_buffer.started", "output_audio_buffer.stopped"]
    assert list(journal.select(SpeakerHeard))


@pytest.mark.slow
def test_packets_that_are_lost_on_the_way_up_are_heard_by_nobody():
    journal = journal_of("asyncio.sleep(60)", "{at: 0ms, network: rtp-stopped, with: {direction: up}, lasts: 3s}")
    assert not [entry for entry in journal.select(TurnTaken) if entry.t < 2_500_000]


@pytest.mark.slow
def test_a_caller_that_hangs_up_is_in_the_journal():
    journal = journal_of("asyncio.sleep(1.5); await caller.close(); await asyncio.sleep(60)", lasts="3s")
    assert [entry.code for entry in journal.select(ClientDisconnects)] == [1000]


def judged(step):
    """A run with time for an answer after the heal, and its cause. One that was late is played again."""
    text = SCENARIO.format(lasts="4s", steps=f"  - {step}").replace("recover within: 1s", "recover within: 4s")
    code = CALLER.replace("{until}", "asyncio.sleep(60)")
    for _ in range(2):
        with alone():
            run = play_program(loads(text), [sys.executable, "-c", code], speaker="inferred")
        if lateness.find(RunRecord(run.journal)) is None:
            break
    return run.journal, judge(run.journal, run.scenario).cause


@pytest.mark.slow
def test_audio_that_is_lost_on_the_way_down_is_not_inferred_to_be_heard():
    journal, cause = judged("{at: 0ms, network: rtp-stopped}")
    assert [each.kind for each in journal.select(EventAtClient)].count("output_audio_buffer.started") >= 1
    assert not list(journal.select(SpeakerHeard))
    delivered = list(journal.select(AudioDelivered))
    assert delivered and all(each.sent_ms and not each.delivered_ms for each in delivered)
    assert cause == "media_lost"


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["data-channel-closed", "data-channel-stalled"])
def test_no_event_counts_as_arrived_that_does_not_pass_the_data_channel(fault):
    journal = journal_of("asyncio.sleep(60)", f"{{at: 100ms, network: {fault}}}")
    assert list(journal.select(TurnTaken)) and list(journal.select(SpeakerHeard))
    assert [each.kind for each in journal.select(EventAtClient) if each.t > 600_000] == []


@pytest.mark.slow
def test_an_app_is_not_blamed_for_packets_that_a_fault_has_lost():
    assert judged("{at: 0ms, network: rtp-stopped, with: {direction: up}}")[1] == "media_lost"

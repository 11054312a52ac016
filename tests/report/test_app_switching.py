"""The page on app switching is fresh, and each suspected way to silence is reproduced by the step it names."""

import re
from pathlib import Path

import numpy as np
import pytest

from harness.clients.interface import AppState, Closed, PlaybackEnded
from harness.journal import EventByServer, SpeakerSuspended, UplinkAudio
from harness.protocol.events import InputAudioBufferSpeechStarted, InputAudioBufferSpeechStopped
from harness.report.app_switching import HYPOTHESES, render
from harness.scenario.loader import loads
from harness.scenario.profiles import PROFILES
from tests.faults.scenes import MS, SECOND, Open, run, times
from tests.world.testing import Clock

PAGE = Path(__file__).parent.parent.parent / "docs" / "app-switching.md"
CURE = "run: python -m harness.report.app_switching > docs/app-switching.md"
STEPS = {each.number: each.step for each in HYPOTHESES}

SCENE = """
scenario: suspected
server: {{reply: {{lasts: 4s}}}}
timeline:
  - {{at: 1s, say: speech_en_f_arctic_a0009, level: {level}}}
  - {{at: 6s, {step}}}
  - {{at: 12s, say: speech_en_f_arctic_a0009, level: {level}}}
"""
"""The first answer plays from 4.6 s to 8.6 s."""


def scenario(number, level="-20 dBFS"):
    return loads(SCENE.format(step=STEPS[number][1:-1], level=level))


def played(number, client, **level):
    return run(scenario(number, **level), client)


def peaks(client, begin_s, end_s):
    return [
        int(np.abs(samples.astype(int)).max())
        for now, samples in client.chunks
        if begin_s * SECOND < now <= end_s * SECOND
    ]


def test_the_page_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == render(), CURE


def test_the_page_has_every_profile_and_every_hypothesis():
    page = render()
    assert [f"## {name}\n" in page for name in PROFILES] == [True] * len(PROFILES)
    assert re.findall(r"^\| (H\d+) ", page, re.MULTILINE) == [f"H{number}" for number in range(1, 11)]


@pytest.mark.parametrize("number", STEPS)
def test_the_step_can_stand_in_a_scenario(number):
    assert len(scenario(number).timeline) == 3


def zeroed_share(number, client):
    """Of the chunks that are sent while the user asks again, how many the gate has zeroed; the voice is a soft one."""
    journal = played(number, client, level="-28 dBFS")
    sent = [entry for entry in journal.select(UplinkAudio) if 12 * SECOND < entry.t < 15 * SECOND]
    return sum(entry.zeros for entry in sent) / sum(entry.chunks for entry in sent)


def test_h1_the_client_never_learns_of_the_end_of_playback_and_the_gate_stays_high():
    client = Open()
    journal = played("H1", client)
    assert times(journal, SpeakerSuspended) == [6 * SECOND]
    assert not [event for _, event in client.told if isinstance(event, PlaybackEnded)]
    assert max(peaks(client, 12, 15)) > 10_000
    assert zeroed_share("H1", "reported") > 0.95
    assert zeroed_share("H10", "reported") < 0.75


def test_h2_the_voice_is_a_tenth_and_still_follows():
    plain, softer = Open(), Open()
    played("H10", plain)
    played("H2", softer)
    for loud, soft in zip(peaks(plain, 12, 15), peaks(softer, 12, 15), strict=True):
        assert soft == round(loud / 10) or abs(soft - loud / 10) <= 1


def test_h3_the_level_never_follows_the_voice():
    client = Open()
    played("H3", client)
    assert {38 <= peak <= 96 for peak in peaks(client, 6, 20)} == {True}


def test_h4_chunks_come_on_time_and_are_zero():
    client = Open()
    played("H4", client)
    assert peaks(client, 6, 20) == [0] * 14 * 50


def test_h5_no_chunk_ever_comes():
    client = Open()
    played("H5", client)
    assert peaks(client, 6, 20) == []


def test_h6_the_connection_is_lost_on_the_return():
    client = Open()
    played("H6", client)
    assert peaks(client, 6, 10) == []
    assert [(now, event.code) for now, event in client.told if isinstance(event, Closed)] == [(10 * SECOND, 1006)]


def test_h7_zeros_come_at_once_and_it_cannot_last():
    client = Open()
    journal = played("H7", client)
    assert peaks(client, 10, 10.02)[:130] == [0] * 130
    assert 0 not in peaks(client, 10.02, 20)
    started = times(journal, EventByServer, InputAudioBufferSpeechStarted)
    assert [when for when in started if when > 12 * SECOND]


def test_h8_is_a_short_dip():
    client = Open()
    played("H8", client)
    assert max(peaks(client, 6, 9)) < min(peaks(client, 9.02, 11))


def test_h9_timers_tick_once_a_second_and_the_audio_is_fine():
    client = Clock()
    played("H9", client)
    assert client.between(9, 12) == [10 * SECOND, 11 * SECOND]
    assert max(peaks(client, 12, 15)) > 10_000
    assert not next(event.foreground for _, event in client.told if isinstance(event, AppState))


def test_h10_two_chunks_of_zeros_do_no_harm():
    client = Open()
    journal = played("H10", client)
    silent = [now for now, samples in client.chunks if not samples.any()]
    assert silent == [6 * SECOND, 6 * SECOND + 20 * MS]
    assert len(times(journal, EventByServer, InputAudioBufferSpeechStopped)) >= 2

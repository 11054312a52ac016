"""Another net decides in place of the session's own (§6.1)."""

from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.audio.clips import load_clip
from harness.audio.formats import PCM24K, PCMU
from harness.audio.resampling import resample
from harness.errors import SettingError
from harness.server.hearing import Hearing
from harness.vad.detector import DETECTORS, make_detector
from harness.vad.ear import Ear
from harness.vad.scripted import ScriptedDetector
from harness.vad.turn import SpeechStarted, SpeechStopped, TurnSettings
from tests.server.playbook import Playbook, append, says, silence, speech
from tests.server.testing import STARTED, TURN

FORMATS = [PCM24K, PCMU]
NAMES = sorted(DETECTORS)


@lru_cache
def audio(audio_format):
    """A second and a half of speech, on the wire."""
    samples = load_clip("speech_en_f_arctic_a0009").samples[: 24_000 * 3 // 2]
    return audio_format.encode(resample(samples, 24_000, audio_format.rate_hz))


class Spy:
    """A hearing that records what the turn automaton was given, and what the shadow decided."""

    def __init__(self, detector, audio_format=PCM24K):
        self.hearing = Hearing(detector, audio_format, TurnSettings())
        self.hearing.distort = self.see
        self.given = []
        self.decided, self.shadow = [], []

    def see(self, probability):
        self.given.append(probability)
        return probability

    def hear(self, payload):
        for decided, shadow in self.hearing.hear(payload):
            self.decided += [] if decided is None else [decided]
            self.shadow += [] if shadow is None else [shadow]


def judged(name, payload, audio_format):
    return Ear(make_detector(name), audio_format.rate_hz).hear(audio_format.decode(payload))


@pytest.mark.slow
@pytest.mark.behaviour("replaced")
@pytest.mark.parametrize("audio_format", FORMATS, ids=lambda each: each.name)
@pytest.mark.parametrize("own", NAMES)
@pytest.mark.parametrize("other", NAMES)
@settings(max_examples=8, deadline=None)
@given(before=st.integers(0, 30_000), sizes=st.lists(st.integers(1, 5000), max_size=8))
def test_both_judge_the_same_frames(audio_format, own, other, before, sizes):
    """From the first frame that is not decided yet, as if the other had been given the audio from there on; whenever
    it comes and in whatever chunks. The shadow is that of a session in which nothing was replaced."""
    whole, frame_bytes = audio(audio_format), 32 * audio_format.rate_hz * audio_format.bytes_per_sample // 1000
    before = min(before, len(whole))
    spy, plain = Spy(make_detector(own), audio_format), Spy(make_detector(own), audio_format)
    plain.hear(whole)
    spy.hear(whole[:before])
    frames = len(spy.given)
    spy.hearing.replace(other)
    done = before
    for size in [*sizes, len(whole)]:
        spy.hear(whole[done : done + size])
        done += size
    expected = judged(other, whole[frames * frame_bytes :], audio_format)
    assert spy.given[:frames] == plain.given[:frames]
    assert spy.given[frames:] == expected[: len(spy.given) - frames]
    assert 0 <= len(plain.given) - len(spy.given) <= 1, "the last frame may wait for the millisecond behind it"
    assert spy.shadow == plain.shadow[: len(spy.shadow)]


@pytest.mark.behaviour("replaced")
@pytest.mark.parametrize("other", NAMES)
def test_the_own_net_comes_back_as_if_it_had_never_been_away(other):
    """It has heard all the while, so its probabilities are those of a session in which nothing was replaced."""
    whole = audio(PCM24K)
    spy, plain = Spy(make_detector("silero")), Spy(make_detector("silero"))
    plain.hear(whole)
    spy.hear(whole[:20_001])
    spy.hearing.replace(other)
    spy.hear(whole[20_001:45_002])
    away = len(spy.given)
    spy.hearing.replace(None)
    spy.hear(whole[45_002:])
    assert spy.given[away:] == plain.given[away:] and len(spy.given) == len(plain.given)
    assert spy.hearing.replaced_by is None


def test_the_other_decides_and_the_shadow_keeps_to_the_own():
    """Positions are those of the frames (§4.2). By the script there is no speech, by the energy there is."""
    spy = Spy(ScriptedDetector([]))
    spy.hearing.replace("energy")
    spy.hear(silence(20) + speech(3) + silence(7))
    assert spy.decided == [SpeechStarted(20 * 32 - 300), SpeechStopped(30 * 32)] and spy.shadow == []


def test_naming_it_again_changes_nothing():
    """Its state is kept, so the probabilities are those of one that was named once."""
    whole, once, again = audio(PCM24K), Spy(ScriptedDetector([])), Spy(ScriptedDetector([]))
    for spy in (once, again):
        spy.hearing.replace("silero_v4")
    once.hear(whole)
    for start in range(0, len(whole), 4_800):
        again.hearing.replace("silero_v4")
        again.hear(whole[start : start + 4_800])
    assert again.given == once.given and again.hearing.replaced_by == "silero_v4"


def test_a_distortion_is_of_what_would_be_given():
    """And the shadow sees neither."""
    spy = Spy(ScriptedDetector([0.9] * 3))
    spy.hearing.replace("energy")
    spy.hear(silence(3))
    assert len(spy.given) == 3 and max(spy.given) < 0.5 and spy.shadow == [SpeechStarted(0)] and not spy.decided


def test_another_format_is_heard_by_both():
    """G.711 from the middle of a frame on (§4.3); positions go on."""
    spy = Spy(ScriptedDetector([]))
    spy.hearing.replace("energy")
    spy.hear(silence(2) + bytes(100))
    spy.hearing.declare(PCMU)
    spy.hear(b"\xff" * 256 * 18 + b"\x00" * 256)
    assert spy.decided == [SpeechStarted(20 * 32 - 300)]


def test_the_clock_can_be_restarted_for_both():
    """A policy (§4.4): both begin a new frame with what is appended next."""
    spy = Spy(ScriptedDetector([]))
    spy.hearing.replace("energy")
    spy.hear(silence(2.5))
    spy.hearing.restart_clock()
    spy.hear(silence(20) + speech(1))
    assert spy.decided == [SpeechStarted(20 * 32 - 300)]
    whole, spy = audio(PCM24K), Spy(make_detector("silero"))
    spy.hearing.replace("silero_v4")
    spy.hear(whole[:20_001])
    spy.hearing.restart_clock()
    before = len(spy.given)
    spy.hear(whole)
    assert spy.given[before:] == judged("silero_v4", whole, PCM24K)


def test_nobody_decides_while_detection_is_off():
    """§3.8."""
    spy = Spy(ScriptedDetector([]))
    spy.hearing.replace("energy")
    spy.hearing.listening = False
    spy.hear(speech(3))
    assert spy.decided == [] and spy.hearing.turn.position_ms == 96


def test_an_unknown_net_is_refused_and_changes_nothing():
    spy = Spy(ScriptedDetector([]))
    spy.hearing.replace("energy")
    with pytest.raises(SettingError, match="did you mean 'silero'"):
        spy.hearing.replace("silerro")
    assert spy.hearing.replaced_by == "energy"


@pytest.mark.behaviour("replaced")
def test_what_the_client_sees():
    """§6.1: the session's own net hears speech, the one in its place is given too little of it."""
    play = Playbook() >> append(silence(10))
    play.session.hearing.replace("silero")
    assert play >> append(TURN)
    play.session.hearing.replace(None)
    play >> append(TURN) << says(STARTED, audio_start_ms=20 * 32 - 300)
    assert [note.kind for note in play.notes if note.lane == "shadow"] == ["speech_started", "speech_stopped"] * 2

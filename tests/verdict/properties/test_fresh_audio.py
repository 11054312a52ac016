from collections import deque

import pytest

from harness.journal import UplinkAudio
from harness.protocol.events import InputAudioBufferAppend
from harness.verdict.properties.fresh_audio import PROPERTY
from harness.verdict.record import RunRecord
from tests.verdict.journals import Tale
from tests.world.testing import SECOND, Open, at, inject, run, say, story


def findings(journal):
    return list(PROPERTY.find(RunRecord(journal)))


def sent(ages_ms, samples=12_000):
    """Half seconds from 10 s on; ``None``: digital silence."""
    tale = Tale()
    for half, age_ms in enumerate(ages_ms):
        fields = {"zeros": 25} if age_ms is None else {"zeros": 0, "age_ms": age_ms}
        tale.add(10 + half / 2, UplinkAudio, chunks=25, samples=samples, rms=300.0, peak=900, connection=1, **fields)
    return findings(tale.end())


def test_old_audio_at_the_pace_of_the_capture_is_stale():
    (finding,) = sent([5_000] * 20)
    assert finding.at_us == 13 * SECOND
    assert "up to 5.0 s old" in finding.reason


def test_silence_between_old_audio_does_not_make_it_fresh():
    assert sent([5_000, 5_000, None, None, None, 5_000, 5_000, 5_000])


@pytest.mark.parametrize(
    ("ages_ms", "samples"), [([2_900] * 20, 12_000), ([5_000] * 5, 12_000), ([9_000] * 20, 24_000)]
)
def test_a_short_delay_a_moment_and_catching_up_are_not_stale(ages_ms, samples):
    assert not sent(ages_ms, samples)


class Late(Open):
    """Sends each chunk 5 s after it was captured, as after a stall that it never caught up on."""

    def __init__(self):
        super().__init__()
        self.queue = deque()

    def hear(self, chunk, now):
        self.queue.append(chunk.pcm)
        return [InputAudioBufferAppend(audio=self.queue.popleft())] if len(self.queue) > 250 else []


def test_a_client_that_never_catches_up_breaks_it():
    (finding,) = findings(run(story(say(1), say(9)), Late()).journal)
    assert "5.0 s old" in finding.reason


@pytest.mark.parametrize("client", ["reported", "development", "resilient"])
@pytest.mark.parametrize(("fault", "lasts_us"), [("closed", None), ("stall", 6 * SECOND), ("burst", 6 * SECOND)])
def test_the_reference_clients_keep_it(client, fault, lasts_us):
    assert not findings(run(story(say(1), say(9), at(10, inject(fault, lasts_us))), client).journal)

import pytest

from harness.audio.formats import PCM24K, PCMU
from harness.journal import AudioArrived, Journal
from harness.units import MS
from harness.world import arrivals, captured
from harness.world.arrivals import Arrivals
from harness.world.captured import Captured
from tests.world.captures import BYTES, CHUNK_US, chunk, chunks


class Server:
    """The server's end of a connection, and the microphone; 20 ms of noise are captured at a time."""

    def __init__(self, pcm):
        self.pcm = pcm
        self.captured = Captured()
        self.journal = Journal({})
        self.arrivals = Arrivals(1, self.captured, self.journal)

    def capture(self, first, last):
        for at in range(first, last):
            self.captured.add(chunk(self.pcm[at]), (at + 1) * CHUNK_US)

    def arrive(self, audio, now_us, audio_format=PCM24K):
        self.arrivals.add(audio, audio_format, now_us)

    def live(self, first, last):
        for at in range(first, last):
            self.capture(at, at + 1)
            self.arrive(self.pcm[at], (at + 1) * CHUNK_US)

    @property
    def entries(self):
        return list(self.journal.select(AudioArrived))

    def lag_ms(self):
        """Of each entry: position minus capture."""
        return [entry.arrived_ms - entry.captured_ms for entry in self.entries]


def test_live_audio_has_one_entry_a_second():
    server = Server(chunks(200))
    server.live(0, 200)
    assert len(server.entries) in (4, 5)
    assert set(server.lag_ms()) == {0}
    assert not isinstance(server.entries[-1].repeated_ms, int)


def test_a_jump_has_an_entry_of_its_own():
    server = Server(chunks(200))
    server.live(0, 20)
    server.capture(20, 100)
    server.live(100, 120)
    assert server.lag_ms()[-1] == -80 * 20


@pytest.mark.parametrize("size", [BYTES, 24_000, 1_000])
def test_what_arrives_again_is_counted_however_it_is_cut(size):
    server = Server(chunks(200))
    server.live(0, 100)
    again = b"".join(server.pcm[:100])
    for at in range(0, len(again), size):
        server.arrive(again[at : at + size], 3_000_000)
    server.live(200 - 1, 200)
    server.arrive(bytes(BYTES), 9_000_000)
    assert server.entries[-1].repeated_ms == pytest.approx(2_000, abs=1)


def test_a_chunk_that_is_cut_in_two_is_not_repeated():
    server = Server(chunks(200))
    server.capture(0, 200)
    audio = b"".join(server.pcm)
    for at in range(0, len(audio), 1_000):
        server.arrive(audio[at : at + 1_000], at * 1_000_000 // 48_000)
    assert all(not isinstance(entry.repeated_ms, int) for entry in server.entries)


def test_silence_of_a_gate_is_no_jump():
    server = Server(chunks(200))
    server.live(0, 60)
    for at in range(60, 120):
        server.capture(at, at + 1)
        server.arrive(bytes(BYTES), (at + 1) * CHUNK_US)
    server.live(120, 200)
    assert {entry.arrived_ms - entry.captured_ms for entry in server.entries if isinstance(entry.captured_ms, int)} == {
        0
    }


def test_a_resend_that_begins_in_the_noise_of_the_room_is_put_right_when_the_voice_comes():
    """The noise repeats every 50 chunks; chunks 100 to 120 are a voice. Chunks 90 to 120 are sent again at 200."""
    noise, voice = chunks(400, repeats_after=50), chunks(400)
    pcm = [*noise[:100], *voice[100:120], *noise[120:200]]
    server = Server(pcm)
    server.capture(0, 200)
    for at in range(90, 120):
        server.arrive(pcm[at], 200 * CHUNK_US)
    first = max(entry for entry in enumerate(server.entries) if entry[1].arrived_ms == 20)[1]
    assert first.captured_ms * MS == 91 * CHUNK_US


def test_telephone_audio_is_counted_and_not_recognised():
    server = Server(chunks(10))
    server.live(0, 1)
    server.arrive(bytes([255, 1] * 4_000), 2_000_000, PCMU)
    assert (server.entries[-1].arrived_ms, isinstance(server.entries[-1].captured_ms, int)) == (1_020, False)


def test_what_arrived_long_ago_takes_no_memory(monkeypatch):
    """An hour of audio on one connection took 12 MiB until it was closed."""
    for module in (arrivals, captured):
        monkeypatch.setattr(module, "REMEMBERED_CHUNKS", 100)
    server = Server(chunks(2_000))
    server.live(0, 2_000)
    assert len(server.arrivals._before) <= 300
    server.arrive(b"".join(server.pcm[1_950:]), 2_000 * CHUNK_US)
    server.arrive(bytes(BYTES), 2_100 * CHUNK_US)
    assert server.entries[-1].repeated_ms == pytest.approx(1_000, abs=1)

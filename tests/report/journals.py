"""Small journals made by hand. Unrealistic in that only what a report looks at is written, and times are round."""

from harness.journal import Journal
from harness.scenario.model import Scenario
from harness.units import SECOND
from harness.world.play import Run

LOUD, QUIET = 3000.0, 30.0


def journal(*, recover_within_s=60):
    return Journal({"recover_within_us": recover_within_s * SECOND})


def write(into, at_s, lane, kind, **fields):
    into.write(round(at_s * SECOND), lane, kind, **fields)


def speaks(into, at_s, length_s, *, probe=False):
    write(into, at_s, "user", "speaks", length_us=length_s * SECOND, rms=LOUD, probe=probe)


def audio(into, lane, begin_s, end_s, rms):
    """An entry for each half second, as a tape writes them."""
    for half in range(round(begin_s * 2), round(end_s * 2)):
        peak = round(2 * rms)
        write(into, half / 2, lane, "audio", chunks=25, samples=12_000, rms=rms, peak=peak, zeros=0 if rms else 25)


def turn(into, at_s, number, *, answer_s=3):
    """The user speaks for 2 s; the server hears it and answers; the answer is heard."""
    item, response = f"item_{number}", f"resp_{number}"
    write(into, at_s + 0.5, "server", "input_audio_buffer.speech_started", item_id=item, connection=1)
    write(into, at_s + 2, "server", "input_audio_buffer.speech_stopped", item_id=item, connection=1)
    write(into, at_s + 2, "server", "answers", response_id=response, item_id=item, connection=1)
    write(into, at_s + 2, "server", "response.created", response_id=response, connection=1)
    write(into, at_s + 3, "speaker", "playing", response_id=response)
    write(into, at_s + 3.3, "speaker", "heard", response_id=response)
    if answer_s:
        write(into, at_s + 2.8, "server", "response.done", response_id=response, connection=1)
        write(into, at_s + 3 + answer_s, "speaker", "ended", response_id=response)


def opened():
    into = journal()
    write(into, 0, "connection", "dial", connection=1)
    write(into, 0.1, "connection", "open", connection=1)
    return into


def deaf():
    """The capture dies at 12 s and is never reopened; the user asks in vain from 21 s to 40 s."""
    into = opened()
    write(into, 0.02, "client", "first_chunk", line="First audio chunk is silent (max: 78)")
    speaks(into, 2, 2)
    turn(into, 2, 1)
    write(into, 12, "fault", "near-silent", length_us=None)
    write(into, 20, "world", "heal")
    for at_s in (21, 29, 37):
        speaks(into, at_s, 2, probe=True)
    audio(into, "microphone", 0, 40, QUIET)
    audio(into, "uplink", 0, 40, 0.0)
    write(into, 40, "world", "end")
    return into


def cured():
    """The same, but the client reopens the capture at 13 s and the user is answered at 24.3 s."""
    into = opened()
    speaks(into, 2, 2)
    turn(into, 2, 1)
    write(into, 12, "fault", "near-silent", length_us=None)
    write(into, 13, "client", "remedy", symptom="capture_silent", remedy="reopen_capture")
    write(into, 13, "client", "reopens_capture")
    write(into, 20, "world", "heal")
    speaks(into, 21, 2, probe=True)
    turn(into, 21, 2, answer_s=0)
    audio(into, "microphone", 0, 24, LOUD)
    audio(into, "uplink", 0, 24, LOUD)
    write(into, 24.3, "world", "end")
    return into


def run(of, *, name="A story", client="mine", detector="silero", seed=7, **changes):
    end = of.entries[-1].t
    return Run(Scenario(name, (), **changes), client, detector, seed, of, end)

"""What the tests of reports share: small journals made by hand, and the tables of a page.

The journals are unrealistic: they have only the entries that a report reads, and round times.
"""

import re

from harness.journal import (
    ClientLog,
    ClientReopensCapture,
    ConnectionDialled,
    ConnectionOpened,
    FaultInjected,
    Journal,
    MicrophoneAudio,
    ResponseForItem,
    RunEnded,
    SpeakerEnded,
    SpeakerHeard,
    SpeakerPlaying,
    UplinkAudio,
    UserSpeaks,
    WorldHealed,
)
from harness.protocol.events import (
    InputAudioBufferCommitted,
    InputAudioBufferSpeechStarted,
    InputAudioBufferSpeechStopped,
    ResponseCreated,
    ResponseDone,
)
from harness.report.cases import RunCase
from harness.scenario.model import Scenario
from harness.units import SECOND
from harness.world.play import Run
from tests.journal.testing import by_server, entry

LOUD, QUIET = 3000.0, 30.0


def journal(*, recover_within_s=60):
    return Journal({"recover_within_us": recover_within_s * SECOND})


def add(into, at_s, cls, **fields):
    """An entry of a class."""
    into.add(entry(at_s, cls, **fields))


def server(into, at_s, event, **fields):
    """The server sends an event of a class, on connection 1."""
    into.add(by_server(at_s, event, **fields))


def log(into, at_s, kind, **fields):
    """The client logs a line of its own."""
    add(into, at_s, ClientLog, kind=kind, fields=fields)


def speaks(into, at_s, length_s, *, probe=False):
    add(into, at_s, UserSpeaks, length_us=length_s * SECOND, rms=LOUD, probe=probe)


def audio(into, lane, begin_s, end_s, rms):
    """An entry for each half second, as a tape writes them."""
    for half in range(round(begin_s * 2), round(end_s * 2)):
        peak = round(2 * rms)
        on = {"connection": 1} if lane is UplinkAudio else {}
        add(into, half / 2, lane, chunks=25, samples=12_000, rms=rms, peak=peak, zeros=0 if rms else 25, **on)


def turn(into, at_s, number, *, answer_s=3):
    """The user speaks for 2 s; the server hears it and answers; the answer is heard."""
    item, response = f"item_{number}", f"resp_{number}"
    server(into, at_s + 0.5, InputAudioBufferSpeechStarted, item_id=item)
    server(into, at_s + 2, InputAudioBufferSpeechStopped, item_id=item)
    server(into, at_s + 2, InputAudioBufferCommitted, item_id=item)
    add(into, at_s + 2, ResponseForItem, response_id=response, item_id=item, connection=1)
    server(into, at_s + 2, ResponseCreated, response_id=response)
    add(into, at_s + 3, SpeakerPlaying, response_id=response, item_id=f"answer_{number}")
    add(into, at_s + 3.3, SpeakerHeard, response_id=response)
    if answer_s:
        server(into, at_s + 2.8, ResponseDone, response_id=response)
        add(into, at_s + 3 + answer_s, SpeakerEnded, response_id=response, played_ms=answer_s * 1_000)


def opened():
    into = journal()
    add(into, 0, ConnectionDialled, connection=1)
    add(into, 0.1, ConnectionOpened, connection=1)
    return into


def deaf():
    """The capture dies at 12 s and is never reopened; the user asks without success from 21 s to 40 s."""
    into = opened()
    log(into, 0.02, "first_chunk", line="First audio chunk is silent (max: 78)")
    speaks(into, 2, 2)
    turn(into, 2, 1)
    add(into, 12, FaultInjected, kind="near-silent", length_us=None)
    add(into, 20, WorldHealed)
    for at_s in (21, 29, 37):
        speaks(into, at_s, 2, probe=True)
    audio(into, MicrophoneAudio, 0, 40, QUIET)
    audio(into, UplinkAudio, 0, 40, 0.0)
    add(into, 40, RunEnded)
    return into


def cured():
    """The same, but the client reopens the capture at 13 s and the user is answered at 24.3 s."""
    into = opened()
    speaks(into, 2, 2)
    turn(into, 2, 1)
    add(into, 12, FaultInjected, kind="near-silent", length_us=None)
    log(into, 13, "remedy", symptom="capture_silent", remedy="reopen_capture")
    add(into, 13, ClientReopensCapture)
    add(into, 20, WorldHealed)
    speaks(into, 21, 2, probe=True)
    turn(into, 21, 2, answer_s=0)
    audio(into, MicrophoneAudio, 0, 24, LOUD)
    audio(into, UplinkAudio, 0, 24, LOUD)
    add(into, 24.3, RunEnded)
    return into


def conversation(*, third_answered=True):
    """The user is answered at 24.3 s, then speaks at 35 s and at 47 s; the last utterance must be answered by 61 s."""
    into = Journal({"recover_within_us": 60 * SECOND, "answer_within_us": 12 * SECOND})
    add(into, 0, ConnectionDialled, connection=1)
    add(into, 0.1, ConnectionOpened, connection=1)
    speaks(into, 2, 2)
    turn(into, 2, 1)
    add(into, 20, WorldHealed)
    speaks(into, 21, 2, probe=True)
    turn(into, 21, 2)
    speaks(into, 35, 2, probe=True)
    turn(into, 35, 3)
    speaks(into, 47, 2, probe=True)
    if third_answered:
        turn(into, 47, 4, answer_s=0)
    add(into, 50.3 if third_answered else 61, RunEnded)
    return into


def run(of, *, name="A story", client="mine", detector="silero", seed=7, **changes):
    end = of.entries[-1].t
    return Run(Scenario(name, (), **changes), client, detector, seed, of, end)


def case(verdict=None, *, given="mine.yaml", client="mine", seed=0, wall_s=0.25, broken="", journal=None, **scenario):
    """A run with this verdict; without one, its client could not be judged."""
    loaded = Scenario(**{"name": "A story", "timeline": (), **scenario})
    played = Run(loaded, client, "silero", seed, cured(), cured().entries[-1].t) if verdict is not None else None
    return RunCase(given, loaded, client, "silero", seed, wall_s, played, verdict, broken, journal, f"again {client}")


def tables(page):
    """All tables of a Markdown page, as lists of rows."""
    found, rows = [], []
    for line in [*page.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif rows:
            found.append(rows)
            rows = []
    return found

"""Where turns begin and end, over virtual media and over aiortc with Opus, with the same packets lost.

A trial is one recording in a room, from one of eight speakers; what a session hears of it is compared.
"""

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from harness.audio.clips import load_clip
from harness.audio.concealment import Concealment
from harness.audio.formats import PCM24K, SAMPLE_RATE_HZ, Samples
from harness.faults.packet_loss import PacketLoss
from harness.faults.seams import ActiveFault
from harness.protocol.events import InputAudioBufferAppend, InputAudioBufferSpeechStarted, InputAudioBufferSpeechStopped
from harness.server.output_buffer import FRAME_BYTES
from harness.server.session import Session, SessionSetup
from harness.units import MS
from harness.world.media import MediaLink, Receiver
from harness.world.scheduler import Scheduler
from harness.world.seeds import generator

from .real_call import Pair
from .results import Edges

SPEAKERS = (
    "speech_en_f_arctic_a0009", "speech_en_f_tts_hibari", "speech_en_m_arctic_a0007", "speech_en_m_goforward",
    "speech_en_m_librivox_0870", "speech_en_m_librivox_0920", "speech_it_m_carlo", "speech_ru_f_ivrvoice",
)  # fmt: skip
TRIALS = 24
LOSSES = (0, 10, 20)
"""In percent."""
_ROOM_LSB = 12.0
_LONGEST_S = 4
SILENCE_MS = 500
"""The documented default. A pause that is as long as the silence makes one turn or two, by chance."""
_SETUP = SessionSetup(turn_detection={"create_response": False, "silence_duration_ms": SILENCE_MS})


class Turn(NamedTuple):
    """Where a session heard a turn, in milliseconds of the audio that it heard."""

    start_ms: int
    end_ms: int


class Heard:
    """A session that hears audio, and its turns."""

    def __init__(self, trial: int) -> None:
        self._session = Session(_SETUP, f"trial/{trial}")
        self._session.open(0)
        self._edges: list[tuple[bool, int]] = []

    def hear(self, pcm: bytes) -> None:
        """The next audio."""
        for output in self._session.receive(InputAudioBufferAppend(audio=pcm), 0):
            if isinstance(output, InputAudioBufferSpeechStarted):
                self._edges.append((True, output.audio_start_ms))
            elif isinstance(output, InputAudioBufferSpeechStopped):
                self._edges.append((False, output.audio_end_ms))

    @property
    def turns(self) -> list[Turn]:
        """Those that have ended."""
        starts = [at for starts, at in self._edges if starts]
        ends = [at for starts, at in self._edges if not starts]
        return [Turn(start, end) for start, end in zip(starts, ends, strict=False)]


def packets(trial: int) -> Iterator[bytes]:
    """The recording of a trial, 20 ms at a time."""
    rng = generator(trial, "calibration/room")
    speech = load_clip(SPEAKERS[trial % len(SPEAKERS)]).samples[: _LONGEST_S * SAMPLE_RATE_HZ]
    lead = int(SAMPLE_RATE_HZ * (1 + rng.random() * 0.032))
    scene: Any = np.concatenate([np.zeros(lead), speech, np.zeros(3 * SAMPLE_RATE_HZ // 2)])
    sound: Samples = (scene + rng.normal(0, _ROOM_LSB, scene.size)).round().clip(-32768, 32767).astype(np.int16)
    for start in range(0, sound.size - FRAME_BYTES // 2, FRAME_BYTES // 2):
        yield PCM24K.encode(sound[start : start + FRAME_BYTES // 2])


def _fault(trial: int, percent: int) -> ActiveFault:
    return ActiveFault(PacketLoss(share=percent / 100), generator(trial, "calibration/loss"))


def virtual_turns(trial: int, percent: int) -> list[Turn]:
    """The turns over the world's media."""
    scheduler, concealment, heard = Scheduler(), Concealment(), Heard(trial)

    def play(pcm: bytes | None) -> None:
        heard.hear(concealment.lost(FRAME_BYTES) if pcm is None else concealment.good(pcm))

    receiver: Receiver[bytes] = Receiver(scheduler, play, lambda: None)
    link: MediaLink[bytes] = MediaLink(scheduler, "up", trial, "calibration", 0, 0, receiver.arrive)
    active = _fault(trial, percent)
    link.inject(active, active.fault.begin(active.rng))  # type: ignore[attr-defined]
    for number, pcm in enumerate(packets(trial)):
        scheduler.at(number * 20 * MS, lambda each: link.send(*each), (number, pcm))
    scheduler.run()
    return heard.turns


async def real_turns(trial: int, percent: int) -> list[Turn]:
    """The turns over aiortc."""
    heard, pair = Heard(trial), Pair()
    await pair.connect()
    pair.audio = lambda pcm, how: heard.hear(pcm)  # type: ignore[method-assign]
    active = _fault(trial, percent)
    loses = active.fault.begin(active.rng)  # type: ignore[attr-defined]
    for number, pcm in enumerate(packets(trial)):
        pair.fates["up"].append((number, loses("up", 0), 0))
        pair.track.put(pcm, number)
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.5)
    await pair.close()
    return heard.turns


async def calibrate(percent: int, trials: int = TRIALS) -> Edges:
    """Hold each trial both ways."""
    pairs = [(virtual_turns(trial, percent), await real_turns(trial, percent)) for trial in range(trials)]
    same = [(mine, real) for mine, real in pairs if len(mine) == len(real)]
    starts = tuple(b.start_ms - a.start_ms for mine, real in same for a, b in zip(mine, real, strict=True))
    ends = tuple(b.end_ms - a.end_ms for mine, real in same for a, b in zip(mine, real, strict=True))
    return Edges(
        percent,
        trials,
        sum(len(mine) for mine, _ in pairs),
        sum(len(real) for _, real in pairs),
        len(pairs) - len(same),
        starts,
        ends,
    )

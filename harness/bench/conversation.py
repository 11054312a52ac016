"""How fast a conversation is played, and how fast the release before played it.

The conversation lasts about 60 s: six turns of recorded speech, answers of 4 s, chunks of 20 ms. A figure is how often
real time one core plays it, by the processor's time, the best of several runs.

A speed says little without the machine, so each play is also counted in calibrations: loops of Python and numpy that
no release changes, measured between the plays. ``previous.json`` holds these counts for the release before; times the
calibration of this machine they are the speed that it would have here. To make them for a commit, put this file into
a checkout of it and run ``python -m harness.bench.conversation``.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..scenario.model import At, Reply, Say, Scenario, ServerSetup, Step
from ..units import SECOND
from ..world.play import play

RUNS = 7
_PREVIOUS = Path(__file__).with_name("previous.json")


@dataclass(frozen=True, slots=True)
class SpeedRow:
    """A client and an ear, with the floor and the goal of their speed."""

    name: str
    client: str
    detector: str
    floor: float | None
    goal: float
    is_first: bool = False
    """Whether nothing that was heard before may be remembered."""
    minutes: int = 1
    """The length of the conversation."""


ROWS = (
    SpeedRow("conversation, reported, energy", "reported", "energy", 2_000, 10_000),
    SpeedRow("conversation, resilient, energy", "resilient", "energy", None, 4_000),
    SpeedRow("50 minutes of it, reported, energy", "reported", "energy", None, 10_000, minutes=50),
    SpeedRow("conversation, reported, silero, first run", "reported", "silero", 300, 1_200, is_first=True),
    SpeedRow("conversation, reported, silero, heard before", "reported", "silero", 300, 20_000),
    SpeedRow("conversation, reported, silero_v4", "reported", "silero_v4", 200, 680),
)


@dataclass(frozen=True, slots=True)
class Speed:
    """How often real time, now and by the release before on this machine; None: it is not known."""

    row: SpeedRow
    now: float
    calibrations: float
    """The processor's time of a play, in calibrations."""
    before: float | None


def conversation(minutes: int = 1) -> Scenario:
    """Six turns in each 57 s."""
    turns = Step(At(1 * SECOND), Say("speech_en_f_arctic_a0009"), repeat=6 * minutes, every_us=9_500_000)
    lasts_us = (57 * minutes + 1) * SECOND
    return Scenario("benchmark", (turns,), server=ServerSetup(reply=Reply(lasts_us=4 * SECOND)), lasts_us=lasts_us)


def calibrate() -> None:
    """Work that is alike to a play, and the same in every release: calls, dictionaries, small arrays."""
    values, table = np.linspace(-1, 1, 512, dtype=np.float32), dict.fromkeys(range(64), 0)
    for number in range(4_000):
        for key in (number & 63, number & 31, number & 15):
            table[key] += len(str(key))
        np.tanh(values, np.multiply(values, values))


def measure(row: SpeedRow, runs: int = RUNS) -> Speed:
    """Play the conversation so many times, each between two calibrations."""
    scenario = conversation(row.minutes)
    lasted_us = play(scenario, row.client, detector=row.detector).virtual_us  # recordings and nets are loaded then
    plays_s, calibrations_s = [], []
    for _ in range(max(1, runs // row.minutes)):
        calibrations_s.append(_seconds(calibrate))
        if row.is_first:
            _forget()
        plays_s.append(_seconds(lambda: play(scenario, row.client, detector=row.detector)))
    fastest_s, calibration_s = min(plays_s), min(calibrations_s)
    previous = json.loads(_PREVIOUS.read_text()).get("calibrations", {}).get(row.name) if _PREVIOUS.exists() else None
    before = None if previous is None else lasted_us / SECOND / (previous * calibration_s)
    return Speed(row, lasted_us / SECOND / fastest_s, fastest_s / calibration_s, before)


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _forget() -> None:
    try:
        from ..vad.silero import forget_windows
    except ImportError:  # a commit whose detector remembers nothing
        return
    forget_windows()


def main() -> None:
    """Print what ``previous.json`` holds, for the commit that this file was put into."""
    print(json.dumps({row.name: round(measure(row, 2 * RUNS).calibrations, 3) for row in ROWS}, indent=2))


if __name__ == "__main__":
    main()

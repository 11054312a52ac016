"""Where rows of cells part from the recorded run: the first frame at which an automaton says something else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....vad.turn import TurnDetector, TurnSettings
from .gating import Mask
from .recording import HeardSession, Recording, WatchedTurn

SPEECH_PROBABILITY = 0.5
"""From it on a frame counts as speech in the journal (:mod:`harness.server.hearing`)."""

Parting = tuple[object, ...]
"""Rows with equal ones are played once, as a new class."""


@dataclass(frozen=True, slots=True)
class Frames:
    """What one session heard of some rows; the first is the recorded one."""

    varying: NDArray[np.int64]
    """The frames in which a row may differ from the first, ascending."""
    speech: NDArray[np.bool_]
    """``[rows, varying]``: whether the frame is speech to the honest ear."""
    partings: list[Parting | None]
    """Of each row; None: it shares the recorded run."""


class Thresholds:
    """What each frame of a recorded session was compared with."""

    def __init__(self, turn: WatchedTurn) -> None:
        count = len(turn.said)
        self.high = np.empty(count)
        self.low = np.empty(count)
        for frame, settings in turn.configured:
            self.high[frame:] = settings.threshold
            self.low[frame:] = settings.low_threshold

    def classes(self, probabilities: NDArray[np.float64], frames: Any) -> NDArray[np.int8]:
        """0: speech; 1: middle; 2: quiet."""
        speech, quiet = probabilities >= self.high[frames], probabilities < self.low[frames]
        return np.where(speech, 0, np.where(quiet, 2, 1)).astype(np.int8)


def automata(stream: HeardSession) -> tuple[WatchedTurn, ...]:
    """Turn and shadow, or only one of them if they were treated alike: then one says what the other says."""
    turn, shadow = stream.turn, stream.shadow
    alike = turn.resets == shadow.resets and turn.configured == shadow.configured
    return (turn,) if alike else (turn, shadow)


def partings_of(
    stream: HeardSession, frames: NDArray[np.int64], probabilities: NDArray[np.float64]
) -> list[Parting | None]:
    """Where each row parts from the first, whose ``[rows, varying]`` probabilities of some frames these are."""
    found: list[Parting | None] = [None] * len(probabilities)
    for automaton in automata(stream):
        classes = Thresholds(automaton).classes(probabilities, frames)
        _find(automaton, frames, probabilities, classes, found)
    return found


def _find(
    automaton: WatchedTurn,
    frames: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    classes: NDArray[np.int8],
    found: list[Parting | None],
) -> None:
    """Write the parting of each row that has none yet."""
    differs = classes != classes[0]
    known: dict[bytes, Parting | None] = {}
    for row in np.flatnonzero(differs.any(axis=1)).tolist():
        if found[row] is not None:
            continue
        key = classes[row].tobytes()
        if key not in known:
            places = np.flatnonzero(differs[row])
            known[key] = parting(automaton, frames[places].tolist(), probabilities[row, places].tolist())
        found[row] = known[key]


def parting(automaton: WatchedTurn, frames: Sequence[int], probabilities: Sequence[float]) -> Parting | None:
    """The frame at which an automaton says something else, and what, if these frames have these probabilities.

    It is stepped from each such frame until its state is the recorded one again.
    """
    own = dict(zip(frames, probabilities, strict=True))
    count, place = len(automaton.said), 0
    while place < len(frames):
        frame = frames[place]
        other = TurnDetector(settings_at(automaton, frame))
        other.restore(automaton.before[frame])
        changes = [each for each in [*automaton.resets, *(at for at, _ in automaton.configured)] if each > frame]
        next_change = min(changes, default=count)
        while frame < count:
            if frame >= next_change:
                follow(automaton, other, frame)
                next_change = min((each for each in changes if each > frame), default=count)
            if frame not in own and other.snapshot() == automaton.before[frame]:
                break
            said = other.step(own.get(frame, automaton.probabilities[frame]))
            if said != automaton.said[frame]:
                return frame, type(said).__name__
            frame += 1
        while place < len(frames) and frames[place] < frame:
            place += 1
    return None


def settings_at(automaton: WatchedTurn, frame: int) -> TurnSettings:
    """The settings in force at a frame."""
    return [each for at, each in automaton.configured if at <= frame][-1]


def follow(automaton: WatchedTurn, other: TurnDetector, frame: int) -> None:
    """Do with another automaton what was done with the recorded one before a frame."""
    for at, settings in automaton.configured:
        if at == frame:
            other.configure(settings)
    if frame in automaton.resets:
        other.reset()


def shares_what_was_seen(recording: Recording, masks: Mask) -> NDArray[np.bool_]:
    """The rows in which the client's recovery saw the same chunks pass; the first row is the recorded one."""
    seen = np.array(recording.seen, np.bool_)
    return np.asarray((masks[:, seen] == masks[0, seen]).all(axis=1))

"""Fault schedules by seed: a scenario with a short conversation and one to six faults in it.

Swarm testing (Groce et al., ISSTA 2012): each seed leaves out most kinds of faults, so that the others are often active
together, and has its own weights for the phases in which they are injected.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..faults import CATALOGUE, Fault
from ..faults.reset import Reset
from ..scenario.model import (
    Action,
    App,
    At,
    Inject,
    Noise,
    Reply,
    Say,
    Scenario,
    ServerSetup,
    Step,
    Trigger,
    When,
)
from ..scenario.profiles import PROFILES
from ..units import MS, SECOND
from ..verdict.phases import PHASES, Phase
from ..world.seeds import generator
from .draw import drawn, duration

MOST_FAULTS = 6
_CHUNKS_MS = (20, 40, 60, 100)
_CHUNK_SHARES = (0.2, 0.2, 0.2, 0.4)
"""Audio worklets send 20 ms, most SDKs 40 to 100 ms."""
CLIPS = ("speech_en_f_arctic_a0009", "speech_en_m_arctic_a0007")
REPLY = Reply(clip="speech_en_f_tts_hibari", lasts_us=3 * SECOND, latency_us=600 * MS, pace=2.0)
"""Each phase is long enough for a fault to be injected in it."""
SPEAKS_US = 2 * SECOND
"""When the user first speaks."""
EVERY_US = 8 * SECOND
"""From one turn to the next."""
_CUT_BEFORE_US = 400 * MS
"""How long before a fault the connection is cut, for a fault that is injected while the client reconnects."""


@dataclass(frozen=True, slots=True)
class TriggerInPhase:
    """A trigger that fires in a phase, and the steps that must come before it."""

    trigger: Trigger
    before: tuple[Step, ...] = ()


def in_phase(phase: Phase, turn: int, rng: np.random.Generator) -> TriggerInPhase:
    """A random time in a phase of a turn, counted from 0; it fits if no other fault changes the conversation."""
    speaks = SPEAKS_US + turn * EVERY_US
    if phase == "idle":
        return TriggerInPhase(At(speaks - int(rng.integers(200, 1200)) * MS))
    if phase == "user speaking":
        return TriggerInPhase(At(speaks + int(rng.integers(300, 1500)) * MS))
    if phase == "committed":
        return TriggerInPhase(When("committed", turn + 1, int(rng.integers(20, 400)) * MS))
    if phase == "responding":
        return TriggerInPhase(When("response.created", turn + 1, int(rng.integers(700, 1500)) * MS))
    if phase == "playing tail":
        return TriggerInPhase(When("response.done", turn + 1, int(rng.integers(20, 700)) * MS))
    cut = At(speaks - _CUT_BEFORE_US)
    return TriggerInPhase(At(speaks), (Step(cut, Inject(Reset(), duration(500 * MS, 3 * SECOND, rng))),))


def schedule(seed: int) -> Scenario:
    """The schedule of a seed."""
    rng = generator(seed, "schedule")
    turns = int(rng.integers(1, 3))
    kinds = _kinds(rng)
    weights = rng.dirichlet(np.full(len(PHASES), 0.7))
    steps = [Step(At(SPEAKS_US + turn * EVERY_US), _speech(rng)) for turn in range(turns)]
    for _ in range(int(rng.integers(1, MOST_FAULTS + 1))):
        phase = PHASES[int(rng.choice(len(PHASES), p=weights))]
        place = in_phase(phase, int(rng.integers(turns)), rng)
        fault = drawn(kinds[int(rng.integers(len(kinds)))], rng)
        steps += [*place.before, Step(place.trigger, Inject(fault, _length(fault, rng)))]
    steps += _surroundings(rng, turns)
    played = conversation(f"schedule {seed}", steps, _server(rng), turns, ends_us=6 * SECOND)
    return replace(played, client={"chunk_ms": int(rng.choice(_CHUNKS_MS, p=_CHUNK_SHARES))})


def single(fault: Fault, phase: Phase, seed: int = 0, *, turns: int = 3) -> Scenario:
    """A conversation with one fault, in a phase of its second turn or while the client reconnects before that turn."""
    rng = generator(seed, f"single/{fault.name}/{phase}")
    place = in_phase(phase, 1, rng)
    steps = [Step(At(SPEAKS_US + turn * EVERY_US), Say(CLIPS[turn % 2])) for turn in range(turns)]
    lasts = 3 * SECOND if fault.needs_end and fault.actor != "microphone" else None
    steps += [*place.before, Step(place.trigger, Inject(fault, lasts))]
    return conversation(f"{fault.name}, {phase}", steps, ServerSetup(detector="energy", reply=REPLY), turns)


def conversation(
    name: str, steps: Sequence[Step], server: ServerSetup, turns: int, *, ends_us: int = 9 * SECOND
) -> Scenario:
    """A scenario of these steps, whose faults end ``ends_us`` after the start of the last turn."""
    return Scenario(
        name=name,
        timeline=tuple(steps),
        server=server,
        lasts_us=SPEAKS_US + (turns - 1) * EVERY_US + ends_us,
    )


def _kinds(rng: np.random.Generator) -> list[type[Fault]]:
    """The kinds of faults of this seed: one to six of the catalogue."""
    names = list(CATALOGUE)
    chosen = rng.choice(len(names), size=int(rng.integers(1, MOST_FAULTS + 1)), replace=False)
    return [CATALOGUE[names[int(index)]] for index in chosen]


def _length(fault: Fault, rng: np.random.Generator) -> int | None:
    """How long it lasts; None, until the client cures it, in a third of the cases where that is possible."""
    endless = not fault.needs_end or fault.actor == "microphone"
    return None if endless and rng.random() < 1 / 3 else duration(200 * MS, 20 * SECOND, rng)


def _speech(rng: np.random.Generator) -> Say:
    level = round(float(rng.uniform(-26, -14)), 1)
    return Say(CLIPS[int(rng.integers(len(CLIPS)))], level_dbfs=level)


def _surroundings(rng: np.random.Generator, turns: int) -> list[Step]:
    """Typing, and an app switch, each in three of ten seeds."""
    ends = SPEAKS_US + turns * EVERY_US
    steps: list[Step] = []
    if rng.random() < 0.3:
        typing = Noise(
            "keyboard", duration(300 * MS, 4 * SECOND, rng), level_dbfs=round(float(rng.uniform(-50, -25)), 1)
        )
        steps.append(_at_any_time(typing, ends, rng))
    if rng.random() < 0.3:
        names = list(PROFILES)
        app = App(duration(SECOND, 15 * SECOND, rng), profile=names[int(rng.integers(len(names)))])
        steps.append(_at_any_time(app, ends, rng))
    return steps


def _at_any_time(action: Action, ends: int, rng: np.random.Generator) -> Step:
    return Step(At(int(rng.integers(SECOND // MS, ends // MS)) * MS), action)


def _server(rng: np.random.Generator) -> ServerSetup:
    """A server without faults, in one of its usual settings."""
    detection = {"silence_duration_ms": int(rng.choice([200, 500]))} if rng.random() < 0.5 else {}
    reply = replace(REPLY, pace=float(rng.choice([1.25, 2.0, 5.0])))
    return ServerSetup(detector="energy", turn_detection=detection, reply=reply)

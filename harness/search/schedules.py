"""Fault schedules by seed: a short conversation and one to six faults in it, a scenario like any other.

Every seed is a world of its own kind (swarm testing, Groce et al., ISSTA 2012): it leaves out most kinds of faults, so
that those it has meet each other often, and draws its own weights for where they strike.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.faults import CATALOGUE, Fault
from harness.faults.reset import Reset
from harness.scenario.model import (
    Action,
    App,
    At,
    Noise,
    Reply,
    Say,
    Scenario,
    ServerSetup,
    Step,
    Strike,
    Trigger,
    When,
)
from harness.scenario.profiles import PROFILES
from harness.search.draw import drawn, duration
from harness.units import MS, SECOND
from harness.verdict.phases import PHASES, Phase
from harness.world.seeds import generator

MOST_FAULTS = 6
CHUNKS_MS = (20, 40, 60, 100)
CHUNK_SHARES = (0.2, 0.2, 0.2, 0.4)
"""Worklets send 20 ms, most SDKs 40 to 100 ms."""
CLIPS = ("speech_en_f_arctic_a0009", "speech_en_m_arctic_a0007")
REPLY = Reply(clip="speech_en_f_tts_hibari", lasts_us=3 * SECOND, latency_us=600 * MS, pace=2.0)
"""Long enough in each phase for a fault to strike there."""
SPEAKS_US = 2 * SECOND
"""When the user first speaks."""
EVERY_US = 8 * SECOND
CUT_BEFORE_US = 400 * MS
"""How long before a fault the connection is cut, if the fault is to strike a client that reconnects."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A trigger that fires in a phase, and what must have happened before."""

    trigger: Trigger
    before: tuple[Step, ...] = ()


def placed(phase: Phase, turn: int, rng: np.random.Generator) -> Placed:
    """A moment in a phase of the ``turn``-th turn, from 0, as it passes if nothing else is wrong."""
    speaks = SPEAKS_US + turn * EVERY_US
    if phase == "idle":
        return Placed(At(speaks - int(rng.integers(200, 1200)) * MS))
    if phase == "user speaking":
        return Placed(At(speaks + int(rng.integers(300, 1500)) * MS))
    if phase == "committed":
        return Placed(When("committed", turn + 1, int(rng.integers(20, 400)) * MS))
    if phase == "responding":
        return Placed(When("response.created", turn + 1, int(rng.integers(700, 1500)) * MS))
    if phase == "playing tail":
        return Placed(When("response.done", turn + 1, int(rng.integers(20, 700)) * MS))
    cut = At(speaks - CUT_BEFORE_US)
    return Placed(At(speaks), (Step(cut, Strike(Reset(), duration(500 * MS, 3 * SECOND, rng))),))


def schedule(seed: int) -> Scenario:
    """The schedule of a seed."""
    rng = generator(seed, "schedule")
    turns = int(rng.integers(1, 3))
    kinds = _kinds(rng)
    weights = rng.dirichlet(np.full(len(PHASES), 0.7))
    steps = [Step(At(SPEAKS_US + turn * EVERY_US), _speech(rng)) for turn in range(turns)]
    for _ in range(int(rng.integers(1, MOST_FAULTS + 1))):
        phase = PHASES[int(rng.choice(len(PHASES), p=weights))]
        place = placed(phase, int(rng.integers(turns)), rng)
        fault = drawn(kinds[int(rng.integers(len(kinds)))], rng)
        steps += [*place.before, Step(place.trigger, Strike(fault, _length(fault, rng)))]
    steps += _room(rng, turns)
    played = conversation(f"schedule {seed}", steps, _server(rng), turns, ends_us=6 * SECOND)
    return replace(played, client={"chunk_ms": int(rng.choice(CHUNKS_MS, p=CHUNK_SHARES))})


def single(fault: Fault, phase: Phase, seed: int = 0, *, turns: int = 3) -> Scenario:
    """A conversation in which one fault strikes in one phase of its second turn, or as the client reconnects before."""
    rng = generator(seed, f"single/{fault.name}/{phase}")
    place = placed(phase, 1, rng)
    steps = [Step(At(SPEAKS_US + turn * EVERY_US), Say(CLIPS[turn % 2])) for turn in range(turns)]
    lasts = 3 * SECOND if fault.needs_end and fault.actor != "microphone" else None
    steps += [*place.before, Step(place.trigger, Strike(fault, lasts))]
    return conversation(f"{fault.name}, {phase}", steps, ServerSetup(detector="energy", reply=REPLY), turns)


def conversation(
    name: str, steps: Sequence[Step], server: ServerSetup, turns: int, *, ends_us: int = 9 * SECOND
) -> Scenario:
    """Some steps in a conversation of so many turns; ``ends_us`` after the last one began everything heals."""
    return Scenario(
        name=name,
        timeline=tuple(steps),
        server=server,
        lasts_us=SPEAKS_US + (turns - 1) * EVERY_US + ends_us,
    )


def _kinds(rng: np.random.Generator) -> list[type[Fault]]:
    """The faults that this seed knows: one to six of the catalogue."""
    names = list(CATALOGUE)
    chosen = rng.choice(len(names), size=int(rng.integers(1, MOST_FAULTS + 1)), replace=False)
    return [CATALOGUE[names[int(index)]] for index in chosen]


def _length(fault: Fault, rng: np.random.Generator) -> int | None:
    """How long it lasts: to the client's cure in a third of the cases in which that can be."""
    endless = not fault.needs_end or fault.actor == "microphone"
    return None if endless and rng.random() < 1 / 3 else duration(200 * MS, 20 * SECOND, rng)


def _speech(rng: np.random.Generator) -> Say:
    level = round(float(rng.uniform(-26, -14)), 1)
    return Say(CLIPS[int(rng.integers(len(CLIPS)))], level_dbfs=level)


def _room(rng: np.random.Generator, turns: int) -> list[Step]:
    """Typing and an app switch, in some seeds."""
    ends = SPEAKS_US + turns * EVERY_US
    steps: list[Step] = []
    if rng.random() < 0.3:
        typing = Noise(
            "keyboard", duration(300 * MS, 4 * SECOND, rng), level_dbfs=round(float(rng.uniform(-50, -25)), 1)
        )
        steps.append(_somewhere(typing, ends, rng))
    if rng.random() < 0.3:
        names = list(PROFILES)
        app = App(duration(SECOND, 15 * SECOND, rng), profile=names[int(rng.integers(len(names)))])
        steps.append(_somewhere(app, ends, rng))
    return steps


def _somewhere(action: Action, ends: int, rng: np.random.Generator) -> Step:
    return Step(At(int(rng.integers(SECOND // MS, ends // MS)) * MS), action)


def _server(rng: np.random.Generator) -> ServerSetup:
    """An honest server in one of its usual settings."""
    detection = {"silence_duration_ms": int(rng.choice([200, 500]))} if rng.random() < 0.5 else {}
    reply = replace(REPLY, pace=float(rng.choice([1.25, 2.0, 5.0])))
    return ServerSetup(detector="energy", turn_detection=detection, reply=reply)

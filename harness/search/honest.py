"""Honest conversations: nothing is wrong, and whatever a client does about it is a false alarm.

Rooms differ in their noise, and in every other one a machine hums; people differ in level, pause between a few seconds
and a minute, type, breathe and slam doors, and now and then talk into the answer.
"""

from dataclasses import dataclass

import numpy as np

from harness.clients.registry import find_client
from harness.scenario.model import At, Noise, Reply, Say, Scenario, ServerSetup, Step
from harness.search.draw import duration
from harness.units import MS, SECOND
from harness.world.play import play
from harness.world.seeds import generator

LENGTH_US = 720 * SECOND
"""Of one conversation: a fifth of an hour."""
CONVERSATIONS_AN_HOUR = 5
CLIPS = (
    "speech_en_f_arctic_a0009",
    "speech_en_m_arctic_a0007",
    "speech_en_m_goforward",
)
NOISES = ("keyboard", "thocks", "hum", "breathing", "door", "white")
ROOMS_DBFS = (-70.0, -62.0, -56.0)


@dataclass(frozen=True, slots=True)
class Alarms:
    """What a client did in honest conversations."""

    virtual_us: int
    remedies: int
    unanswered: int
    """Conversations in which the user was not answered at the end."""

    def __add__(self, other: "Alarms") -> "Alarms":
        return Alarms(
            self.virtual_us + other.virtual_us, self.remedies + other.remedies, self.unanswered + other.unanswered
        )

    @property
    def hourly(self) -> float:
        """False alarms in an hour of conversation."""
        return self.remedies * 3600 * SECOND / self.virtual_us if self.virtual_us else 0.0


def conversation(seed: int) -> Scenario:
    """The honest conversation of a seed."""
    rng = generator(seed, "honest")
    steps: list[Step] = []
    now = 2 * SECOND
    while now < LENGTH_US - 20 * SECOND:
        level = round(float(rng.uniform(-26, -14)), 1)
        steps.append(Step(At(now), Say(CLIPS[int(rng.integers(len(CLIPS)))], level_dbfs=level)))
        now += duration(6 * SECOND, 60 * SECOND, rng)
    steps += [_noise(rng) for _ in range(int(rng.integers(5, 40)))]
    if seed % 2:
        level = round(float(rng.uniform(-62, -46)), 1)
        steps.append(Step(At(0), Noise("hum", LENGTH_US, level_dbfs=level)))
    return Scenario(
        name=f"honest {seed}",
        timeline=tuple(steps),
        room_dbfs=ROOMS_DBFS[seed % len(ROOMS_DBFS)],
        server=ServerSetup(
            detector="energy",
            reply=Reply(lasts_us=duration(SECOND, 6 * SECOND, rng), pace=float(rng.choice([1.25, 5]))),
        ),
        lasts_us=LENGTH_US,
    )


def _noise(rng: np.random.Generator) -> Step:
    kind = NOISES[int(rng.integers(len(NOISES)))]
    lasts = duration(200 * MS, 20 * SECOND, rng)
    at = int(rng.integers(SECOND // MS, (LENGTH_US - 25 * SECOND) // MS)) * MS
    return Step(At(at), Noise(kind, lasts, level_dbfs=round(float(rng.uniform(-60, -42)), 1)))


def alarms(client: str, settings: dict[str, object], seed: int) -> Alarms:
    """What the client does in one conversation."""
    run = play(conversation(seed), client, find_client(client), seed=seed, settings=settings)
    remedies = sum(1 for _ in run.journal.select("client", "remedy", "watchdog"))
    heal = next(entry.t for entry in run.journal.select("world", "heal"))
    answered = any(entry.t > heal for entry in run.journal.select("speaker", "heard"))
    return Alarms(run.virtual_us, remedies, int(not answered))

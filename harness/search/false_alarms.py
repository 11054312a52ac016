"""False alarms: whatever a client does to recover in a conversation without any fault.

The noise of the room differs, and in every other conversation a machine hums. People differ in level, pause between a
few seconds and a minute, type, breathe and slam doors, and now and then talk into the answer.
"""

from dataclasses import dataclass

from ..journal import ClientLog, SpeakerHeard, WorldHealed
from ..scenario.model import At, Noise, Reply, Say, Scenario, ServerSetup, Step
from ..units import MS, SECOND
from ..world.play import play
from .tape import Seeded, Source

CONVERSATION_US = 720 * SECOND
CONVERSATIONS_AN_HOUR = 5
_CLIPS = (
    "speech_en_f_arctic_a0009",
    "speech_en_m_arctic_a0007",
    "speech_en_m_goforward",
)
_NOISES = ("keyboard", "thocks", "hum", "breathing", "door", "white")
_ROOMS_DBFS = (-70.0, -62.0, -56.0)


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """What a client did in conversations without a fault."""

    virtual_us: int
    remedies: int
    unanswered: int
    """Conversations in which the user was not answered at the end."""

    def __add__(self, other: "FalseAlarms") -> "FalseAlarms":
        return FalseAlarms(
            self.virtual_us + other.virtual_us, self.remedies + other.remedies, self.unanswered + other.unanswered
        )

    @property
    def hourly(self) -> float:
        """False alarms in an hour of conversation."""
        return self.remedies * 3600 * SECOND / self.virtual_us if self.virtual_us else 0.0


def fault_free(seed: int) -> Scenario:
    """The conversation of a seed, without a fault."""
    source = Seeded(seed, "honest")
    steps: list[Step] = []
    now = 2 * SECOND
    while now < CONVERSATION_US - 20 * SECOND:
        level = source.between(-260, -140) / 10
        steps.append(Step(At(now), Say(source.one_of(_CLIPS), level_dbfs=level)))
        now += source.duration(6 * SECOND, 60 * SECOND)
    steps += [_noise(source) for _ in range(source.between(5, 39))]
    if seed % 2:
        level = source.between(-620, -460) / 10
        steps.append(Step(At(0), Noise("hum", CONVERSATION_US, level_dbfs=level)))
    return Scenario(
        name=f"fault-free {seed}",
        timeline=tuple(steps),
        room_dbfs=_ROOMS_DBFS[seed % len(_ROOMS_DBFS)],
        server=ServerSetup(
            detector="energy",
            reply=Reply(lasts_us=source.duration(SECOND, 6 * SECOND), pace=source.one_of((5.0, 1.25))),
        ),
        lasts_us=CONVERSATION_US,
    )


def _noise(source: Source) -> Step:
    kind = source.one_of(_NOISES)
    lasts = source.duration(200 * MS, 20 * SECOND)
    at = source.between(SECOND // MS, (CONVERSATION_US - 25 * SECOND) // MS) * MS
    return Step(At(at), Noise(kind, lasts, level_dbfs=source.between(-600, -420) / 10))


def false_alarms(client: str, settings: dict[str, object], seed: int) -> FalseAlarms:
    """What the client does in one conversation without a fault."""
    run = play(fault_free(seed), client, seed=seed, settings=settings)
    remedies = sum(entry.kind in ("remedy", "watchdog") for entry in run.journal.select(ClientLog))
    heal = next(entry.t for entry in run.journal.select(WorldHealed))
    answered = any(entry.t > heal for entry in run.journal.select(SpeakerHeard))
    return FalseAlarms(run.virtual_us, remedies, int(not answered))

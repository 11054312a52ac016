"""Sessions by seed: what each is sent, what broke in it, and the shortest sequence that breaks it in the same way."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from harness.server.policy import names, variants
from harness.units import MS, SECOND
from tests.abuse.ledger import Broken
from tests.abuse.mutations import Wired, mutated, valid
from tests.abuse.victim import Victim

MUTATED_A_SESSION = 50
_VALID_SHARE = 0.3
"""Of all messages: they bring a session into states where a broken one may matter."""
_PAUSES_US = (*[0] * 8, 20 * MS, 60 * MS, 150 * MS, 400 * MS, 900 * MS, 6 * SECOND)
_DEFAULT_POLICY_SHARE = 0.6
_UNANSWERING = {
    "clear_during_speech": {"wedge"},
    "manual_create": {"ignored_after_tool"},
    "open_calls": {"mute"},
    "interruption": {"stays_busy"},
    "turn_end": {"discards"},
    "onset": {"sticky"},
    "reply": {"stalls", "never_starts", "endless", "text_only", "loses_tail", "fails"},
}
"""Variants that are there to leave a client without an answer."""

_MOST_TRIES = 300
"""Shortening a sequence stops after so many."""

Step = tuple[Wired, int]
"""A message, and how long the pause after it is, in microseconds."""


@dataclass(frozen=True)
class Found:
    """What broke: the seed of the session, the kind, the sentence and the steps that are left of it."""

    seed: int
    kind: str
    what: str
    policy: dict[str, str]
    steps: tuple[Step, ...]


@dataclass
class Tally:
    """What was sent and what was answered."""

    sessions: int = 0
    valid: int = 0
    mutations: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    found: list[Found] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count these too."""
        self.sessions += other.sessions
        self.valid += other.valid
        self.mutations += other.mutations
        self.refused += other.refused
        self.found += other.found


def script(seed: int, mutations: int = MUTATED_A_SESSION) -> tuple[dict[str, str], list[Step]]:
    """The policy of a session, and what it is sent."""
    random = Random(seed)
    policy: dict[str, str] = {}
    if random.random() > _DEFAULT_POLICY_SHARE:
        for name in random.sample(names(), 3):
            policy[name] = random.choice([each for each in variants(name) if each not in _UNANSWERING.get(name, ())])
    steps: list[Step] = []
    while mutations:
        is_valid = random.random() < _VALID_SHARE
        wired = valid(random) if is_valid else mutated(random)
        mutations -= not is_valid
        steps.append((wired, random.choice(_PAUSES_US)))
    return policy, steps


def play(policy: dict[str, str], steps: Sequence[Step], tally: Tally | None = None) -> None:
    """Send it all to a session, and then ask it for a spoken turn. Raises :exc:`Broken`."""
    victim = Victim(policy)
    for wired, pause_us in steps:
        code = victim.is_sent(wired)
        if tally is not None:
            if wired.kind == "valid":
                tally.valid += 1
            else:
                tally.mutations[wired.kind] += 1
            tally.refused[code or "(taken)"] += wired.kind != "valid"
        victim.passes(pause_us)
    victim.still_works()


def abuse(seeds: range) -> Tally:
    """A session for each seed."""
    tally = Tally()
    for seed in seeds:
        policy, steps = script(seed)
        tally.sessions += 1
        try:
            play(policy, steps, tally)
        except Broken as broken:
            shortest = minimised(policy, steps, broken.kind)
            tally.found.append(Found(seed, broken.kind, str(broken), policy, tuple(shortest)))
    return tally


def minimised(policy: dict[str, str], steps: Sequence[Step], kind: str) -> list[Step]:
    """Without all steps that can be left out, longer runs first, while it breaks in the same kind of way."""
    kept = list(steps)
    size = max(1, len(kept) // 2)
    tries = _MOST_TRIES
    while size:
        start = 0
        while start < len(kept) and tries:
            tries -= 1
            fewer = kept[:start] + kept[start + size :]
            if _breaks(policy, fewer) == kind:
                kept = fewer
            else:
                start += size
        size //= 2
    return kept


def _breaks(policy: dict[str, str], steps: Sequence[Step]) -> str | None:
    try:
        play(policy, steps)
    except Broken as broken:
        return broken.kind
    return None


def program(found: Found) -> str:
    """The lines of Python that show it again."""
    messages = "".join(
        f"    (Wired({wired.data!r}, {wired.kind!r}, {wired.due!r}), {us}),\n" for wired, us in found.steps
    )
    return (
        "from tests.abuse.campaign import play\nfrom tests.abuse.mutations import Wired\n\n"
        f"play({found.policy!r}, [\n{messages}])\n"
    )

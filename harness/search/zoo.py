"""How often the verdict is right over a zoo: clients with one mistake each, and correct clients.

A zoo is a module with three names: ``ZOO``, the specimens; ``DESIGNS``, correct clients as ``module:Class``; and
``FOR_THE_CORRECT``, conversations in which a correct client of any design breaks no property. The one of this project
is ``tests/zoo`` of its repository. Each specimen names its harm, so the judge does not decide what is right; and a
judge that finds harm in everything fails on the correct clients.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

from ..causes import Cause
from ..errors import InputError, import_cure
from ..processes import spread
from ..properties import PROPERTY_NAMES
from ..scenario.model import Scenario
from ..user_code import is_interrupt, raised
from ..verdict.judge import judge
from ..world.play import play

USUAL_ZOO = "tests.zoo"
"""The zoo of this project, which only a checkout of the repository has."""
ZOO_SEEDS = 3
"""Runs for each specimen, and for each correct client in each conversation."""
_SILENCE = "never_silent_forever"

SeededScenario = Callable[[int], Scenario]
"""Makes the scenario of a seed."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """A client with one mistake."""

    name: str
    client: str
    """``module:Class``."""
    harm: str
    """The property that must be reported as broken."""
    cause: Cause | None
    """Why the client falls silent, if the harm is a silence."""
    scenario: SeededScenario
    because: str
    """What the client does wrong."""
    twin: str = ""
    """The same client without the mistake, as ``module:Class``."""
    also: tuple[Cause, ...] = ()
    """Causes that are as right as the first: what the mistake does depends on the server's ear, or on the moment."""

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Every cause that is right; none if the harm is no silence."""
        return () if self.cause is None else (self.cause, *self.also)


@dataclass(frozen=True, slots=True)
class Zoo:
    """What is in the module of a zoo."""

    specimens: tuple[Specimen, ...]
    designs: tuple[str, ...]
    conversations: tuple[SeededScenario, ...]


@dataclass(frozen=True, slots=True)
class ZooCase:
    """One run: a specimen in its conversation, or a correct client in one of those for the correct.

    A conversation cannot be sent to another process, so the case says where it stands in its zoo.
    """

    zoo: str
    """The module."""
    index: int
    """Of the specimen, or of the correct client."""
    conversation: int | None
    """For a correct client."""
    seed: int


@dataclass(frozen=True, slots=True)
class ZooResult:
    """What one run was to show, and what the verdict said of it."""

    name: str
    """The specimen, or the class of the correct client."""
    conversation: str
    seed: int
    expected: tuple[str, Cause | None] | None
    """The harm and the cause; None: the client is correct."""
    found: tuple[tuple[str, Cause | None], ...]
    """Name and cause of each finding and warning, each pair once."""

    @property
    def is_right(self) -> bool:
        """Whether the verdict named the harm, with no other cause than the right one; or nothing, if there is none."""
        if self.expected is None:
            return not self.found
        harm, cause = self.expected
        causes = {found_cause for name, found_cause in self.found if name == harm}
        return causes == {cause} if harm == _SILENCE else bool(causes)


@dataclass(slots=True)
class ZooMatrix:
    """Counts of runs and of right verdicts by harm, those of the correct clients, and the results that were wrong."""

    seeds: int
    specimens: Counter[str] = field(default_factory=Counter)
    """How many there are, by harm."""
    runs: Counter[str | None] = field(default_factory=Counter)
    """By harm; None: correct clients."""
    right: Counter[str | None] = field(default_factory=Counter)
    wrong: list[ZooResult] = field(default_factory=list)

    def add(self, result: ZooResult) -> None:
        """Count one more run."""
        harm = result.expected[0] if result.expected else None
        self.runs[harm] += 1
        self.right[harm] += result.is_right
        if not result.is_right:
            self.wrong.append(result)

    @property
    def share(self) -> float:
        """The share of the specimens' runs whose harm was named."""
        runs = self.runs.total() - self.runs[None]
        return (self.right.total() - self.right[None]) / runs if runs else 1.0

    @property
    def share_of_correct(self) -> float:
        """The share of the correct clients' runs in which nothing was found."""
        return self.right[None] / self.runs[None] if self.runs[None] else 1.0


def is_there(module: str) -> bool:
    """Whether Python finds a module."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package that it would be in
        return False


def load_zoo(module: str) -> Zoo:
    """The zoo in a module. Raises :exc:`InputError` if there is none."""
    try:
        found = import_module(module)
    except BaseException as error:  # the user's module may raise anything
        if is_interrupt(error):
            raise
        raise InputError(f"--zoo {module}: {raised(error)}; {import_cure(module, error)}") from None
    for name in ("ZOO", "DESIGNS", "FOR_THE_CORRECT"):
        if not isinstance(getattr(found, name, None), tuple):
            raise InputError(f"--zoo {module} has no tuple {name}; see the head of harness/search/zoo.py")
    zoo = Zoo(found.ZOO, found.DESIGNS, found.FOR_THE_CORRECT)
    for specimen in zoo.specimens:
        if specimen.harm not in PROPERTY_NAMES:
            raise InputError(f"--zoo {module}: {specimen.name} harms {specimen.harm!r}, which is no property")
    return zoo


def zoo_cases(module: str, zoo: Zoo, seeds: int) -> list[ZooCase]:
    """All runs: specimens, then correct clients."""
    specimens = [(index, None) for index in range(len(zoo.specimens))]
    correct = [(index, number) for index in range(len(zoo.designs)) for number in range(len(zoo.conversations))]
    return [ZooCase(module, *pair, seed) for pair in (*specimens, *correct) for seed in range(seeds)]


def measure(module: str, seeds: int = ZOO_SEEDS, jobs: int | None = None) -> ZooMatrix:
    """Play and judge all runs of a zoo. Raises :exc:`InputError` if the module is none."""
    zoo = load_zoo(module)
    results = spread(play_and_judge, zoo_cases(module, zoo, seeds), jobs)
    return tally(results, zoo.specimens, seeds)


def tally(results: Iterable[ZooResult], specimens: Sequence[Specimen], seeds: int) -> ZooMatrix:
    """The counts of all results."""
    matrix = ZooMatrix(seeds, Counter(specimen.harm for specimen in specimens))
    for result in results:
        matrix.add(result)
    return matrix


def play_and_judge(case: ZooCase) -> ZooResult:
    """Play one case and judge it."""
    zoo = load_zoo(case.zoo)
    expected: tuple[str, Cause | None] | None = None
    if case.conversation is None:
        specimen = zoo.specimens[case.index]
        name, client, expected = specimen.name, specimen.client, (specimen.harm, specimen.cause)
        scenario = specimen.scenario(case.seed)
    else:
        client = zoo.designs[case.index]
        name, scenario = client.rpartition(":")[2], zoo.conversations[case.conversation](case.seed)
    verdict = judge(play(scenario, client, seed=case.seed).journal, scenario)
    found = dict.fromkeys((finding.name, finding.cause) for finding in (*verdict.findings, *verdict.warnings))
    return ZooResult(name, scenario.name, case.seed, expected, tuple(found))

"""The zoo itself: each client can be played, names are known, and the correct ones are answered."""

import importlib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import stillthere
from harness.causes import CAUSES
from harness.journal import SpeakerHeard, UserSpeaks, WorldHealed
from harness.properties import PROPERTY_NAMES
from harness.scenario.model import Scenario
from harness.units import SECOND

from . import DESIGNS, ZOO, Specimen
from .conversations import CUT_IN_SPEECH, PLAIN
from .healthy import Healthy
from .kit import Kit
from .servers import SERVERS
from .specimen import SeededScenario

ROOT = Path(__file__).parent.parent.parent


def shortened(scenario: Scenario) -> Scenario:
    """The same scenario, which ends 2 s after the heal: nothing here looks further."""
    return replace(scenario, recover_within_us=2 * SECOND)


@pytest.mark.slow
@pytest.mark.parametrize("specimen", ZOO[::3], ids=lambda specimen: specimen.name)
def test_a_specimen_can_be_played_up_to_the_heal(specimen: Specimen) -> None:
    """A client that raises, or returns what no client may, would measure nothing. ``make zoo`` plays all of them."""
    run = stillthere.play(shortened(specimen.scenario(1)), specimen.client, seed=1)
    assert next(run.journal.select(WorldHealed), None) is not None


def test_names_and_clients_are_unique() -> None:
    for each in (Counter(specimen.name for specimen in ZOO), Counter(specimen.client for specimen in ZOO)):
        assert [name for name, count in each.items() if count > 1] == []


def test_harms_and_causes_are_known() -> None:
    for specimen in ZOO:
        assert specimen.harm in PROPERTY_NAMES, specimen.name
        assert (specimen.cause in CAUSES) == (specimen.harm == "never_silent_forever"), specimen.name
        assert specimen.because.endswith("."), specimen.name


def test_the_zoo_is_wide() -> None:
    """Several ways to each harm, and many causes of silence."""
    ways = Counter(specimen.harm for specimen in ZOO)
    assert set(ways) == set(PROPERTY_NAMES) and min(ways.values()) >= 3
    assert len({specimen.cause for specimen in ZOO} - {None}) >= 12


def test_each_mistake_is_one_change_of_a_correct_client() -> None:
    """The twin is the client without the change: no specimen itself, and made of the plain client or of the kit."""
    for specimen in ZOO:
        client, twin = _class(specimen.client), _class(specimen.twin)
        assert issubclass(client, twin) and "specimen" not in vars(twin), specimen.name
        assert issubclass(twin, Healthy | Kit), specimen.name


def _class(path: str) -> type:
    module, _, name = path.partition(":")
    found: type = getattr(importlib.import_module(module), name)
    return found


def test_each_server_makes_its_mistake_only_where_it_is_asked_to() -> None:
    assert len({mutant.name for mutant in SERVERS}) == len(SERVERS) >= 15
    for mutant in SERVERS:
        before = vars(mutant.owner)[mutant.attribute]
        with mutant.applied():
            assert vars(mutant.owner)[mutant.attribute] is not before, mutant.name
        assert vars(mutant.owner)[mutant.attribute] is before, mutant.name
        assert mutant.because.endswith(".") and all((ROOT / tests).is_file() for tests in mutant.tests), mutant.name


@pytest.mark.slow
@pytest.mark.parametrize("talk", [PLAIN, CUT_IN_SPEECH], ids=["plain", "cut"])
@pytest.mark.parametrize("client", DESIGNS, ids=lambda client: client.partition(":")[2])
def test_a_correct_client_is_answered_each_time(client: str, talk: SeededScenario) -> None:
    """Behind each utterance of the scenario the user hears an answer within 8 s."""
    journal = stillthere.play(shortened(talk(0)), client).journal
    heard = [entry.t for entry in journal.select(SpeakerHeard)]
    for entry in journal.select(UserSpeaks):
        if not entry.probe:
            assert any(entry.end - SECOND // 3 < t < entry.end + 8 * SECOND for t in heard), f"{entry.t / SECOND} s"

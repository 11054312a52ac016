"""What is computed of a sweep is what playing gives, to the byte."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.faults import SessionFault
from harness.faults.closed import ClosedByServer
from harness.faults.expired import Expired
from harness.faults.reset import Reset
from harness.journal import AudioArrived, Journal, SpeakerHeard, TurnTaken, UplinkAudio, WorldHealed
from harness.scenario import load, shipped_scenarios
from harness.scenario.model import At, Inject, Say, Scenario, ServerSetup, Step, When
from harness.search.schedules import CLIPS, REPLY, conversation
from harness.search.sweep import plain
from harness.search.sweep.cases import Case, How
from harness.search.sweep.exact import engine
from harness.search.sweep.exact.asking import user_partings
from harness.search.sweep.exact.ears import EnergyEar
from harness.search.sweep.exact.engine import journals, outcomes
from harness.search.sweep.exact.gating import GateModel
from harness.search.sweep.exact.journals import JournalTemplate
from harness.search.sweep.exact.recording import Recording, WrongModel
from harness.search.sweep.rows import measure
from harness.units import MS, SECOND
from harness.world.play import play

NAMES = sorted(path.stem for path in shipped_scenarios())
QUICK = ("reported_freeze", "quiet_speaker_gated_out", "keyboard_in_assistant_tail", "half_open_socket")

CELLS = st.fixed_dictionaries(
    {"gate_threshold": st.integers(1, 160).map(lambda part: part / 2000)},
    optional={
        "gate_hold_ms": st.sampled_from([0, 20, 60, 200, 700]),
        "interruption_threshold": st.sampled_from([0.0, 0.02, 0.05, 0.2]),
        "gate_mode": st.sampled_from(["zeros", "off", "skip"]),
        "silence_duration_ms": st.sampled_from([200, 500]),
        "watchdog_ms": st.sampled_from([None, 5_000]),
        "chunk_ms": st.sampled_from([20, 60]),
    },
)


@pytest.fixture(autouse=True)
def models_are_right(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing that was recorded is found to be another thing than what is computed of it, which costs time."""
    made: list[Recording] = []

    class Kept(Recording):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            made.append(self)

    monkeypatch.setattr(engine, "Recording", Kept)
    yield
    if request.node.originalname != "test_a_model_that_is_wrong_costs_time_and_nothing_else":
        doubts = {doubt for recording in made for doubt in recording.doubts}
        assert not {doubt for doubt in doubts if "model" in doubt or "made anew" in doubt}


def check(what: str | Scenario, client: str, detector: str, cells: Sequence[Mapping[str, Any]]) -> None:
    scenario = load(what) if isinstance(what, str) else what
    name = scenario.name
    case = Case(scenario.settled(), client, detector)
    found = dict(journals(case, cells))
    read = {each.index: each.value for each in outcomes(case, cells, measure)}
    assert sorted(found) == sorted(read) == list(range(len(cells)))
    for index, cell in enumerate(cells):
        run = plain.play_cell(case, cell)
        assert found[index].sha256() == run.journal.sha256(), (name, cell)
        assert read[index] == measure(run.scenario, run.journal), (name, cell)


@given(st.sampled_from(QUICK), st.lists(CELLS, min_size=2, max_size=5))
@settings(max_examples=8, deadline=None)
def test_a_computed_journal_is_the_played_one(name: str, cells: list[dict[str, Any]]) -> None:
    check(name, "reported", "energy", cells)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES[::9])
def test_in_shipped_scenarios(name: str) -> None:
    cells = [{"gate_threshold": value, "gate_hold_ms": hold} for value in (0.001, 0.01, 0.05) for hold in (0, 300)]
    check(name, "reported", "energy", cells)


@pytest.mark.parametrize("client", ["development", "resilient"])
def test_with_the_other_clients_that_are_modelled(client: str) -> None:
    cells = [{"gate_mode": "zeros", "gate_threshold": value} for value in (0.004, 0.01, 0.03, 0.06)]
    check("quiet_speaker_gated_out", client, "energy", cells)


def test_with_the_net_that_is_the_default() -> None:
    check("quiet_speaker_gated_out", "reported", "silero", [{"gate_threshold": v} for v in (0.004, 0.012, 0.016, 0.02)])


@pytest.mark.parametrize(
    ("name", "detector"),
    [("always_a_tool_first", "energy"), ("reported_freeze", "silero_v4")],
    ids=["words are needed", "an ear without a model"],
)
def test_what_a_recording_cannot_vouch_for_is_shared_by_those_who_send_the_same_bytes(name: str, detector: str) -> None:
    check(name, "reported", detector, [{"gate_threshold": value} for value in (0.03, 0.0301, 0.05)])


def test_most_cells_are_computed() -> None:
    cells = [{"gate_threshold": 0.02 + number / 10_000} for number in range(50)]
    found = list(outcomes(Case(load("reported_freeze").settled(), "reported", "energy"), cells, measure))
    assert len(found) == 50
    assert sum(each.how is How.PLAYED for each in found) < 10


def test_a_client_that_is_not_modelled_is_played() -> None:
    case = Case(load("quiet_speaker_gated_out").settled(), "push_to_talk", "energy")
    assert [each.how for each in outcomes(case, [{}, {}], measure)] == [How.PLAYED, How.PLAYED]


def test_a_reader_is_asked_anew_wherever_it_could_read_something_else() -> None:
    """One that reads all levels gets those of each cell; one that reads none is asked once for each run."""
    case = Case(load("quiet_speaker_gated_out").settled(), "reported", "energy")
    cells = [{"gate_threshold": 0.008 + number / 10_000} for number in range(12)]
    asked: list[str] = []

    def levels(_: Scenario, journal: Journal) -> list[Any]:
        asked.append("levels")
        arrived = [entry.captured_ms for entry in journal.select(AudioArrived)]
        return [(entry.rms, entry.peak, entry.zeros) for entry in journal.select(UplinkAudio)] + arrived

    def length(_: Scenario, journal: Journal) -> int:
        asked.append("length")
        return len(journal.entries)

    for each in outcomes(case, cells, levels):
        run = plain.play_cell(case, cells[each.index])
        assert each.value == levels(run.scenario, run.journal)
    asked.clear()
    list(outcomes(case, cells, length))
    shared = len(asked)
    asked.clear()
    list(outcomes(case, cells, levels))
    assert shared < len(asked)


def test_a_run_is_the_same_if_it_is_watched() -> None:
    scenario = load("keyboard_in_assistant_tail").settled()
    recording = Recording(scenario, "resilient", {}, detector="energy", seed=3)
    assert recording.run.journal.sha256() == play(scenario, "resilient", seed=3, detector="energy").journal.sha256()


# --- what bears on a journal and is not sound ------------------------------------------------------------------------


def talk(*steps: Step) -> Scenario:
    """A short conversation with faults."""
    return conversation("talk", [Step(At(2 * SECOND), Say(CLIPS[0])), *steps], ServerSetup(reply=REPLY), 2)


def test_audio_that_arrives_after_the_server_has_closed() -> None:
    """A Close is 40 ms on its way, and a second of the journal begins meanwhile."""
    scenario = talk(Step(At(10_990 * MS), Inject(ClosedByServer())))
    check(scenario, "reported", "energy", [{"gate_threshold": value} for value in (0.02, 0.021, 0.03)])


def test_speech_that_is_sent_again_and_never_arrives() -> None:
    """Each new session is lost before the unanswered speech has reached it."""
    lost = [Step(When("session.created", number, 5 * MS), Inject(Reset(), 300 * MS)) for number in (2, 3, 4)]
    scenario = talk(Step(At(4_200 * MS), Inject(Reset(), 300 * MS)), *lost)
    check(scenario, "resilient", "energy", [{"gate_threshold": value} for value in (0.02, 0.021, 0.03)])


def test_a_user_who_would_not_have_heard_an_answer_is_another_run() -> None:
    """A turn after the heal that holds no speech carries no words: an answer to it is none, and the user asks again."""
    recording = Recording(load("quiet_speaker_gated_out").settled(), "development", {}, detector="energy", seed=0)
    recording.doubts.clear()
    template = JournalTemplate(recording)
    journal = recording.run.journal
    healed = next(entry.t for entry in journal.select(WorldHealed))
    assert any(entry.t > healed for entry in journal.select(SpeakerHeard))
    masks = np.array([recording.passed] * 3)
    values = template.values(masks, [None] * len(recording.streams))
    after = np.array([entry.t > healed for entry in journal.select(TurnTaken)])
    values.speech_ms[1, after] = 32
    values.speech_ms[2, after] += 32
    assert [row for row, _ in user_partings(template, values, [1, 2])] == [1]


@pytest.mark.parametrize("wrong", ["the ear", "the gate"])
def test_a_model_that_is_wrong_costs_time_and_nothing_else(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(*_: object) -> None:
        raise WrongModel(f"the model of {wrong} is wrong")

    monkeypatch.setattr(*((EnergyEar, "frames") if wrong == "the ear" else (GateModel, "rows")), raises)
    check("quiet_speaker_gated_out", "reported", "energy", [{"gate_threshold": value} for value in (0.012, 0.0121)])


class Peeks(SessionFault):
    """A user's own fault, which may look at the sound that the session heard."""

    name = "peeks"
    causes = ()

    def apply(self, session: Any, now: int) -> list[Any]:
        heard = session.hearing.speech_ms(10_000)
        return list(session.expire(now)) if heard > 500 else []


def test_a_fault_of_ones_own_that_gets_the_session_may_look_at_sound() -> None:
    cells = [{"gate_threshold": value} for value in (0.02, 0.0205, 0.03)]
    check(talk(Step(At(3_900 * MS), Inject(Peeks()))), "reported", "energy", cells)
    doubts = [
        Recording(talk(Step(At(3_900 * MS), Inject(fault))), "reported", {}, detector="energy", seed=0).doubts
        for fault in (Peeks(), Expired())
    ]
    assert ["a fault of your own works on the session" in each for each in doubts] == [True, False]

"""Hypothesis strategies for property tests of a client: fault schedules, and whole scenarios.

They shrink toward no fault, few and short steps, early times and the defaults of parameters. Nothing else in
``harness/`` imports this module: Hypothesis is not needed at run time.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from ..clients.registry import ClientChoice
from ..errors import SettingError, did_you_mean
from ..faults import Fault, faults_over
from ..scenario import dump
from ..scenario.model import Action, App, At, Inject, Noise, Say, Scenario, ServerSetup, Step
from ..units import MS, SECOND
from ..vad.detector import DETECTORS
from ..verdict.judge import judge
from ..world.play import play
from . import surroundings
from .draw import drawn
from .schedules import EVERY_US, SPEAKS_US, conversation
from .surroundings import CLIPS, REPLY, TalkTimes
from .tape import Source

_GRID_US = 100 * MS
"""Times and lengths of steps are multiples of this."""
_SHORTEST_US, _LONGEST_US = 200 * MS, 20 * SECOND
"""Of a fault."""
_MOST_TURNS = 5
_MORE_PERCENT = 60
"""How often there is one more of something."""
_T = TypeVar("_T")


def fault_schedules(
    *,
    faults: Iterable[str] | None = None,
    max_faults: int = 3,
    begin: int = SECOND,
    end: int = 20 * SECOND,
) -> st.SearchStrategy[tuple[Step, ...]]:
    """Steps that inject faults, for a scenario of your own::

        @given(fault_schedules(faults=["mute", "half-open"], end=30 * s))
        def test_it(stillthere, steps):
            scenario = ScenarioBuilder.from_scenario(load("tool_call")).add(steps).build()
            stillthere.holds(scenario, MyClient)

    ``faults`` are names of the catalogue; None: all of it. At most ``max_faults`` are injected, at times from ``begin``
    to ``end``, in microseconds; both must be within the ``lasts`` of your scenario, if it has one. They shrink toward
    no fault at all. Raises :exc:`SettingError` for an unknown fault, and for times or a number that exclude each other.
    """
    kinds = _kinds(faults)
    if max_faults < 0 or not 0 <= begin <= end:
        raise SettingError(
            f"fault_schedules() got max_faults={max_faults}, begin={begin} and end={end}; give 0 or more, and times in "
            "microseconds with 0 <= begin <= end, such as begin=2 * s"
        )
    times = range(-(-begin // _GRID_US), max(-(-begin // _GRID_US), end // _GRID_US) + 1)
    return _drawn_by(lambda source: _injected(kinds, max_faults, times, source))


def scenarios(
    *,
    faults: Iterable[str] | None = None,
    max_faults: int = 3,
    max_turns: int = 2,
    detector: str = "energy",
) -> st.SearchStrategy[Scenario]:
    """Short conversations with faults, typing and app switches, as ``stillthere fuzz`` plays them::

        @given(scenarios())
        def test_it_is_never_silent_for_ever(stillthere, scenario):
            stillthere.holds(scenario, MyClient)

    ``faults`` and ``max_faults`` as for :func:`fault_schedules`. The user speaks up to ``max_turns`` times, 1 to 5.
    ``detector`` is the server's ear; ``energy`` is the fastest. They shrink toward one turn in which nothing happens.
    Raises :exc:`SettingError` for an unknown fault or detector.
    """
    if detector not in DETECTORS:
        raise SettingError(f"no detector is named {detector!r}; {did_you_mean(detector, DETECTORS)}")
    if not 1 <= max_turns <= _MOST_TURNS:
        raise SettingError(f"a drawn conversation has 1 to {_MOST_TURNS} turns (got max_turns={max_turns})")
    kinds = _kinds(faults)
    if max_faults < 0:
        raise SettingError(f"scenarios() got max_faults={max_faults}; give 0 or more")

    def make(source: Source) -> Scenario:
        turns = 1 + _how_many(max_turns - 1, source)
        said = [_say(source) for _ in range(turns)]
        heals_us = SPEAKS_US + turns * EVERY_US + 2 * SECOND
        talk = TalkTimes(tuple(SPEAKS_US + turn * EVERY_US for turn in range(turns)), heals_us)
        times = range(SECOND // 2 // _GRID_US, (heals_us - SECOND) // _GRID_US)
        steps = [*_injected(kinds, max_faults, times, source), *_around(talk, source)]
        steps = sorted(steps, key=_starts)
        spoken = [Step(At(at), words) for at, words in zip(talk.speaks, said, strict=True)]
        server = ServerSetup(detector=detector, reply=REPLY)
        return conversation("a drawn conversation", [*spoken, *steps], server, turns, ends_us=EVERY_US + 2 * SECOND)

    return _drawn_by(make)


class ConversationMachine(RuleBasedStateMachine):
    """A conversation that Hypothesis makes step by step, and that is played and judged at its end.

    Name your client in a subclass, and let pytest find its test case::

        class OurConversation(ConversationMachine):
            client = "my_client:MyClient"
            faults = ("mute", "half-open", "reset")


        TestOurConversation = OurConversation.TestCase

    The user speaks, waits, switches apps; the room is noisy; faults are injected at the time that is reached then. It
    fails with what the verdict says and the scenario as a file, and shrinks toward few steps, of which
    Hypothesis may leave one or two that change nothing: ``stillthere fuzz`` makes smaller stories.
    """

    client: ClientChoice = "resilient"
    """A reference client's name, ``module:Class``, or a class."""
    faults: Iterable[str] | None = None
    """Names of the catalogue; None: all of it."""
    detector = "energy"
    """The server's ear."""

    def __init__(self) -> None:
        super().__init__()
        self._chosen = _kinds(self.faults)
        self.now = SPEAKS_US
        """When the next step is, in microseconds."""
        self.steps: list[Step] = []
        """What was done so far."""

    @rule(tenths=st.integers(1, 100))
    def waits(self, tenths: int) -> None:
        """Nothing happens for so many tenths of a second."""
        self.now += tenths * _GRID_US

    @rule(words=st.builds(Say, st.sampled_from(CLIPS), st.none() | st.integers(-26, -14).map(float)))
    def says(self, words: Say) -> None:
        """The user speaks, and has the time to hear the answer."""
        self._do(words)
        self.now += EVERY_US

    @rule(
        sound=st.builds(
            Noise,
            st.sampled_from(("keyboard", "hum", "door", "babble")),
            st.integers(2, 100).map(_GRID_US.__mul__),
            st.integers(-50, -20).map(float),
        )
    )
    def hears_noise(self, sound: Noise) -> None:
        """A noise begins in the room."""
        self._do(sound)

    @rule(app=st.deferred(lambda: _drawn_by(surroundings.switch)))
    def switches_app(self, app: App) -> None:
        """The user looks into another app for a while."""
        self._do(app)

    @rule(fault=st.runner().flatmap(lambda machine: _drawn_by(lambda source: _injection(machine._chosen, source))))
    def is_faulty(self, fault: Inject) -> None:
        """A fault begins."""
        self._do(fault)

    def _do(self, action: Action) -> None:
        self.steps.append(Step(At(self.now), action))
        self.now += _GRID_US

    def scenario(self) -> Scenario:
        """The conversation so far, as a scenario; everything heals 2 s after the last step and the last noise."""
        ends = [_starts(step) + step.action.lasts_us for step in self.steps if isinstance(step.action, Noise)]
        server = ServerSetup(detector=self.detector, reply=REPLY)
        lasts_us = max([self.now, *ends]) + 2 * SECOND
        return Scenario("a conversation", tuple(self.steps), server=server, lasts_us=lasts_us)

    def teardown(self) -> None:
        """Play the conversation, and judge it."""
        scenario = self.scenario()
        verdict = judge(play(scenario, self.client).journal, scenario)
        if verdict.findings:
            said = "; ".join(f"{finding.name}: {finding.reason}" for finding in verdict.findings)
            raise AssertionError(f"{said}\n{dump(scenario)}")


ConversationMachine.TestCase.settings = settings(deadline=None, max_examples=40, stateful_step_count=10)


class _Drawn(Source):
    """Hypothesis decides."""

    def __init__(self, draw: st.DrawFn) -> None:
        super().__init__()
        self._draw = draw

    def _choose(self, n: int) -> int:
        return self._draw(st.integers(0, n - 1))


def _drawn_by(make: Callable[[Source], _T]) -> st.SearchStrategy[_T]:
    """What a generator makes of choices that Hypothesis takes."""

    @st.composite
    def composed(draw: st.DrawFn) -> _T:
        return make(_Drawn(draw))

    return composed()


def _how_many(most: int, source: Source) -> int:
    """From none to ``most``, each one more a choice of its own, so that Hypothesis can leave out any."""
    count = 0
    while count < most and source.chance(_MORE_PERCENT):
        count += 1
    return count


def _injected(kinds: list[type[Fault]], most: int, times: range, source: Source) -> tuple[Step, ...]:
    """Up to ``most`` injections, in order; ``times`` are tenths of a second."""
    found: list[Step] = []
    while len(found) < most and source.chance(_MORE_PERCENT):
        found.append(Step(At(source.one_of(times) * _GRID_US), _injection(kinds, source)))
    return tuple(sorted(found, key=_starts))


def _injection(kinds: list[type[Fault]], source: Source) -> Inject:
    """A fault of one of these kinds, with an end, or until the client cures it if that is possible."""
    fault = drawn(source.one_of(kinds), source)
    endless = not fault.needs_end or fault.actor == "microphone"
    tenths = source.between(_SHORTEST_US // _GRID_US, _LONGEST_US // _GRID_US + endless)
    return Inject(fault, None if tenths * _GRID_US > _LONGEST_US else tenths * _GRID_US)


def _around(talk: TalkTimes, source: Source) -> list[Step]:
    """Noise and app switches, up to two."""
    steps: list[Step] = []
    while len(steps) < 2 and source.chance(_MORE_PERCENT):
        if source.chance(50):
            steps.append(surroundings.at_any_time(surroundings.switch(source), talk, source))
        else:
            steps.append(surroundings.noise(talk, source))
    return steps


def _say(source: Source) -> Say:
    clip = source.one_of(CLIPS)
    return Say(clip, float(source.between(-26, -14)) if source.chance(50) else None)


def _starts(step: Step) -> int:
    assert isinstance(step.trigger, At)
    return step.trigger.at_us


def _kinds(names: Iterable[str] | None) -> list[type[Fault]]:
    known = faults_over("websocket")
    if names is None:
        return list(known.values())
    chosen = [names] if isinstance(names, str) else list(names)
    for name in chosen:
        if name not in known:
            raise SettingError(f"no fault of a WebSocket is called {name!r}; {did_you_mean(name, known)}")
    if not chosen:
        raise SettingError("faults=[] leaves no fault to choose; leave it out for all of them, or set max_faults=0")
    return [known[name] for name in chosen]

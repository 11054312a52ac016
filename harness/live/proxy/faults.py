"""What a proxy can inject: what happens on the wire, and what a microphone does to the audio that a client sends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...errors import SettingError
from ...faults import CATALOGUE, Fault, MediaFault, SourceFault, WireFault, parameters
from ...scenario.model import At, Inject, Scenario, Step
from ...units import SECOND
from ..faults import FaultSpec, Injectable

_NEEDS_REOPENING = ("failed-reopen", "slow-reopen")


class _Possible(Mapping[str, type[Fault]]):
    """The faults of the catalogue, also those registered later, that a proxy can inject."""

    def __getitem__(self, name: str) -> type[Fault]:
        if not _is_possible(CATALOGUE[name]):
            raise KeyError(name)
        return CATALOGUE[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name, fault in CATALOGUE.items() if _is_possible(fault))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _is_possible(fault: type[Fault]) -> bool:
    if issubclass(fault, SourceFault):
        return not fault.hears_speaker and fault.name not in _NEEDS_REOPENING
    return issubclass(fault, WireFault) and "websocket" in fault.transports


def _refusal(fault: type[Fault]) -> str:
    if issubclass(fault, MediaFault):
        why = "is one of a WebRTC call, which goes past a proxy"
    elif fault.name in _NEEDS_REOPENING:
        why = "is about opening the capture again, which a proxy does not see"
    elif issubclass(fault, SourceFault):
        why = "needs what the speaker plays, which a proxy does not know"
    else:
        why = "is one of the server, and the server behind a proxy is not ours"
    return (
        f"the fault {fault.name!r} {why}; use one of {', '.join(sorted(BY_PROXY.faults))}, or inject it with "
        "`stillthere serve`"
    )


BY_PROXY = Injectable(_Possible(), _refusal)
"""What a proxy can inject."""


@dataclass(frozen=True, slots=True)
class ScenarioFaults:
    """The faults of a scenario for a proxy, and what of it a proxy leaves out, in words."""

    specs: tuple[FaultSpec, ...]
    left_out: str


def scenario_faults(scenario: Scenario) -> ScenarioFaults:
    """The wire and source faults of a settled scenario at their times, in the first session of each client.

    Raises :exc:`SettingError` for a fault that a proxy cannot inject, one whose time is not known beforehand, and a
    scenario without any.
    """
    specs, others = [], 0
    for step in scenario.timeline:
        if not isinstance(step.action, Inject):
            others += 1
            continue
        fault, where = step.action.fault, f"{scenario.path or scenario.name}{_line(step)}"
        if fault.name not in BY_PROXY.faults:
            raise SettingError(f"{where}: {BY_PROXY.refusal(type(fault))}")
        if not isinstance(step.trigger, At):
            raise SettingError(
                f"{where}: when the fault {fault.name!r} begins depends on what happens on a stage; give it a time "
                "(at: 5s), or use --fault"
            )
        for n in range(step.repeat):
            specs.append(
                FaultSpec(
                    fault.name,
                    (step.trigger.at_us + n * step.every_us) / SECOND,
                    None if step.action.lasts_us is None else step.action.lasts_us / SECOND,
                    parameters.given(fault),
                    "first",
                )
            )
    if not specs:
        raise SettingError(
            f"{scenario.path or scenario.name} has no fault that a proxy can inject; use --fault, or `stillthere run`"
        )
    return ScenarioFaults(tuple(specs), _left_out(scenario, others))


def _line(step: Step) -> str:
    return "" if step.line is None else f":{step.line}"


def _left_out(scenario: Scenario, steps: int) -> str:
    said = [f"{steps} step{'s' * (steps != 1)} that need{'s' * (steps == 1)} a stage"] if steps else []
    usual = Scenario("", ())
    if scenario.server != usual.server:
        said.append("its server")
    if scenario.expect or scenario.premises:
        said.append("what it expects")
    return ", ".join(said)

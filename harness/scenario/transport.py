"""Which faults can happen on which transport."""

from dataclasses import replace

from ..errors import SettingError
from ..faults import Fault, Transport
from ..faults.seams import TRANSPORTS
from .model import Inject, Scenario

WORDS: dict[Transport, str] = {"websocket": "a WebSocket", "webrtc": "a WebRTC call"}


def elsewhere(fault: type[Fault], transport: str) -> str:
    """The sentence for a fault that cannot happen on a transport."""
    (only,) = fault.transports
    return f"the fault {fault.name!r} happens on {WORDS[only]} only; write transport: {only}, or choose another fault"


def over(scenario: Scenario, transport: str | None) -> Scenario:
    """The scenario on another transport; None leaves it on its own. Raises :exc:`SettingError`, as :func:`check`."""
    if transport is None or transport == scenario.transport:
        return scenario
    if transport not in TRANSPORTS:
        raise SettingError(f"there is no transport {transport!r}; choose {' or '.join(TRANSPORTS)}")
    moved = replace(scenario, transport=transport)
    check(moved)
    return moved


def check(scenario: Scenario) -> None:
    """Raise :exc:`SettingError` for a fault that cannot happen on the scenario's transport."""
    for step in scenario.timeline:
        if isinstance(step.action, Inject) and scenario.transport not in step.action.fault.transports:
            where = f" (line {step.line})" if step.line is not None else ""
            raise SettingError(f"{elsewhere(type(step.action.fault), scenario.transport)}{where}")

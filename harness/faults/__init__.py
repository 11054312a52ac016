"""Faults, one a file, each at one of four seams: source, detector, policy, wire.

Scenario steps name them: ``microphone:`` takes :data:`MICROPHONE`, ``network:`` :data:`NETWORK`, ``server:``
:data:`SERVER`.
"""

from harness.faults.half_open import HalfOpen
from harness.faults.held_active import HeldActive
from harness.faults.held_idle import HeldIdle
from harness.faults.mute import Mute
from harness.faults.near_silence import NearSilence
from harness.faults.reset import Reset
from harness.faults.seams import DetectorFault, PolicyFault, SourceFault, WireFault
from harness.faults.stall import Stall
from harness.faults.stalled_reply import StalledReply
from harness.faults.suspended import Suspended
from harness.faults.zeroed import Zeroed

MICROPHONE: dict[str, type[SourceFault]] = {fault.name: fault for fault in (NearSilence, Zeroed, Suspended)}
NETWORK: dict[str, type[WireFault]] = {fault.name: fault for fault in (HalfOpen, Stall, Reset)}
SERVER: dict[str, type[DetectorFault] | type[PolicyFault] | type[WireFault]] = {
    fault.name: fault for fault in (Mute, HeldActive, HeldIdle, StalledReply)
}

__all__ = ["MICROPHONE", "NETWORK", "SERVER", "DetectorFault", "PolicyFault", "SourceFault", "WireFault"]

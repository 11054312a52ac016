"""The public API of stillthere: what a voice client's tests import.

::

    from stillthere import judge, load, play

    scenario = load("reported_freeze")
    run = play(scenario, "resilient")
    print(judge(run.journal, scenario))

Each name is loaded when it is first used, so ``import stillthere`` alone is fast. There are submodules:
``stillthere.builder`` (scenarios in Python), ``stillthere.events`` (the protocol), ``stillthere.faults`` (a fault of
your own), ``stillthere.journal`` (the entries of a journal), ``stillthere.kit`` (parts for a client),
``stillthere.search`` (campaigns); for test suites ``stillthere.pytest`` (the plugin) and ``stillthere.strategies`` (for
Hypothesis). docs/api.md describes every name. The package ``harness`` is the implementation and may change.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the list of public names and their modules, for type checkers and __getattr__
    from harness import __version__ as __version__
    from harness.apps.browser.play import play_page as play_page
    from harness.apps.play import play_app as play_app
    from harness.apps.real_time.play import play_program as play_program
    from harness.apps.virtual.devices import AppMicrophone as AppMicrophone
    from harness.apps.virtual.devices import AppSpeaker as AppSpeaker
    from harness.audio.chunk import Chunk as Chunk
    from harness.clients.interface import AppState as AppState
    from harness.clients.interface import CallState as CallState
    from harness.clients.interface import ChannelClosed as ChannelClosed
    from harness.clients.interface import Client as Client
    from harness.clients.interface import Closed as Closed
    from harness.clients.interface import Command as Command
    from harness.clients.interface import Connect as Connect
    from harness.clients.interface import DialFailed as DialFailed
    from harness.clients.interface import Disconnect as Disconnect
    from harness.clients.interface import Log as Log
    from harness.clients.interface import MarkPlayback as MarkPlayback
    from harness.clients.interface import MarkPlayed as MarkPlayed
    from harness.clients.interface import MediaReport as MediaReport
    from harness.clients.interface import Opened as Opened
    from harness.clients.interface import Ping as Ping
    from harness.clients.interface import Play as Play
    from harness.clients.interface import PlaybackEnded as PlaybackEnded
    from harness.clients.interface import Pong as Pong
    from harness.clients.interface import ReopenCapture as ReopenCapture
    from harness.clients.interface import ResumePlayback as ResumePlayback
    from harness.clients.interface import Signal as Signal
    from harness.clients.interface import StopPlayback as StopPlayback
    from harness.clients.interface import TalkButton as TalkButton
    from harness.clients.interface import TellUser as TellUser
    from harness.clients.registry import NamedClient as NamedClient
    from harness.errors import AudioError as AudioError
    from harness.errors import ClientError as ClientError
    from harness.errors import InputError as InputError
    from harness.errors import ScenarioError as ScenarioError
    from harness.errors import SettingError as SettingError
    from harness.errors import StillthereError as StillthereError
    from harness.journal import Journal as Journal
    from harness.journal import read as read_journal
    from harness.live.admission import Admission as Admission
    from harness.live.faults import FaultSpec as FaultSpec
    from harness.live.server import LiveServer as LiveServer
    from harness.live.settings import LiveSettings as LiveSettings
    from harness.live.socket.limits import Timing as Timing
    from harness.scenario.dump import dump as dump
    from harness.scenario.loader import load as load
    from harness.scenario.loader import loads as loads
    from harness.scenario.loader import shipped_scenarios as shipped_scenarios
    from harness.scenario.model import Scenario as Scenario
    from harness.server.policy import ServerPolicy as ServerPolicy
    from harness.server.session import SessionSetup as SessionSetup
    from harness.verdict.diagnosis import diagnose as diagnose
    from harness.verdict.findings import Finding as Finding
    from harness.verdict.judge import Verdict as Verdict
    from harness.verdict.judge import judge as judge
    from harness.verdict.links import Diagnosis as Diagnosis
    from harness.verdict.record import Wait as Wait
    from harness.world.play import Run as Run
    from harness.world.play import play as play
    from harness.world.world import session_setup as session_setup

    from . import builder as builder
    from . import events as events
    from . import faults as faults
    from . import journal as journal
    from . import kit as kit
    from . import search as search

__all__ = [
    "Admission",
    "AppMicrophone",
    "AppSpeaker",
    "AppState",
    "AudioError",
    "CallState",
    "ChannelClosed",
    "Chunk",
    "Client",
    "ClientError",
    "Closed",
    "Command",
    "Connect",
    "Diagnosis",
    "DialFailed",
    "Disconnect",
    "FaultSpec",
    "Finding",
    "InputError",
    "Journal",
    "LiveServer",
    "LiveSettings",
    "Log",
    "MarkPlayback",
    "MarkPlayed",
    "MediaReport",
    "NamedClient",
    "Opened",
    "Ping",
    "Play",
    "PlaybackEnded",
    "Pong",
    "ReopenCapture",
    "ResumePlayback",
    "Run",
    "Scenario",
    "ScenarioError",
    "ServerPolicy",
    "SessionSetup",
    "SettingError",
    "Signal",
    "StillthereError",
    "StopPlayback",
    "TalkButton",
    "TellUser",
    "Timing",
    "Verdict",
    "Wait",
    "builder",
    "diagnose",
    "dump",
    "events",
    "faults",
    "journal",
    "judge",
    "kit",
    "load",
    "loads",
    "play",
    "play_app",
    "play_page",
    "play_program",
    "read_journal",
    "search",
    "session_setup",
    "shipped_scenarios",
]


_FOR_TESTS = ("strategies",)
"""Submodules that are no part of ``from stillthere import *``: they need packages that only tests have."""


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used."""
    if name in _FOR_TESTS:
        import importlib

        return importlib.import_module(f"stillthere.{name}")
    if name not in __all__ and name != "__version__":
        import difflib

        near = difflib.get_close_matches(name, __all__, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "docs/api.md lists what it has"
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; {hint}")
    from ._lazy import load_public

    found = load_public(name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

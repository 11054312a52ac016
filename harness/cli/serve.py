"""``stillthere serve``: the fake server for any client, over real WebSockets."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from harness.errors import SettingError
from harness.live.server import run_server
from harness.scenario import load
from harness.scenario.model import Scenario
from harness.vad.detector import make_detector
from harness.world.play import session_setup


def serve(
    host: Annotated[str, typer.Option(help="A loopback address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free port.")] = 8765,
    scenario: Annotated[
        str | None, typer.Option(help="Take detector, turn detection, policy and reply from this scenario.")
    ] = None,
    detector: Annotated[str | None, typer.Option(help="silero, silero_v4 or energy.")] = None,
    policy: Annotated[list[str] | None, typer.Option(help="A switch of the server, as NAME=VARIANT.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for a journal of each session.")] = None,
) -> None:
    """Serve the fake Realtime API until interrupted. Point a client at ws://HOST:PORT/v1/realtime."""
    chosen = load(scenario) if scenario else Scenario("serve", timeline=())
    if detector is not None:
        make_detector(detector)
    switches = chosen.server.policy.changed(**_pairs(policy or []))
    server = replace(chosen.server, policy=switches)
    setup = session_setup(replace(chosen, server=server), detector or server.detector)
    run_server(setup, host, port, out, lambda url: print(f"listening on {url}", file=sys.stderr, flush=True))


def _pairs(switches: list[str]) -> dict[str, str]:
    pairs = {}
    for switch in switches:
        name, equals, variant = switch.partition("=")
        if not equals:
            raise SettingError(f"--policy {switch!r} is not NAME=VARIANT, such as clear_during_speech=wedge")
        pairs[name] = variant
    return pairs

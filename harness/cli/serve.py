"""``stillthere serve``: the fake server for any client, over real WebSockets."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, get_args

import typer

from harness.errors import SettingError, did_you_mean
from harness.live.admission import Admission, Dialects
from harness.live.running import run_server
from harness.live.settings import LiveSettings
from harness.live.strikes import FaultSpec, read_fault
from harness.live.tls import Identity, make_identity
from harness.scenario import load
from harness.scenario.model import Scenario
from harness.server.session import SessionSetup
from harness.units import SECOND
from harness.vad.detector import make_detector
from harness.world.play import session_setup


def serve(
    host: Annotated[str, typer.Option(help="An address of this machine.")] = "127.0.0.1",
    port: Annotated[str, typer.Option(metavar="PORT", help="0: any free port.")] = "8765",
    scenario: Annotated[
        str | None, typer.Option(help="Take detector, turn detection, policy and reply from this scenario.")
    ] = None,
    detector: Annotated[str | None, typer.Option(help="silero, silero_v4 or energy.")] = None,
    policy: Annotated[list[str] | None, typer.Option(help="A switch of the server, as NAME=VARIANT.")] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="A fault in every session: NAME, or NAME:after=5s,lasts=10s from the dial, and parameters (delay=2s); "
            "DELETE /faults/1 ends it."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for a journal of each session, and for ca.pem.")] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Serve wss:// with a certificate authority made for this.")] = (
        False
    ),
    key: Annotated[list[str] | None, typer.Option(help="A good API key; without any, every key is good.")] = None,
    no_auth: Annotated[bool, typer.Option("--no-auth", help="Serve clients without a key too.")] = False,
    any_model: Annotated[bool, typer.Option("--any-model", help="Serve every model, and clients that name none.")] = (
        False
    ),
    dialect: Annotated[
        str,
        typer.Option(
            metavar="sunset|ga|beta",
            help="A client that asks for the beta is refused, as the service does (sunset); gets GA events all the "
            "same (ga); or gets beta events (beta).",
        ),
    ] = "sunset",
    allow_remote: Annotated[
        bool,
        typer.Option("--allow-remote", help="Let --host be an address that other machines reach; needs --token."),
    ] = False,
    token: Annotated[str | None, typer.Option(help="The one good key, which the control API asks for as well.")] = None,
) -> None:
    """Serve the fake Realtime API until interrupted. Point a client at ws://HOST:PORT/v1/realtime?model=gpt-realtime.

    A browser at http://HOST:PORT shows the sessions.
    """
    setup = _setup(scenario, detector, policy or [])
    admission = _admission(key or [], no_auth, any_model, dialect)
    if token is not None and (key or no_auth):
        raise SettingError("--token is the one good key, so it goes with neither --key nor --no-auth; leave them out")
    settings = LiveSettings(
        host=host,
        port=_port(port),
        allow_remote=allow_remote,
        token=token,
        admission=admission,
        faults=_faults(fault or [], setup),
        journal_dir=out,
    )
    settings.check()
    identity = make_identity(out, host) if tls else None
    if identity is not None:
        settings = replace(settings, tls=identity.context)
    run_server(setup, settings, lambda url: _tell(url, identity))


def _tell(url: str, identity: Identity | None) -> None:
    told = f"listening on {url}" + (f"\n{identity.advice}" if identity is not None else "")
    print(told, file=sys.stderr, flush=True)


def _port(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SettingError(f"--port {text!r} is no number; use 1 to 65535, or 0 for any free one") from None


def _setup(scenario: str | None, detector: str | None, policy: list[str]) -> SessionSetup:
    chosen = load(scenario).settled() if scenario is not None else Scenario("serve", timeline=())
    if detector is not None:
        make_detector(detector)
    switches = chosen.server.policy.changed(**_pairs(policy))
    server = replace(chosen.server, policy=switches)
    return session_setup(replace(chosen, server=server), detector or server.detector)


def _faults(texts: list[str], setup: SessionSetup) -> tuple[FaultSpec, ...]:
    specs = tuple(map(read_fault, texts))
    for text, spec in zip(texts, specs, strict=True):
        if spec.after_s * SECOND >= setup.lasts_us:
            raise SettingError(
                f"--fault {text!r} would begin after a session's end, which comes after {setup.lasts_us / SECOND:g} s; "
                "make 'after' shorter"
            )
    return specs


def _pairs(switches: list[str]) -> dict[str, str]:
    pairs = {}
    for switch in switches:
        name, equals, variant = switch.partition("=")
        if not equals:
            raise SettingError(f"--policy {switch!r} is not NAME=VARIANT, such as clear_during_speech=wedge")
        if name in pairs:
            raise SettingError(f"--policy {name} is given twice; leave one out")
        pairs[name] = variant
    return pairs


def _admission(keys: list[str], no_auth: bool, any_model: bool, dialect: str) -> Admission:
    if no_auth and keys:
        raise SettingError("--no-auth and --key contradict each other; leave one out")
    for known in get_args(Dialects):
        if dialect == known:
            return Admission(frozenset(keys), key_needed=not no_auth, any_model=any_model, dialects=known)
    raise SettingError(f"no --dialect is called {dialect!r}; {did_you_mean(dialect, get_args(Dialects))}")

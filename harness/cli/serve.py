"""``stillthere serve``: the fake server for any client, over real WebSockets."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ..errors import SettingError
from ..live.admission import Admission, read_dialects
from ..live.faults import FaultSpec, read_fault
from ..live.server import run_server
from ..live.settings import LiveSettings
from ..live.tls import Identity, make_identity
from ..scenario import load
from ..scenario.model import Scenario
from ..server.session import SessionSetup
from ..units import SECOND
from ..vad.detector import DETECTORS, make_detector
from ..world.world import session_setup
from .output import check_folder, pairs
from .serve_play import serve_and_play

_Faults = Annotated[
    list[str] | None,
    typer.Option(
        help="A fault in every session: NAME, or NAME:after=5s,lasts=10s, timed from the start of the session; "
        "parameters follow (delay=2s); DELETE /faults/1 ends it. sessions=first: only in the first session of each "
        "client, so that a reconnect finds a healthy one; sessions=next: only in the first one that is opened; "
        "sessions=all is the default, so that a client that is started again meets the fault again."
    ),
]
_ResumeWindow = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        help="A client that connects again within this time, from the same address and with the same key, continues "
        "its journal; 0: only one that names it, by ?journal=NAME or the header X-Stillthere-Journal.",
    ),
]
_Origins = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ORIGIN",
        help="Serve the web pages of this origin too, such as https://app.example; null: sandboxed frames and files; "
        "*: every page. Pages of loopback origins are always served.",
    ),
]
_Hosts = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME", help="A name by which clients reach the server, besides loopback names; such as stillthere."
    ),
]
_AnyModel = Annotated[bool, typer.Option("--any-model", help="Serve every model, and clients that name none.")]
_Dialect = Annotated[
    str,
    typer.Option(
        metavar="sunset|ga",
        help="A client that asks for the beta is refused, as the service does (sunset); or gets GA events all the same "
        "(ga).",
    ),
]
_Play = Annotated[
    bool,
    typer.Option(
        "--play",
        help="Wait for a program, play the scenario's timeline to it in real time, and judge it, as `run -- COMMAND` "
        "does with a program that it starts.",
    ),
]
_Device = Annotated[str, typer.Option(help="With --play: the program's microphone and speaker: tcp, pulse or none.")]
_Speaker = Annotated[
    str,
    typer.Option(
        help="With --play: device: what the program plays is heard; inferred: what arrives at it counts as heard."
    ),
]


def serve(
    host: Annotated[str, typer.Option(help="An address of this machine.")] = "127.0.0.1",
    port: Annotated[str, typer.Option(metavar="PORT", help="0: any free port.")] = "8765",
    scenario: Annotated[
        str | None, typer.Option(help="Take detector, turn detection, policy and replies from this scenario.")
    ] = None,
    detector: Annotated[str | None, typer.Option(help=f"One of: {', '.join(DETECTORS)}.")] = None,
    policy: Annotated[list[str] | None, typer.Option(help="A switch of the server, as NAME=VARIANT.")] = None,
    fault: _Faults = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the journals, one a client, and for ca.pem.")] = None,
    resume: _ResumeWindow = 30.0,
    tls: Annotated[
        bool, typer.Option("--tls", help="Serve wss:// with a certificate authority that is created for this.")
    ] = False,
    key: Annotated[
        list[str] | None, typer.Option(help="A valid API key; without this option every key is valid.")
    ] = None,
    no_auth: Annotated[bool, typer.Option("--no-auth", help="Also serve clients without a key.")] = False,
    any_model: _AnyModel = False,
    dialect: _Dialect = "sunset",
    allow_remote: Annotated[
        bool,
        typer.Option("--allow-remote", help="Allow a --host that other machines can reach; needs --token."),
    ] = False,
    token: Annotated[str | None, typer.Option(help="The only valid key, also for the control API.")] = None,
    allow_origin: _Origins = None,
    allow_host: _Hosts = None,
    play: _Play = False,
    device: _Device = "tcp",
    speaker: _Speaker = "device",
) -> None:
    """Serve the fake Realtime API until interrupted. Point a client at ws://HOST:PORT/v1/realtime?model=gpt-realtime.

    A browser at http://HOST:PORT shows the sessions, and starts faults.
    """
    if play:
        others = {
            "--fault": fault, "--policy": policy, "--key": key, "--no-auth": no_auth, "--any-model": any_model,
            "--allow-remote": allow_remote, "--token": token, "--allow-origin": allow_origin,
            "--allow-host": allow_host, "--dialect": dialect != "sunset",
            "--host": host != "127.0.0.1",
        }  # fmt: skip
        code = serve_and_play(
            scenario, port=port_number(port), detector=detector, out=out, tls=tls, device=device, speaker=speaker,
            others=others,
        )  # fmt: skip
        raise typer.Exit(code)
    setup = _setup(scenario, detector, policy or [])
    admission = _admission(key or [], no_auth, any_model, dialect)
    if token is not None and (key or no_auth):
        raise SettingError("--token is the only valid key and excludes --key and --no-auth; leave those out")
    settings = LiveSettings(
        host=host,
        port=port_number(port),
        allow_remote=allow_remote,
        token=token,
        allow_origins=tuple(allow_origin or ()),
        allow_hosts=tuple(allow_host or ()),
        admission=admission,
        faults=_faults(fault or [], setup),
        journal_dir=out,
        resume_within_s=resume,
    )
    check_folder(out)
    settings.check()
    identity = make_identity(out, host, sorted(settings.access().hosts)) if tls else None
    if identity is not None:
        settings = replace(settings, tls=identity.context)
    run_server(setup, settings, lambda url: _announce(url, scenario, identity))


def _announce(url: str, scenario: str | None, identity: Identity | None) -> None:
    advice = f"\n{identity.advice}" if identity is not None else ""
    note = (
        f"\nof {scenario} the server and its answers are used; its timeline is not played (--play plays it)"
        if scenario
        else ""
    )
    print(f"listening on {url}{advice}{note}", file=sys.stderr, flush=True)


def port_number(text: str) -> int:
    """The value of ``--port``. Raises :exc:`SettingError`."""
    try:
        return int(text)
    except ValueError:
        raise SettingError(f"--port {text!r} is not a number; use 1 to 65535, or 0 for any free port") from None


def _setup(scenario: str | None, detector: str | None, policy: list[str]) -> SessionSetup:
    chosen = load(scenario).settled() if scenario is not None else Scenario("serve", timeline=())
    if detector is not None:
        make_detector(detector)
    switches = chosen.server.policy.changed(**pairs("--policy", "NAME=VARIANT", "clear_during_speech=wedge", policy))
    server = replace(chosen.server, policy=switches)
    return session_setup(replace(chosen, server=server), detector or server.detector)


def _faults(texts: list[str], setup: SessionSetup) -> tuple[FaultSpec, ...]:
    specs = tuple(map(read_fault, texts))
    for text, spec in zip(texts, specs, strict=True):
        if spec.after_s * SECOND >= setup.lasts_us:
            raise SettingError(
                f"--fault {text!r} starts after the end of the session, which lasts {setup.lasts_us / SECOND:g} s; "
                "make 'after' shorter"
            )
    return specs


def _admission(keys: list[str], no_auth: bool, any_model: bool, dialect: str) -> Admission:
    if no_auth and keys:
        raise SettingError("--no-auth and --key contradict each other; leave one out")
    dialects = read_dialects(dialect)
    return Admission(frozenset(keys), key_needed=not no_auth, any_model=any_model, dialects=dialects)

"""``stillthere proxy``: a recorder and fault injector before the real endpoint, or any compatible one."""

import contextlib
import ipaddress
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from .. import journal as journals
from ..causes import CAUSES
from ..errors import SettingError, StillthereError
from ..live.admission import Admission
from ..live.faults import FaultSpec, read_fault
from ..live.proxy.faults import BY_PROXY, scenario_faults
from ..live.proxy.server import ProxyServer, SessionEnded
from ..live.proxy.target import Target, read_target
from ..live.server import run_until_stopped
from ..live.settings import LiveSettings
from ..live.tls import Identity, make_identity
from ..picture.words import plain
from ..scenario import load
from ..server.session import SessionSetup
from ..units import SECOND
from ..vad.detector import DETECTORS, make_detector
from ..verdict.diagnosis import diagnose
from .output import check_folder
from .serve import port_number

_Faults = Annotated[
    list[str] | None,
    typer.Option(
        help="A fault of the network or of the microphone in every session: NAME, or NAME:after=5s,lasts=10s, timed "
        "from the start of the session; parameters follow (delay=2s). sessions=first: only in the first session of "
        "each client."
    ),
]
_KeepAudio = Annotated[
    bool,
    typer.Option(
        "--keep-audio", help="Keep what is said as WAV files beside the journals; only their owner can read them."
    ),
]


def proxy(
    to: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="The endpoint: wss://HOST, or wss://HOST/PATH if its WebSocket is not at /v1/realtime.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the journals, one a client, and for ca.pem.")],
    host: Annotated[str, typer.Option(help="A loopback address of this machine.")] = "127.0.0.1",
    port: Annotated[str, typer.Option(metavar="PORT", help="0: any free port.")] = "8766",
    ca: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The certificate of a private authority, in PEM.")
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(help="Inject the faults of this scenario at their times, in the first session of each client."),
    ] = None,
    fault: _Faults = None,
    keep_audio: _KeepAudio = False,
    detector: Annotated[
        str, typer.Option(help=f"What hears whether there was speech: {', '.join(DETECTORS)}.")
    ] = "silero",
    resume: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            help="A client that connects again within this time, with the same key, continues its journal.",
        ),
    ] = 30.0,
    tls: Annotated[
        bool, typer.Option("--tls", help="Serve wss:// with a certificate authority that is created for this.")
    ] = False,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(metavar="ORIGIN", help="Serve the web pages of this origin too, as `serve` does."),
    ] = None,
) -> None:
    """Pass what clients say to an endpoint and back, record it, and inject faults, until interrupted.

    Point a client at ws://HOST:PORT/v1/realtime?model=… instead of the endpoint, with its usual key. One line tells
    after each session whether what was said last was answered. Keys are never written.
    """
    target = read_target(to, ca)
    _check_host(host)
    make_detector(detector)
    specs, note = _faults(scenario, fault or [])
    settings = LiveSettings(
        host=host,
        port=port_number(port),
        allow_origins=tuple(allow_origin or ()),
        admission=Admission(key_needed=False, any_model=True),
        faults=specs,
        journal_dir=out,
        resume_within_s=resume,
    )
    check_folder(out)
    settings.check()
    identity = make_identity(out, host) if tls else None
    if identity is not None:
        settings = replace(settings, tls=identity.context)
    setup = SessionSetup(detector=detector)
    tellers = _Tellers()
    server = ProxyServer(target, setup, settings, keep_audio=keep_audio, on_end=tellers.ended)
    try:
        run_until_stopped(server, lambda url: _announce(url, target, identity, note, out if keep_audio else None))
    finally:
        tellers.finish()


def _check_host(host: str) -> None:
    """Raise :exc:`SettingError` for an address that other machines may reach; what is no address is refused later."""
    with contextlib.suppress(ValueError):
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise SettingError(f"--host {host}: other machines could reach the proxy, and keys pass it; use 127.0.0.1")


def _faults(scenario: str | None, texts: list[str]) -> tuple[tuple[FaultSpec, ...], str]:
    """The faults of a scenario and those of ``--fault``, and what is left out of the scenario."""
    specs = tuple(read_fault(text, BY_PROXY) for text in texts)
    if scenario is None:
        return specs, ""
    if texts:
        raise SettingError("--scenario and --fault both say which faults there are; leave one out")
    found = scenario_faults(load(scenario).settled())
    names = ", ".join(dict.fromkeys(spec.name for spec in found.specs))
    left = f"; left out: {found.left_out}" if found.left_out else ""
    return found.specs, f"of {scenario} these faults are injected: {names}{left}"


def _announce(url: str, target: Target, identity: Identity | None, note: str, audio: Path | None) -> None:
    lines = [f"listening on {url}, passed on to {target.origin}"]
    if identity is not None:
        lines.append(identity.advice)
    if target.is_open_to_others:
        lines.append(f"{target.origin} is not encrypted: what clients send, their keys too, can be read on the way")
    if note:
        lines.append(note)
    if audio is not None:
        lines.append(f"--keep-audio: what is said is kept in {audio}, for its owner only")
    print("\n".join(lines), file=sys.stderr, flush=True)


class _Tellers:
    """Tells one line of each session that is over, on a thread: a long journal takes its time to read."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)

    def ended(self, ended: SessionEnded) -> None:
        """A session is over."""
        self._thread.submit(_tell, ended)

    def finish(self) -> None:
        """The server has stopped: wait until all is told."""
        self._thread.shutdown()


def _tell(ended: SessionEnded) -> None:
    print(told(ended), flush=True)


def told(ended: SessionEnded) -> str:
    """The line of a session."""
    place = "" if ended.journal is None else f" · {ended.journal}"
    if ended.why is not None:
        return f"session {ended.number} · no connection: {plain(ended.why)}{place}"
    return f"session {ended.number} · {ended.lasted_us / SECOND:.1f} s · {_verdict(ended.journal)}{place}"


def _verdict(path: Path | None) -> str:
    if path is None:
        return "not recorded"
    try:
        found = diagnose(journals.read(path))
    except (StillthereError, OSError, KeyError, TypeError, ValueError) as error:
        return f"its journal cannot be diagnosed ({plain(str(error))})"
    if found.cause is None:
        return found.state
    since = "" if found.since_us is None else f" since {found.since_us / SECOND:.1f} s"
    return f"silent: {found.cause}{since}, {CAUSES[found.cause]}, confidence {found.confidence:.0%}"

"""Plays a scenario against a program, on the wall clock, and returns the journal."""

import asyncio
import contextlib
import os
import shlex
import signal
import ssl
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ...errors import ClientError, InputError, SettingError
from ...journal import Journal
from ...live.tls import make_identity
from ...live.webrtc.extra import NEEDS_AIORTC, lacks_extra
from ...scenario.model import Scenario
from ...world.play import Run, prepared
from ..choices import check_device
from .program import Program, environment_of, name_of
from .stage import RealTimeStage, StageOptions

_T = TypeVar("_T")
STAGE = "real time"
"""In the header of the journal."""


def play_program(
    scenario: Scenario,
    command: Sequence[str],
    *,
    device: str = "tcp",
    speaker: str = "device",
    tls: bool = False,
    port: int = 0,
    seed: int = 0,
    detector: str | None = None,
    dial_within_s: float = 30.0,
    output: Path | None = None,
) -> Run:
    """Play ``scenario`` in real time against a program, which is started for it and ended after it.

    ``command`` is the program and its arguments; no shell reads them. In its environment are ``STILLTHERE_URL``,
    ``OPENAI_BASE_URL``, ``OPENAI_API_KEY`` and ``STILLTHERE_DEVICE``. ``device`` is ``tcp``, ``stdio``, ``pulse`` or
    ``none``; with ``speaker`` ``inferred`` what arrives at the program counts as heard. ``tls``: serve ``wss`` alone,
    with a certificate authority that the program is told to trust. ``output``: a file for what the program writes; else
    it goes to standard error. docs/real-programs.md tells the rest.

    It blocks for as long as the run lasts; inside an event loop, call it by ``asyncio.to_thread``. Raises
    :exc:`ClientError` if the program cannot be started, or ends or waits for ``dial_within_s`` before it dials.
    """
    if isinstance(command, str) or not command:
        raise SettingError(
            f"play_program() got {command!r} as a command; give a list of words, such as ['python', 'app.py']"
        )
    words = tuple(map(os.fspath, command))
    check_device(device, speaker)
    settled, header = prepared(scenario, name_of(words), seed, detector, STAGE)
    needs_no_extra(settled)
    header |= {"device": device, "speaker": "inferred" if device == "none" else speaker, "tls": tls}
    header["command"] = list(words)
    with tempfile.TemporaryDirectory(prefix="stillthere-") as folder:
        context, trust = _identity(Path(folder)) if tls else (None, {})
        options = StageOptions(device, speaker, port, context, dial_within_s, output)
        journal = Journal(header)
        length_us = run_until_over(_play(settled, journal, seed, options, Program(words), trust))
    return Run(settled, header["client"], header["detector"], seed, journal, length_us)


def play_to_dialler(
    scenario: Scenario,
    *,
    on_ready: Callable[[str, Mapping[str, str]], None],
    options: StageOptions,
    seed: int = 0,
    detector: str | None = None,
) -> Run:
    """As :func:`play_program`, with a program that somebody has started: wait until one dials.

    ``on_ready`` gets the URL of the server, and the variables that such a program needs in its environment.
    """
    check_device(options.device, options.speaker)
    if options.device == "stdio":
        raise SettingError("--device stdio needs a program that stillthere starts; use --device tcp")
    settled, header = prepared(scenario, "a program", seed, detector, STAGE)
    needs_no_extra(settled)
    header |= {"device": options.device, "speaker": options.speaker}
    journal = Journal(header)
    length_us = run_until_over(_play_to_dialler(settled, journal, seed, options, on_ready))
    return Run(settled, header["client"], header["detector"], seed, journal, length_us)


def needs_no_extra(scenario: Scenario) -> None:
    """Raise :exc:`InputError` if a scenario plays over WebRTC and aiortc is missing: then no call is answered."""
    if scenario.transport == "webrtc" and lacks_extra():
        raise InputError(NEEDS_AIORTC)


async def _play(
    scenario: Scenario, journal: Journal, seed: int, options: StageOptions, program: Program, trust: dict[str, str]
) -> int:
    stage = RealTimeStage(scenario, journal, seed, options, program)
    with contextlib.ExitStack() as stack:
        log = None if options.output is None else stack.enter_context(open(options.output, "wb", opener=private_file))
        try:
            await stage.open()
            environment = environment_of(stage.variables(trust))
            await program.start(environment, log, pipes=stage.device.needs_pipes)
            stage.device.started(program)
            ended = asyncio.create_task(program.wait())
            try:
                await _until_it_dials(stage, program, ended)
                ended.add_done_callback(stage.program_ended)
                await stage.play()
            finally:
                await program.end()
                ended.cancel()
        finally:
            await stage.close()
    return stage.clock.now


async def _until_it_dials(stage: RealTimeStage, program: Program, ended: asyncio.Task[str | None]) -> None:
    """Raises :exc:`ClientError` if it never does."""
    dialled = asyncio.create_task(stage.dialled.wait())
    within_s = stage.options.dial_within_s
    await asyncio.wait((dialled, ended), timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    dialled.cancel()
    if stage.dialled.is_set():
        return
    shown = shlex.join(program.command)
    written = f"in {stage.options.output}" if stage.options.output is not None else "above"
    if ended.done():
        how = ended.result() or "exit code 0"
        raise ClientError(
            f"the program `{shown}` ended ({how}) before it dialled; what it wrote is {written}; start it alone to see "
            "what it lacks"
        )
    raise ClientError(
        f"the program `{shown}` did not dial within {within_s:g} s; let it connect to STILLTHERE_URL or "
        f"OPENAI_BASE_URL from its environment, here {stage.url}, or allow more time with --dial-within"
    )


async def _play_to_dialler(
    scenario: Scenario,
    journal: Journal,
    seed: int,
    options: StageOptions,
    on_ready: Callable[[str, Mapping[str, str]], None],
) -> int:
    stage = RealTimeStage(scenario, journal, seed, options, None)
    try:
        await stage.open()
        on_ready(stage.url, stage.variables({}))
        await stage.dialled.wait()
        await stage.play()
    finally:
        await stage.close()
    return stage.clock.now


def private_file(path: str, flags: int) -> int:
    """Open a file that only its owner can read."""
    return os.open(path, flags, 0o600)


def _identity(folder: Path) -> tuple[ssl.SSLContext, dict[str, str]]:
    """A certificate authority for one run, and the variables by which Python, Node and OpenSSL trust it.

    ``NODE_EXTRA_CA_CERTS`` adds to what Node trusts. ``SSL_CERT_FILE`` replaces it, so it names a file with both.
    """
    identity = make_identity(folder)
    known = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    bundle = folder / "all.pem"
    before = Path(known).read_bytes() if known and Path(known).is_file() else b""
    bundle.write_bytes(before + b"\n" + identity.ca_file.read_bytes())
    return identity.context, {
        "STILLTHERE_CA": str(identity.ca_file),
        "NODE_EXTRA_CA_CERTS": str(identity.ca_file),
        "SSL_CERT_FILE": str(bundle),
    }


def run_until_over(playing: Coroutine[Any, Any, _T], called: str = "play_program(…)") -> _T:
    """Run until it is over; a signal that ends us ends the program first. ``called``: what blocks meanwhile."""
    caught: list[int] = []
    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop()
        playing.close()
        raise SettingError(
            f"{called} blocks, and an event loop runs here; call it in a thread, by "
            f"await asyncio.to_thread({called.partition('(')[0]}, …)"
        )

    async def watched() -> _T:
        task = asyncio.ensure_future(playing)

        def ended(number: int) -> None:
            caught.append(number)
            task.cancel()

        with _signals(ended):
            return await task

    try:
        return asyncio.run(watched())
    except asyncio.CancelledError:
        if not caught:
            raise
        raise SystemExit(128 + caught[0]) from None


@contextlib.contextmanager
def _signals(ended: Callable[[int], object]) -> Iterator[None]:
    """SIGTERM and SIGHUP call ``ended``, where a loop can catch them; asyncio sees to SIGINT."""
    loop = asyncio.get_running_loop()
    caught = []
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, ended, number)
                caught.append(number)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)

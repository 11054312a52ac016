"""Plays a scenario against a page in a real Chromium, on the wall clock, and returns the journal."""

import asyncio
import contextlib
import os
import tempfile
from pathlib import Path

from ...errors import ClientError, InputError, SettingError
from ...journal import Journal
from ...live.tls import make_identity
from ...scenario.model import Scenario
from ...world.play import Run, prepared
from ..choices import HOSTS, PAGE_DEVICES, SPEAKERS, check_choice
from ..real_time.play import STAGE, needs_no_extra, private_file, run_until_over
from ..real_time.pulse_device import missing_programs
from ..real_time.stage import StageOptions
from .chromium import needed_chromium
from .location import PageLocation, find_page
from .stage import PageStage, check_acts, read_setup


def play_page(
    scenario: Scenario,
    page: str | os.PathLike[str],
    *,
    setup: str | os.PathLike[str] | None = None,
    device: str | None = None,
    speaker: str = "device",
    port: int = 0,
    seed: int = 0,
    detector: str | None = None,
    dial_within_s: float = 30.0,
    output: Path | None = None,
) -> Run:
    """Play ``scenario`` in real time against a web page, unmodified, in a Chromium that is started for it.

    ``page`` is a URL, or the path of an HTML file, which is then served on this machine. Its WebSockets and requests to
    ``api.openai.com`` reach the fake server. ``setup`` is a file of JavaScript that runs in the page once it is loaded.
    ``device`` is ``pulse``, the default, or ``none``: then nobody speaks, and what arrives counts as heard.
    ``output``: a file for what the browser writes. docs/browser.md tells the rest.

    It blocks for as long as the run lasts; inside an event loop, call it by ``asyncio.to_thread``. Raises
    :exc:`InputError` if there is no Chromium or no such page, and :exc:`ClientError` if the page cannot be opened or
    does not dial within ``dial_within_s``.
    """
    location = find_page(os.fspath(page))
    chosen = device or "pulse"
    check_choice("--device", chosen, tuple(PAGE_DEVICES))
    check_choice("--speaker", speaker, SPEAKERS)
    if dial_within_s < 0:
        raise SettingError(f"a page cannot dial within {dial_within_s:g} s; give a time from 0 s")
    needed_chromium()
    check_device_of_page(chosen)
    settled, header = prepared(scenario, location.name, seed, detector, STAGE)
    needs_no_extra(settled)
    check_acts(settled, chosen)
    header |= {"device": chosen, "speaker": "inferred" if chosen == "none" else speaker, "tls": True}
    header["page"] = os.fspath(page)
    script = None
    if setup is not None:
        script, header["setup"] = read_setup(Path(setup)), os.fspath(setup)
    with tempfile.TemporaryDirectory(prefix="stillthere-") as folder:
        identity = make_identity(Path(folder), further=HOSTS)
        options = StageOptions(chosen, speaker, port, identity.context, dial_within_s, output, access=location.access())
        journal = Journal(header)
        playing = _play(settled, journal, seed, options, location, identity.spki_sha256, script)
        length_us = run_until_over(playing, "play_page(…)")
    return Run(settled, header["client"], header["detector"], seed, journal, length_us)


def check_device_of_page(device: str) -> None:
    """Raise :exc:`InputError` if this machine does not have it."""
    if device == "pulse" and (missing := missing_programs()):
        raise InputError(
            f"a page needs a microphone that somebody speaks into, which PulseAudio gives, and {', '.join(missing)} is "
            "not installed; install it (Debian, Ubuntu: apt-get install pulseaudio pulseaudio-utils), or give --device "
            "none to a page that is only spoken to; the microphone that Chromium imitates plays a file and cannot react"
        )


async def _play(
    scenario: Scenario,
    journal: Journal,
    seed: int,
    options: StageOptions,
    location: PageLocation,
    spki: str,
    setup: str | None,
) -> int:
    with contextlib.ExitStack() as stack:
        log = None if options.output is None else stack.enter_context(open(options.output, "wb", opener=private_file))
        stage = PageStage(scenario, journal, seed, options, location, spki)
        try:
            await stage.open()
            await stage.show(setup, log)
            await until_it_dials(stage, location)
            await stage.play()
        finally:
            await stage.close()
    return stage.clock.now


async def until_it_dials(stage: PageStage, location: PageLocation) -> None:
    """Raises :exc:`ClientError` if it never does."""
    within_s = stage.options.dial_within_s
    gone = stage.browser.devtools.gone
    waits = [asyncio.ensure_future(each.wait()) for each in (stage.dialled, gone)]
    try:
        await asyncio.wait(waits, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()
    if not stage.dialled.is_set() and gone.is_set():
        raise ClientError(f"the browser ended before the page {location.name} dialled; --out keeps what it wrote")
    if not stage.dialled.is_set():
        said = f"its console says: {stage.view.errors[-1]}" if stage.view.errors else "its console has no error"
        raise ClientError(
            f"the page {location.name} did not dial wss://api.openai.com/v1/realtime within {within_s:g} s; {said}; "
            'if it waits for a click, give --setup or a step `page: click "Start"`, or allow more time with '
            "--dial-within"
        )

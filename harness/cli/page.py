"""``stillthere run SCENARIO… --page URL``: a page in a real Chromium in the place of a client in virtual time."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..apps.choices import PAGE_DEVICES, SPEAKERS, check_choice
from ..errors import SettingError
from ..scenario.model import Scenario
from ..world.play import Run
from .program import log_file


@dataclass(frozen=True, slots=True)
class PageUnderTest:
    """What takes the place of a client; ``out``: the folder for what the browser writes."""

    page: str
    setup: Path | None
    device: str | None
    speaker: str
    port: int
    dial_within_s: float
    out: Path | None

    @property
    def name(self) -> str:
        """Its name in pictures and documents."""
        from ..apps.browser.location import find_page

        return find_page(self.page).name

    def play(self, name: str, scenario: Scenario, seed: int, detector: str | None) -> Run:
        """Play a scenario against it; ``name`` is the scenario's on the command line."""
        from ..apps.browser.play import play_page

        output = log_file(self.out, name, self.name, seed)
        print(f"{name}: {self.page} in Chromium, in real time …", file=sys.stderr, flush=True)
        return play_page(
            scenario,
            self.page,
            setup=self.setup,
            device=self.device,
            speaker=self.speaker,
            port=self.port,
            seed=seed,
            detector=detector,
            dial_within_s=self.dial_within_s,
            output=output,
        )


def page_under_test(
    page: str | None,
    setup: Path | None,
    clients: Sequence[str] | None,
    device: str | None,
    speaker: str | None,
    tls: bool,
    port: int | None,
    dial_within_s: float | None,
    out: Path | None,
) -> PageUnderTest | None:
    """The page of ``--page``; None if there is none. Raises :exc:`SettingError` if options do not fit."""
    if page is None:
        if setup is not None:
            raise SettingError("--setup runs in a page; give it with --page URL")
        return None
    if clients:
        raise SettingError("--client and --page contradict each other; leave one out")
    if tls:
        raise SettingError(
            "--tls is for a program; a page reaches api.openai.com by https and wss anyway: leave it out"
        )
    if device is not None:
        check_choice("--device", device, tuple(PAGE_DEVICES))
    check_choice("--speaker", speaker or "device", SPEAKERS)
    found = PageUnderTest(
        page, setup, device, speaker or "device", port or 0, 30.0 if dial_within_s is None else dial_within_s, out
    )
    _ = found.name  # a page that is neither a URL nor a file is said before a browser is started
    return found

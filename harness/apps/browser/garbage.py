"""Whether a page goes deaf for ever when its ``AudioContext`` is suspended for long, without waiting for it.

Chromium collects a ``MediaStreamAudioSourceNode`` that no variable holds while its context is suspended or interrupted,
after about 28 s. Then the context runs again, the track is live, and no chunk ever comes. Here the collection is
forced, so it takes a second.
"""

import asyncio
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ...audio.formats import SAMPLE_RATE_HZ
from ...journal import AudioNodeCollected, Journal, UplinkAudio
from ...live.tls import make_identity
from ...scenario.model import At, Say, Scenario, Step
from ...units import SECOND
from ...world import sounds
from ...world.play import prepared
from ..choices import HOSTS
from ..real_time.play import STAGE, run_until_over
from ..real_time.stage import StageOptions
from .acts import OF_A_CALL
from .chromium import needed_chromium
from .location import PageLocation, find_page
from .play import check_device_of_page, until_it_dials
from .stage import PageStage, read_setup

_MEASURED_S = 3.0
_FEWEST = 3
"""Entries of half a second that tell a rate."""
_SETTLES_S = 0.7
_ALIVE_SHARE = 0.3
"""So much of the time a page that captures sends sound: a gate of its own may take out the pauses of the voice."""
_VOICE = Say("speech_en_m_arctic_a0007", level_dbfs=-12.0)
_QUIET = Scenario("A check of the capture", (Step(At(3600 * SECOND), _VOICE),), lasts_us=3600 * SECOND)
"""Nothing happens by itself."""
_NEW_SOURCE = f"""
function(streams) {{
  const captured = (track) => track.readyState === 'live' && track.label !== '{OF_A_CALL}';
  const stream = streams.find((each) => each.getAudioTracks().some(captured));
  if (!stream) return 0;
  globalThis.stillthereSources = this.map((node) => {{
    const source = new MediaStreamAudioSourceNode(node.context, {{mediaStream: stream}});
    source.connect(node);
    return source;
  }});
  return this.length;
}}"""
"""A new source of the same stream for each worklet."""


@dataclass(frozen=True, slots=True)
class CaptureCheck:
    """What a check of the capture found; a rate is the audio that arrives in a second of time, in seconds."""

    before: float
    after: float
    collected: int
    """So many sources were collected."""
    cured: float | None = None
    """The rate with a new source of the same stream; None: that was not tried, or there is nothing to connect it to."""
    was_suspended: bool = True
    """Whether the context that captures could be suspended."""

    @property
    def is_void(self) -> bool:
        """Whether nothing was captured in the first place."""
        return self.before < _ALIVE_SHARE or not self.was_suspended

    @property
    def goes_on(self) -> bool:
        """Whether the page captures after the collection."""
        return self.after >= _ALIVE_SHARE

    def __str__(self) -> str:
        if not self.was_suspended:
            return (
                "nothing follows: no variable of the page holds the AudioContext that captures, so neither it nor "
                "this check can suspend it; keep it in a variable"
            )
        if self.is_void:
            return (
                f"nothing follows: the page sent {self.before:.2f} s of sound a second before the check; let it "
                "capture as soon as it is open, with --setup if it waits for a click"
            )
        if self.goes_on:
            return f"the page captures on: {self.after:.2f} s of sound a second after the context was suspended"
        lost = (
            f"{self.collected} MediaStreamAudioSourceNode was collected"
            if self.collected
            else "no source was collected"
        )
        cure = ", and the worklet behind it too: it was collected as well"
        if self.cured is not None:
            works = "cures" if self.cured >= _ALIVE_SHARE else "does not cure"
            cure = f"; a new source of the same stream {works} it ({self.cured:.2f} s a second)"
        return (
            f"the page is deaf for ever: {self.after:.2f} s of sound a second after its AudioContext was suspended, as "
            f"in the background, and garbage was collected; {lost}; keep the source in a variable that lives{cure}"
        )


def check_capture(
    page: str | os.PathLike[str],
    *,
    setup: str | os.PathLike[str] | None = None,
    dial_within_s: float = 30.0,
) -> CaptureCheck:
    """Open a page, suspend its contexts, collect garbage, resume them, and see whether its audio comes back.

    The parameters are those of :func:`harness.apps.browser.play.play_page`, which raises the same. It takes about 15 s.
    """
    location = find_page(os.fspath(page))
    needed_chromium()
    check_device_of_page("pulse")
    settled, header = prepared(_QUIET, location.name, 0, "energy", STAGE)
    script = None if setup is None else read_setup(Path(setup))
    with tempfile.TemporaryDirectory(prefix="stillthere-") as folder:
        identity = make_identity(Path(folder), further=HOSTS)
        options = StageOptions("pulse", "device", 0, identity.context, dial_within_s, access=location.access())
        checking = _check(settled, Journal(header), options, location, identity.spki_sha256, script)
        return run_until_over(checking, "check_capture(…)")


class _CheckStage(PageStage):
    """Plays no steps: somebody speaks all the time."""

    def steps_begin(self, *, steady: bool) -> None:
        """The page is steady, or never will be."""
        self.flows.set()

    def rate(self, since_us: int) -> float:
        """How much sound has arrived since then, in seconds for each second; digital silence is none."""
        found = [entry for entry in self.journal.select(UplinkAudio) if entry.t >= since_us]
        if len(found) < _FEWEST:
            return 0.0
        heard_us = sum(entry.samples for entry in found[:-1] if entry.peak) * SECOND // SAMPLE_RATE_HZ
        return heard_us / (found[-1].t - found[0].t)

    async def measure(self) -> float:
        """The rate from now on."""
        await asyncio.sleep(_SETTLES_S)
        self.clock.enter()
        since = self.clock.now
        self.world.microphone.sound(since, sounds.speech(_VOICE, None, 0), 10 * SECOND)
        await asyncio.sleep(_MEASURED_S)
        return self.rate(since)

    async def collect(self) -> bool:
        """Suspend every context, collect garbage, and resume them; whether what captures was suspended."""
        assert self.acts is not None
        await self.acts.do("suspend")
        await asyncio.sleep(_SETTLES_S)
        suspended = not self.view.captures_running
        for _ in range(2):
            await self.acts.do("collect-garbage")
            await asyncio.sleep(_SETTLES_S)
        await self.acts.undo("suspend")
        return suspended

    async def renew(self) -> bool:
        """Make a new source of the stream for each worklet; whether there is one."""
        assert self.acts is not None
        return bool(await self.acts.with_objects(_NEW_SOURCE, "AudioWorkletNode", "MediaStream"))


async def _check(
    scenario: Scenario,
    journal: Journal,
    options: StageOptions,
    location: PageLocation,
    spki: str,
    setup: str | None,
) -> CaptureCheck:
    stage = _CheckStage(scenario, journal, 0, options, location, spki)
    try:
        await stage.open()
        await stage.show(setup, None)
        await until_it_dials(stage, location)
        await stage.flows.wait()
        before = await stage.measure()
        was_suspended = await stage.collect()
        after = await stage.measure()
        collected = sum(1 for _ in journal.select(AudioNodeCollected))
        found = CaptureCheck(before, after, collected, was_suspended=was_suspended)
        if found.is_void or found.goes_on or not await stage.renew():
            return found
        return CaptureCheck(before, after, collected, await stage.measure())
    finally:
        await stage.close()

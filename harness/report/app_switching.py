"""The page on app switching as Markdown: the profiles, how each figure is known, and what was suspected and found.

``python -m harness.report.app_switching > docs/app-switching.md`` makes it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ..faults.parameters import given
from ..scenario.profiles import PROFILES, CaptureChange, Figure, Profile, Timers
from ..units import format_duration
from .tables import table

_PREFACE = """\
# App switching

What happens to a voice client when its user switches to another app depends on what it runs in. A step names that with
`as`:

```yaml
- at: 12s
  app: background
  as: safari-ios
  lasts: 20s
```

The step compiles to faults with the figures below. **measured**: seen in a real Chromium 156 on Linux with a scripted
microphone; the phones themselves were not measured. **reported**: by others, in the issue that is named. What is not
in the table is not known, and works as in the foreground. `capture` and `playback` of a step override its profile.
What starts on the return is cured like any fault of its kind: a dead capture by reopening it, a suspended playback by
resuming it, a lost connection by a new one.

A throttled timer makes a watchdog late. A page that holds a microphone keeps one tick a second however long it is
hidden. Chromium's intensive throttling, one tick a minute, was seen only in pages with nothing but a WebSocket, so no
profile has it. A watchdog of 30 s is therefore at most a second late in a hidden page; in a stopped page it fires on
the return."""


class Hypothesis(NamedTuple):
    """A suspected way in which an app switch silences a client."""

    number: str
    claim: str
    found: str
    step: str
    """The step that reproduces it, as YAML without its time."""
    shows: str


HYPOTHESES = (
    Hypothesis(
        "H1",
        "Playback is suspended in the middle of an answer, so the client never learns of its end. It believes for "
        "ever that the assistant speaks, and keeps the high threshold of its gate.",
        "yes: in a browser, 81 to 100 % of the later chunks were zeroed, and resuming the output cured it",
        "{app: background, playback: suspended, lasts: 4s}",
        "chunks still arrive and are loud before the gate; no further `speech_started`; no `PlaybackEnded`",
    ),
    Hypothesis(
        "H2",
        "The automatic gain is lost with the switch, and a voice that was loud enough is now below the gate.",
        "the effect: 98 % of a voice with its peak at a tenth of full scale was zeroed. What causes it on a phone is "
        "not known",
        "{microphone: muted-softly, with: {gain: -20 dB}, until: reopened}",
        "peaks of some thousands fall to a tenth, and still follow the voice",
    ),
    Hypothesis(
        "H3",
        "The input is silently another microphone, far away or covered.",
        "yes: the track stays live under its old name and there is no event; peaks of 40 to 50",
        "{app: background, as: bluetooth-headset, lasts: 4s}",
        "peaks of 41 to 96 that never follow the voice",
    ),
    Hypothesis(
        "H4",
        "The capture is dead while its track is live and not muted; only a new capture helps.",
        "yes, by a crash of the audio service; of iPhones it is reported",
        "{app: background, as: safari-ios, lasts: 4s}",
        "chunks arrive on time and are exactly zero",
    ),
    Hypothesis(
        "H5",
        "The audio context is interrupted, and the app suspends or resumes it at the wrong moment.",
        "yes: it stays suspended",
        "{microphone: suspended, until: reopened}",
        "no chunk at all, so the server's audio clock stands still",
    ),
    Hypothesis(
        "H6",
        "The page is frozen, and its WebSocket does not survive it.",
        "yes: 1006 in the page; later chunks are lost unless the app opens a new connection",
        "{app: background, as: electron, lasts: 4s}",
        "no chunk in the background, then a close with 1006",
    ),
    Hypothesis(
        "H7",
        "The system stops the page's process, and old zeros arrive on the return.",
        "yes, but it does not last: 2.6 s of zeros within milliseconds, then the voice is back",
        "{app: background, as: chrome-android, lasts: 4s}",
        "130 chunks of zeros and the last 0.3 s at once",
    ),
    Hypothesis(
        "H8",
        "Echo canceller, noise suppressor and gain have a wrong state after the return.",
        "no: the level is back within a second. After 8 s of loud noise they attenuate a voice for 2 to 4 s",
        "{microphone: muted-softly, with: {gain: -10 dB}, lasts: 3s}",
        "one short dip",
    ),
    Hypothesis(
        "H9",
        "The client's gate uses a level that an animation frame or a timer computes, and those stop or slow down in a "
        "hidden page.",
        "by reasoning: frames stop and timers tick once a second (measured). It is a bug of the client, so only a "
        "client that has it shows it",
        "{app: background, as: chrome-desktop, lasts: 20s}",
        "the audio is fine and timers tick once a second; such a client logs the same level again and again",
    ),
    Hypothesis(
        "H10",
        "The log line that the first chunk is near-silent means nothing.",
        "yes: each start of a capture begins with 10 to 42 ms of zeros, so with 20 ms chunks it is nearly always true",
        "{microphone: zeroed, lasts: 30ms}",
        "one or two chunks of zeros, and no effect",
    ),
)
"""In the order in which they were suspected."""


def render() -> str:
    """The page, with a newline at its end."""
    profiles = (f"## {name}\n\n{profile.device}.\n\n{_figures(profile)}" for name, profile in PROFILES.items())
    return "\n\n".join([_PREFACE, *profiles, _hypotheses()]) + "\n"


def _figures(profile: Profile) -> str:
    return table(("what", "figure", "known", "where"), _rows(profile))


def _rows(profile: Profile) -> Iterator[tuple[str, str, str, str]]:
    for delivered in profile.capture:
        yield _row("capture", _capture(delivered.value), delivered)
    if profile.playback is not None:
        stops = profile.playback.value == "suspended"
        yield _row("playback", "stops until it is resumed" if stops else "continues", profile.playback)
    if profile.timers is not None:
        yield _row("timers", _timers(profile.timers.value), profile.timers)
    if profile.socket_dies is not None:
        dies = profile.socket_dies.value
        yield _row("connection", "closed on the return, with 1006" if dies else "stays open", profile.socket_dies)


def _row(what: str, value: str, figure: Figure[object]) -> tuple[str, str, str, str]:
    return what, value, f"**{figure.known}**", figure.where


def _capture(change: CaptureChange | None) -> str:
    if change is None:
        return "continues"
    parameters = ", ".join(f"{name}: {value}" for name, value in given(change.fault).items())
    fault = f"`{change.fault.name}`" + (f" ({parameters})" if parameters else "")
    begins = "from the switch" if change.begins == "switch" else "from the return"
    return f"{fault} {begins} until {'the return' if change.ends == 'return' else 'it is reopened'}"


def _timers(timers: Timers) -> str:
    if timers.granule_us is None:
        return "stand still until the return; messages that arrive wait"
    text = f"fire at multiples of {format_duration(timers.granule_us)}"
    return f"{text}, but on time while sound is played" if timers.unless_audible else text


def _hypotheses() -> str:
    rows = [(each.number, each.claim, each.found, f"`{each.step}`", each.shows) for each in HYPOTHESES]
    head = ("", "suspected", "found", "step that reproduces it", "what the journal shows")
    return (
        "## From an app switch to silence\n\n"
        "A report described a client for which everything was near-silent after an app switch. These causes\n"
        "were suspected and tried in a browser; each has a step that reproduces it here, and\n"
        "[hypotheses.md](hypotheses.md) has a scenario for each.\n\n" + table(head, rows)
    )


if __name__ == "__main__":
    print(render(), end="")

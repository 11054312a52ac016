"""docs/sounds.md: the sounds that come with stillthere: recordings, and what is synthesised."""

from ..audio import NOISES
from ..audio.clips import clip_names, load_clip
from ..units import SECOND
from .tables import table

_INTRODUCTION = """\
# Sounds

What `say:`, `noise:` and `clip:` take by name in a scenario; a path takes a file of yours
([scenarios.md](scenarios.md#recordings-of-your-own)). `stillthere sweep --over speaker=all` plays every voice.

This page is the output of `python -m harness.report.sounds`.

## Recordings

Where somebody speaks was labelled by level, not by a voice detector. Whose they are, and their licences:
[fixtures/audio](../fixtures/audio/README.md).
"""
_SYNTHESISED = """\
## Synthesised

By seed, as long as the step says; `level:` or `peak:` sets how loud.
"""
SOUND_WORDS = {
    "keyboard": "a mechanical keyboard, some 6 keys a second; the default detector does not take it for speech",
    "thocks": "key presses that make a desk resonate; the default detector takes them for speech",
    "hum": "a fan: harmonics that waver a little, over the noise of air",
    "breathing": "somebody breathes near the microphone",
    "door": "a door falls shut, once",
    "babble": "a voice that babbles without a break; also for `say:` and `clip:`",
    "white": "white noise",
}
"""Of each kind of noise."""


def page() -> str:
    """The page, with a newline at its end."""
    rows = []
    for name in clip_names():
        clip = load_clip(name)
        speech = f"{sum(end - start for start, end in clip.speech_us) / SECOND:.1f} s" if clip.speech_us else ""
        length = f"{clip.duration_us / SECOND:.1f} s"
        rows.append((f"`{name}`", length, speech, f"{clip.speech_level_dbfs:.0f} dBFS", clip.transcript or ""))
    recordings = table(("name", "length", "of it speech", "level", "words"), rows)
    kinds = table(("name", "what it is"), [(f"`{name}`", SOUND_WORDS[name]) for name in NOISES])
    return f"{_INTRODUCTION}\n{recordings}\n\n{_SYNTHESISED}\n{kinds}\n"


if __name__ == "__main__":
    print(page(), end="")

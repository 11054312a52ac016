"""Audio that a logger cut, of which each event has a fragment only, such as the first hundred characters.

Decoded, such fragments are audio: a dead microphone, a clock that stands still, an answer without sound. So they are
told by their length, which is the same in all of them and far too short, and the log counts as one without that audio.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ..audio.formats import AudioFormat
from ..units import MS
from .logged import LoggedEvent
from .session_settings import settings_of

_FEWEST = 5
_SHARE_OF_GAP = 1 / 8
"""A wrong format makes appends six times too short, at most."""
_SHORTEST_APPEND_US = 3 * MS
"""An AudioWorklet's quantum is longer."""
_SHORTEST_DELTA_US = 10 * MS
_APPEND = "input_audio_buffer.append"
_DELTAS = ("response.output_audio.delta", "response.audio.delta")


def without_fragments(events: Sequence[LoggedEvent]) -> tuple[tuple[LoggedEvent, ...], bool]:
    """The events of a session, fragments of audio left out; and whether there were any."""
    settings = settings_of(events)
    appends = [each for each in events if each.type == _APPEND and each.by_client]
    deltas = [each for each in events if each.type in _DELTAS and not each.by_client]
    cut: set[str] = set()
    if _are_fragments(appends, settings.input, _longest_append_us(appends)):
        cut.add(_APPEND)
    if _are_fragments(deltas, settings.output, _SHORTEST_DELTA_US):
        cut.update(_DELTAS)
    if not cut:
        return tuple(events), False
    bare = (replace(each, audio=None, audio_bytes=None) if each.type in cut else each for each in events)
    return tuple(bare), True


def _longest_append_us(appends: Sequence[LoggedEvent]) -> float:
    """How long a fragment is at most: by the usual time between two appends."""
    times = [each.t for each in appends if each.t is not None]
    gaps = sorted(b - a for a, b in pairwise(times))
    usual = gaps[len(gaps) // 2] if gaps else 0
    return usual * _SHARE_OF_GAP if usual else _SHORTEST_APPEND_US


def _are_fragments(events: Sequence[LoggedEvent], kind: AudioFormat, shorter_than_us: float) -> bool:
    sizes = {len(each.audio) for each in events if each.audio is not None}
    if len(sizes) != 1 or any(each.audio is None for each in events):
        return False
    size = sizes.pop()
    return len(events) >= _FEWEST and (size == 0 or kind.duration_us(size) < shorter_than_us)

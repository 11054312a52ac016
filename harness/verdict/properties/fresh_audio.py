"""What is sent is fresh: old audio is not sent as if it were captured now.

A client that queued audio while it could not send, and then sends the queue at the pace at which it is captured, stays
late for ever: each answer comes so much later. Sending the queue faster than that, as a resend does, catches up.
"""

from collections.abc import Iterator

from ...audio.formats import SAMPLE_RATE_HZ
from ...journal import UplinkAudio
from ...units import SECOND
from ..findings import Finding
from ..record import RunRecord
from . import Property

_OLD_MS = 3_000
"""Older audio is stale. A pause of a conversation is half a second; a reconnect takes one or two."""
_LASTS_US = 3 * SECOND
"""Stale audio at the pace of the capture for so long does not catch up."""
_CATCHES_UP = 1.25
"""From this pace on, in seconds of audio a second, the client catches up."""


def _find(record: RunRecord) -> Iterator[Finding]:
    sessions: dict[int, list[UplinkAudio]] = {}
    for entry in record.journal.select(UplinkAudio):
        sessions.setdefault(entry.connection, []).append(entry)
    for connection, entries in sessions.items():
        for stale in _stale(entries):
            at_us = _certain_us(stale)
            if at_us is not None:
                oldest_ms = max(entry.age_ms for entry in stale if isinstance(entry.age_ms, int))
                yield Finding(
                    PROPERTY.name,
                    at_us,
                    f"from {stale[0].t / SECOND:.3f} s to {stale[-1].t / SECOND:.3f} s the client sent audio on "
                    f"connection {connection} at the pace of the capture that was up to {oldest_ms / 1_000:.1f} s old",
                )
                break


def _stale(entries: list[UplinkAudio]) -> Iterator[list[UplinkAudio]]:
    """The stretches of stale audio. Digital silence has no age: it neither begins nor ends one."""
    stretch: list[UplinkAudio] = []
    for entry in entries:
        if isinstance(entry.age_ms, int) and entry.age_ms > _OLD_MS:
            stretch.append(entry)
        elif stretch and (isinstance(entry.age_ms, int) or not entry.zeros):
            yield stretch
            stretch = []
        elif stretch:
            stretch.append(entry)
    while stretch and not isinstance(stretch[-1].age_ms, int):
        stretch.pop()
    yield stretch


def _certain_us(stretch: list[UplinkAudio]) -> int | None:
    """When stale audio had been sent for long enough without catching up; None: never."""
    for first, entry in enumerate(stretch):
        if not isinstance(entry.age_ms, int):
            continue
        samples = 0
        for later in stretch[first + 1 :]:
            samples += later.samples
            passed_us = later.t - entry.t
            if passed_us >= _LASTS_US:
                if samples * SECOND < _CATCHES_UP * SAMPLE_RATE_HZ * passed_us:
                    return later.t
                break
    return None


PROPERTY = Property(
    name="fresh_audio",
    broken_when="audio older than 3 s is sent as if it were now: at the pace of the capture, for 3 s or longer",
    default="warn",
    because="each answer comes late by the age of the audio, and the user talks over it; but the words do arrive",
    find=_find,
)

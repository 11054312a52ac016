"""The ladder: for each symptom the remedies in the order of their price, each given its time before the next.

| ladder     | symptoms                                | rungs                                              |
|------------|-----------------------------------------|----------------------------------------------------|
| capture    | capture_stopped                         | reopen capture, again, tell the user               |
| silence    | capture_silent                          | reopen capture, ever more rarely: it may be quiet  |
| playback   | playback_stuck                          | resume playback, again, tell the user              |
| hearing    | speech_stuck, voice_gated, voice_unheard| open the gate, end the speech, reconnect           |
| response   | response_stuck                          | cancel the response, reconnect                     |
| answer     | turn_unanswered                         | ask for a response, reconnect                      |
| connection | peer_lost                               | reconnect                                          |

The last rung repeats, each time after twice the wait. A ladder is climbed from the bottom again once what it is for
has worked.
"""

from dataclasses import dataclass
from typing import Literal

from harness.clients.health import Symptom
from harness.clients.settings import ClientSettings
from harness.units import MS, SECOND

Remedy = Literal[
    "reopen_capture",
    "resume_playback",
    "open_gate",
    "end_speech",
    "cancel_response",
    "ask_for_response",
    "reconnect",
    "tell_user",
]
Ladder = Literal["capture", "silence", "playback", "hearing", "response", "answer", "connection"]

LADDERS: dict[Ladder, tuple[Remedy, ...]] = {
    "capture": ("reopen_capture", "reopen_capture", "tell_user", "reopen_capture"),
    "silence": ("reopen_capture",),
    "playback": ("resume_playback", "resume_playback", "tell_user", "resume_playback"),
    "hearing": ("open_gate", "end_speech", "reconnect"),
    "response": ("cancel_response", "reconnect"),
    "answer": ("ask_for_response", "reconnect"),
    "connection": ("reconnect",),
}

LADDER_OF: dict[Symptom | Literal["peer_lost"], Ladder] = {
    "capture_stopped": "capture",
    "capture_silent": "silence",
    "playback_stuck": "playback",
    "speech_stuck": "hearing",
    "voice_gated": "hearing",
    "voice_unheard": "hearing",
    "response_stuck": "response",
    "turn_unanswered": "answer",
    "peer_lost": "connection",
}

LONGEST_WAIT_US = 60 * SECOND


@dataclass(slots=True)
class _Climb:
    rung: int = 0
    not_before: int = 0
    wait_us: int = 0


class Recovery:
    """Chooses the next remedy."""

    def __init__(self, settings: ClientSettings) -> None:
        self._wait_us = settings.rung_wait_ms * MS
        self._climbs: dict[Ladder, _Climb] = {}

    def remedy(self, symptom: Symptom | Literal["peer_lost"], now: int) -> Remedy | None:
        """What to do about a symptom now; None while the last remedy has its time."""
        ladder = LADDER_OF[symptom]
        climb = self._climbs.setdefault(ladder, _Climb(wait_us=self._wait_us))
        if now < climb.not_before:
            return None
        rungs = LADDERS[ladder]
        chosen = rungs[min(climb.rung, len(rungs) - 1)]
        if climb.rung >= len(rungs):
            climb.wait_us = min(LONGEST_WAIT_US, 2 * climb.wait_us)
        climb.rung += 1
        climb.not_before = now + climb.wait_us
        return chosen

    def skip(self, symptom: Symptom | Literal["peer_lost"], now: int) -> Remedy | None:
        """The remedy after one that had nothing to do."""
        self._climbs[LADDER_OF[symptom]].not_before = now
        return self.remedy(symptom, now)

    def worked(self, *ladders: Ladder) -> None:
        """What these ladders are for works again: start from their bottom next time."""
        for ladder in ladders:
            self._climbs.pop(ladder, None)

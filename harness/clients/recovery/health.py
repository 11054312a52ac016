"""The health of one session: what a client captures, sends and receives, as far as it shows what failed.

Waits are counted in what should move: quiet in captured audio, answers in time. What the figures mean is decided in
:mod:`harness.clients.recovery.detectors`.
"""

from collections import deque

from ...units import MS
from ..capture.monitor import CaptureMonitor
from ..connection import Heartbeat
from ..playback import PlaybackMeter
from ..settings import ClientSettings
from .prompts import IdlePrompts
from .symptoms import Symptom

_NEEDS_ANSWER_US = 240 * MS
"""This much of a voice past the gate needs an answer: often no more of a whole sentence is recognised as a voice."""
_VOICE_END_US = 700 * MS
"""After this much without a voice, the voice has ended."""
_PAUSE_US = 2_000 * MS
"""A pause within one turn is shorter than this, however long the server is set to wait."""
_GRACE_US = 2_000 * MS
"""The least time that a turn has for its response, however long earlier turns waited."""
_ENDED_COUNT = 64
"""So many turns and responses that ended are remembered: later events about them are late or repeated."""
_SPEECH_US = 400 * MS
"""A voice shorter than this needs no answer."""
_GIVES_UP_US = 12_000 * MS
"""If a voice ended this long ago and the server took no turn, nobody waits: it was not a voice."""


class SessionHealth:
    """Make a new one for each session; the monitor, meter, heartbeat and wait that are passed in outlive it."""

    def __init__(
        self,
        settings: ClientSettings,
        capture: CaptureMonitor,
        playback: PlaybackMeter,
        heartbeat: Heartbeat,
        answer_wait: "AnswerWait",
        began: int,
    ) -> None:
        self.began = began
        self.settings = settings
        self.capture = capture
        self.playback = playback
        self.heartbeat = heartbeat
        self.answer_wait = answer_wait
        self.server_speech = False
        """Whether the server is in speech, from ``speech_started`` to the end of the turn."""
        self.quiet_us = 0
        """Quiet captured since the last voice."""
        self.voiceless_us = 0
        """Anything captured since the last voice."""
        self.noise_us = 0
        """Sound without a voice captured in the server's speech, in total; pauses do not count."""
        self.speech_us = 0
        """Captured without a pause since the server's speech started."""
        self.gated_us = 0
        """A voice that the gate removed, since the server's last speech."""
        self.sent_us = 0
        """A voice that passed the gate."""
        self.unheard_since: int | None = None
        """When the voice ended that was sent, and about which no event arrived."""
        self.unanswered_since: int | None = None
        """When the turn ended that awaits its response, minus the time that turns before it waited without success."""
        self.suspected = False
        """Whether stuck speech was treated, and the assistant was not heard since."""
        self.response_moved_at: int | None = None
        """When the open response last made progress; None: no response is open."""
        self.bad_reply: Symptom | None = None
        """How the last response ended, if it failed or had no sound."""
        self.prompts = IdlePrompts()
        """What the assistant says unasked; it is no answer to a voice or a turn."""
        self._gated_limit_us = settings.gated_voice_ms * MS
        self._answer_us = settings.answer_timeout_ms * MS
        self._waited_us = 0
        """How long turns have waited for a response without success, not counting the time in which the user spoke."""
        self._audible: set[str] = set()
        self._over: deque[str] = deque(maxlen=_ENDED_COUNT)
        """Ids of turns and responses that ended."""

    # --- what happens ---

    def chunk(self, duration_us: int, voiced: bool, passed: bool, assistant_speaking: bool, now: int) -> None:
        """A chunk was captured: ``voiced`` as :meth:`CaptureMonitor.chunk` returned, ``passed``: it passed the gate.

        What is gated while the assistant speaks is gated on purpose and does not count.
        """
        if self.server_speech:
            self.speech_us += duration_us
        if not voiced:
            self.voiceless_us += duration_us
            if self.server_speech and self.voiceless_us > _PAUSE_US:
                self.noise_us += duration_us
            if not (passed and self.capture.loud):
                self.quiet_us += duration_us
            elif self.server_speech and self.voiceless_us <= _PAUSE_US:
                self.answer_wait.voice(duration_us, now)  # of a sentence, little more than the vowels is recognised
            if self.voiceless_us >= _VOICE_END_US:
                self.speech_us = 0
                self._voice_ended(now)
            return
        self.quiet_us = self.voiceless_us = 0
        if not assistant_speaking:
            self.answer_wait.voice(duration_us, now)
        if self.server_speech:
            return
        if passed:
            self.sent_us += duration_us
        elif not assistant_speaking:
            self.gated_us += duration_us

    def resent(self, now: int) -> None:
        """Unanswered speech was sent again, in one append: an ear that works reacts within ``rung_wait_ms``."""
        self.unheard_since = now - max(0, self._answer_us - self.settings.rung_wait_ms * MS)

    def speech_started(self, item_id: str, now: int) -> None:
        """``speech_started`` arrived; a late one, of a turn that has ended, changes nothing."""
        if item_id in self._over:
            return
        self.turn_begins(now)
        self.server_speech = True
        self.speech_us = self.quiet_us = self.voiceless_us = self.noise_us = 0
        self.gated_us = self.sent_us = 0
        self.unheard_since = None

    def speech_ended(self, item_id: str | None, now: int) -> None:
        """``speech_stopped`` arrived: the turn awaits its answer. None: ``cleared`` counts as the end of speech."""
        self.server_speech = False
        if item_id is not None and item_id not in self._over:
            self._over.append(item_id)
            self.asked(now)

    def committed(self, item_id: str, now: int) -> bool:
        """The turn was committed, so its speech has ended, even if ``speech_stopped`` was lost.

        Returns whether it is a turn of the user.
        """
        if self.prompts.committed(item_id):
            return False
        if item_id not in self._over:
            self.speech_ended(item_id, now)
        return True

    def turn_begins(self, now: int) -> None:
        """The user speaks: turns and replies before this one are not waited for while the user goes on."""
        self._user_goes_on(now)
        self.unanswered_since = None
        self.bad_reply = None

    def asked(self, now: int) -> None:
        """A turn ended, or the client asked for a response: it is awaited."""
        self._user_goes_on(now)
        self.unanswered_since = now - max(0, min(self._waited_us, self._answer_us - _GRACE_US))
        self.answer_wait.asked(now)

    def response_created(self, response_id: str, now: int) -> None:
        """``response.created`` arrived."""
        self.prompts.response_created(response_id)
        if response_id not in self._over:
            self._moved(response_id, now)

    def response_moved(self, now: int) -> None:
        """The open response made progress."""
        self.response_moved_at = now
        self._responded()
        self.bad_reply = None

    def response_audio(self, response_id: str, audible: bool, now: int) -> None:
        """Audio of a response arrived; if it is silent, it is no progress."""
        if not audible:
            return
        self._audible.add(response_id)
        if response_id not in self.prompts:
            self.answer_wait.assistant_heard()
            self.suspected = False
            self.unheard_since = None
            self._responded()
        if response_id not in self._over:
            self._moved(response_id, now)

    def response_done(self, response_id: str, status: str, calls: bool) -> None:
        """``response.done`` arrived. ``calls``: the response has function calls, so it needs no audio."""
        if response_id in self._over:
            return
        self._over.append(response_id)
        was_audible = response_id in self._audible
        self._audible.discard(response_id)
        if response_id in self.prompts:
            self.response_moved_at = None
            return
        self.no_response()
        if status == "failed":
            self.bad_reply = "reply_failed"
        elif status in ("completed", "incomplete") and not (was_audible or calls):
            self.bad_reply = "reply_silent"

    def no_response(self) -> None:
        """No response is open."""
        self.response_moved_at = None
        self._responded()

    # --- for the detectors ---

    @property
    def stuck_us(self) -> int:
        """After how much quiet the server's speech counts as stuck: less once it was suspected."""
        stuck_us = self.settings.stuck_speech_ms * MS
        allowed_us = (self.settings.silence_duration_ms or 0) * MS + _PAUSE_US
        return min(stuck_us, allowed_us) if self.suspected else stuck_us

    def treated(self, symptom: Symptom, now: int) -> None:
        """A remedy was applied: start the waits again, so that it has time to work."""
        self.suspected = self.suspected or symptom == "speech_stuck"
        self.gated_us = self.sent_us = self.quiet_us = self.voiceless_us = self.speech_us = self.noise_us = 0
        if (
            self.unheard_since is not None
        ):  # an ear that works reacts at once: do not wait for another answer_timeout_ms
            self.unheard_since = now - max(0, self._answer_us - self.settings.rung_wait_ms * MS)
        if self.unanswered_since is not None:
            self.unanswered_since = now
        self._waited_us = 0
        if self.response_moved_at is not None:
            self.response_moved_at = now

    def _moved(self, response_id: str, now: int) -> None:
        """A response made progress; that of a prompt ends no wait."""
        if response_id in self.prompts:
            self.response_moved_at = now
        else:
            self.response_moved(now)

    def _user_goes_on(self, now: int) -> None:
        """Stop the wait for a response while the user speaks; a wait as short as a pause does not count."""
        if self.unanswered_since is not None and now - self.unanswered_since > _PAUSE_US:
            self._waited_us = now - self.unanswered_since

    def _responded(self) -> None:
        """No turn awaits a response."""
        self.unanswered_since = None
        self._waited_us = 0

    def _voice_ended(self, now: int) -> None:
        if self.sent_us >= _NEEDS_ANSWER_US and self.unheard_since is None and not self.server_speech:
            self.unheard_since = now
        self.sent_us = 0
        self.answer_wait.voice_ended()
        if self.gated_us < self._gated_limit_us:
            self.gated_us = 0


class AnswerWait:
    """How long the user has waited to hear the assistant, over all sessions.

    It starts with a voice or a turn, and ends with assistant audio that can be heard. It stops while the user speaks.
    """

    def __init__(self) -> None:
        self._since: int | None = None
        self._voiced_us = 0
        self._last_voice = 0
        self._asked = False
        """Whether the server committed a turn since."""

    def voice(self, duration_us: int, now: int) -> None:
        """A chunk of a voice was captured while the assistant did not speak."""
        self._voiced_us += duration_us
        self._last_voice = now
        if self._since is not None:
            self._since = min(now, self._since + duration_us)
        elif self._voiced_us >= _SPEECH_US:
            self._since = now

    def voice_ended(self) -> None:
        """The voice ended; if it was short, it needs no answer."""
        self._voiced_us = 0

    def asked(self, now: int) -> None:
        """A turn ended and needs an answer."""
        self._asked = True
        if self._since is None:
            self._since = now

    def assistant_heard(self) -> None:
        """Assistant audio that can be heard arrived."""
        self._since = None
        self._voiced_us = 0
        self._asked = False

    def restart(self, now: int) -> None:
        """Everything was renewed: the wait starts again, if somebody waits."""
        if self._since is not None:
            self._since = now

    def elapsed_us(self, now: int) -> int:
        """The length of the wait; 0 if nobody waits."""
        if not self._asked and now - self._last_voice >= _GIVES_UP_US:
            self._since = None
        return now - self._since if self._since is not None else 0

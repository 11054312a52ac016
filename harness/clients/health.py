"""The vital signs of one session: what a client captures, sends and receives, as far as it tells what failed.

All waits are counted in the medium that must move: silence in captured audio, answers in time. What the signs mean is
said by :mod:`harness.clients.detectors`.
"""

from collections import deque
from collections.abc import Iterator

from harness.clients.capture import CaptureMonitor
from harness.clients.connection import Heartbeat
from harness.clients.detectors import DETECTORS
from harness.clients.playback import PlaybackMeter
from harness.clients.settings import ClientSettings
from harness.clients.strategies import Symptom
from harness.clients.waiting import Waiting
from harness.units import MS

SENT_US = 240 * MS
"""So much of a voice past the gate asks for an answer: of a sentence, hardly more may be known for a voice."""
ENDED_US = 700 * MS
"""Quiet for this long, the voice has ended."""
PAUSE_US = 2_000 * MS
"""A pause in one turn is shorter than this, whatever the server is set to wait."""
GRACE_US = 2_000 * MS
"""A turn is given so long for its response, however long the turns before it waited for theirs."""
REMEMBERED = 64
"""So many turns and responses that ended: what is said of them later comes late or twice."""


class Health:
    """One session's vital signs. A new session is a new object; the parts it is given outlive it."""

    def __init__(
        self,
        settings: ClientSettings,
        capture: CaptureMonitor,
        playback: PlaybackMeter,
        heartbeat: Heartbeat,
        waiting: Waiting,
        began: int,
    ) -> None:
        self.began = began
        self.settings = settings
        self.capture = capture
        self.playback = playback
        self.heartbeat = heartbeat
        self.waiting = waiting
        self.server_speech = False
        self.quiet_us = 0
        """Quiet captured since the last voice."""
        self.voiceless_us = 0
        """Anything captured since the last voice."""
        self.noise_us = 0
        """What else than a voice was captured in the server's speech, in all, but for pauses."""
        self.speech_us = 0
        """Captured without a pause since the server took it for speech."""
        self.gated_us = 0
        self.sent_us = 0
        self.unheard_since: int | None = None
        self.unanswered_since: int | None = None
        """When the turn was committed that awaits its response, less what turns before it waited in vain."""
        self.suspected = False
        """Whether a speech without end was treated, and the assistant was not heard since."""
        self.response_moved_at: int | None = None
        self.bad_reply: Symptom | None = None
        self._detectors = [DETECTORS[name] for name in settings.watched()]
        self._gated_limit_us = settings.gated_voice_ms * MS
        self._answer_us = settings.answer_timeout_ms * MS
        self._waited_us = 0
        """How long turns have waited for a response in vain, but for the time in which the user spoke again."""
        self._audible: set[str] = set()
        self._over: deque[str] = deque(maxlen=REMEMBERED)

    # --- what is observed ---

    def chunk(self, duration_us: int, voiced: bool, passed: bool, assistant_speaking: bool, now: int) -> None:
        """A chunk was captured; ``voiced`` as :meth:`CaptureMonitor.chunk` says, ``passed`` the gate or not.

        What is gated while the assistant speaks is gated on purpose and does not count.
        """
        if self.server_speech:
            self.speech_us += duration_us
        if not voiced:
            self.voiceless_us += duration_us
            if self.server_speech and self.voiceless_us > PAUSE_US:
                self.noise_us += duration_us
            if not (passed and self.capture.loud):
                self.quiet_us += duration_us
            elif self.server_speech and self.voiceless_us <= PAUSE_US:
                self.waiting.voice(duration_us, now)  # of a sentence, hardly more than vowels are known for a voice
            if self.voiceless_us >= ENDED_US:
                self.speech_us = 0
                self._voice_ended(now)
            return
        self.quiet_us = self.voiceless_us = 0
        if not assistant_speaking:
            self.waiting.voice(duration_us, now)
        if self.server_speech:
            return
        if passed:
            self.sent_us += duration_us
        elif not assistant_speaking:
            self.gated_us += duration_us

    def resent(self, now: int) -> None:
        """A voice was sent again, in one piece."""
        self.unheard_since = now

    def speech_started(self, item_id: str, now: int) -> None:
        """The server hears the user; not if it has told the end of that speech already."""
        if item_id in self._over:
            return
        self._user_goes_on(now)
        self.server_speech = True
        self.speech_us = self.quiet_us = self.voiceless_us = self.noise_us = 0
        self.gated_us = self.sent_us = 0
        self.unheard_since = self.unanswered_since = None
        self.bad_reply = None

    def speech_ended(self, item_id: str | None, now: int) -> None:
        """The server closed the turn, which awaits its answer; None: a ``cleared`` is taken for the end."""
        self.server_speech = False
        if item_id is not None and item_id not in self._over:
            self._over.append(item_id)
            self._asked(now)

    def committed(self, item_id: str, now: int) -> None:
        """A turn awaits its answer; whatever was told of its end, it has ended."""
        if item_id not in self._over:
            self.speech_ended(item_id, now)

    def response_created(self, response_id: str, now: int) -> None:
        """A response is open."""
        if response_id not in self._over:
            self.response_moved(now)

    def response_moved(self, now: int) -> None:
        """Something of a response came."""
        self.response_moved_at = now
        self._responded()
        self.bad_reply = None

    def response_audio(self, response_id: str, audible: bool, now: int) -> None:
        """Audio of a response came; what is silent moves nothing on."""
        if audible:
            self._audible.add(response_id)
            self.waiting.heard()
            self.suspected = False
            self.unheard_since = None
            self._responded()
            if response_id not in self._over:
                self.response_moved(now)

    def response_done(self, response_id: str, status: str, calls: bool) -> None:
        """The response ended; ``calls``: it called functions, and need not speak."""
        if response_id in self._over:
            return
        self._over.append(response_id)
        heard = response_id in self._audible
        self._audible.discard(response_id)
        self.no_response()
        if status == "failed":
            self.bad_reply = "reply_failed"
        elif status in ("completed", "incomplete") and not (heard or calls):
            self.bad_reply = "reply_silent"

    def no_response(self) -> None:
        """No response is open."""
        self.response_moved_at = None
        self._responded()

    # --- what it means ---

    @property
    def stuck_us(self) -> int:
        """Speech is stuck if it goes on through so much quiet; what was suspected once is believed sooner."""
        stuck_us = self.settings.stuck_speech_ms * MS
        allowed_us = (self.settings.silence_duration_ms or 0) * MS + PAUSE_US
        return min(stuck_us, allowed_us) if self.suspected else stuck_us

    def symptoms(self, now: int) -> Iterator[Symptom]:
        """What the detectors see, the most basic failure first."""
        for detector in self._detectors:
            symptom = detector(self, now)
            if symptom is not None:
                yield symptom

    def treated(self, symptom: Symptom, now: int) -> None:
        """A remedy was tried: give it time before the same is seen again."""
        self.suspected = self.suspected or symptom == "speech_stuck"
        self.gated_us = self.sent_us = self.quiet_us = self.voiceless_us = self.speech_us = self.noise_us = 0
        if self.unheard_since is not None:
            self.unheard_since = now
        if self.unanswered_since is not None:
            self.unanswered_since = now
        self._waited_us = 0
        if self.response_moved_at is not None:
            self.response_moved_at = now

    def _asked(self, now: int) -> None:
        self._user_goes_on(now)
        self.unanswered_since = now - max(0, min(self._waited_us, self._answer_us - GRACE_US))
        self.waiting.asked(now)

    def _user_goes_on(self, now: int) -> None:
        """The wait for a response stands still while the user speaks; after a mere pause there was none."""
        if self.unanswered_since is not None and now - self.unanswered_since > PAUSE_US:
            self._waited_us = now - self.unanswered_since

    def _responded(self) -> None:
        """No turn awaits a response any more."""
        self.unanswered_since = None
        self._waited_us = 0

    def _voice_ended(self, now: int) -> None:
        if self.sent_us >= SENT_US and self.unheard_since is None and not self.server_speech:
            self.unheard_since = now
        self.sent_us = 0
        self.waiting.voice_ended()
        if self.gated_us < self._gated_limit_us:
            self.gated_us = 0

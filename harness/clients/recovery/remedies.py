"""What each remedy of a strategy does: the commands that it sends, and what it changes in the client's own parts."""

from collections.abc import Callable

from ...protocol import events
from ..capture.monitor import CaptureMonitor
from ..gate import Gate
from ..interface import Command, ReopenCapture, ResumePlayback, StopPlayback, TellUser
from ..playback import PlaybackMeter
from ..session_setup import ClientSessionSetup
from .strategies import Remedy
from .symptoms import Symptom

DialCommand = Callable[[int], list[Command]]
"""Takes the time in microseconds; returns the commands that leave the connection for a new one."""


class Remedies:
    """Applies remedies to a client's parts."""

    def __init__(
        self,
        capture: CaptureMonitor,
        gate: Gate,
        playback: PlaybackMeter,
        session_setup: ClientSessionSetup,
        dial: DialCommand,
    ) -> None:
        self._capture = capture
        self._gate = gate
        self._playback = playback
        self._session_setup = session_setup
        self._dial = dial
        self.ending_speech = False
        """Whether the next ``input_audio_buffer.cleared`` counts as the end of speech."""
        self._all: dict[Remedy, Callable[[Symptom, int], list[Command]]] = {
            "reopen_capture": self._reopen_capture,
            "resume_playback": lambda symptom, now: [ResumePlayback()],
            "open_gate": self._open_gate,
            "raise_gate": self._raise_gate,
            "clear": lambda symptom, now: [events.InputAudioBufferClear()],
            "clear_ends_speech": self._clear_ends_speech,
            "detection_off_on": lambda symptom, now: [*self._session_setup.off_and_on(now)],
            "end_speech": self._end_speech,
            "commit_and_create": lambda symptom, now: [events.InputAudioBufferCommit(), events.ResponseCreate()],
            "cancel_response": self._cancel_response,
            "cancel_and_truncate": self._cancel_and_truncate,
            "ask_for_response": self._ask_for_response,
            "reconnect": lambda symptom, now: self._dial(now),
            "renew": self._renew,
            "tell_user": self._tell_user,
        }

    def apply(self, remedy: Remedy, symptom: Symptom, now: int) -> list[Command]:
        """The commands of a remedy for a symptom."""
        return self._all[remedy](symptom, now)

    def is_useless(self, remedy: Remedy, symptom: Symptom) -> bool:
        """Whether the remedy would change nothing, or undo the one before it."""
        undoes = self._gate.raised and symptom == "speech_stuck"
        return remedy == "open_gate" and (self._gate.is_open or undoes)

    def _reopen_capture(self, symptom: Symptom, now: int) -> list[Command]:
        self._capture.reopened(now)
        return [ReopenCapture()]

    def _open_gate(self, symptom: Symptom, now: int) -> list[Command]:
        self._gate.open()
        return []

    def _raise_gate(self, symptom: Symptom, now: int) -> list[Command]:
        """The noise that holds the server in speech is not sent any more."""
        self._gate.raise_over(self._capture.noise)
        return []

    def _clear_ends_speech(self, symptom: Symptom, now: int) -> list[Command]:
        self.ending_speech = True
        return [events.InputAudioBufferClear()]

    def _end_speech(self, symptom: Symptom, now: int) -> list[Command]:
        """Clear, take ``cleared`` for the end of speech, and restart turn detection.

        A voice that was sent and not noticed may have been cut to pieces by the gate: open it as well.
        """
        if symptom == "voice_unheard":
            self._gate.open()
        return [*self._clear_ends_speech(symptom, now), *self._session_setup.off_and_on(now)]

    def _cancel_response(self, symptom: Symptom, now: int) -> list[Command]:
        """Queued audio plays on, unless it is silence."""
        silent = self._playback.speaking and not self._playback.speaks(now)
        return self._cancel_and_truncate(symptom, now) if silent else [events.ResponseCancel()]

    def _cancel_and_truncate(self, symptom: Symptom, now: int) -> list[Command]:
        return [events.ResponseCancel(), *self._playback.cut(now)]

    def _ask_for_response(self, symptom: Symptom, now: int) -> list[Command]:
        """Ask for audio if the last reply had no sound."""
        spoken = {"output_modalities": ["audio"]} if symptom == "reply_silent" else None
        return [events.ResponseCreate(response=spoken)]

    def _renew(self, symptom: Symptom, now: int) -> list[Command]:
        """Renew everything: the capture, an open gate, the output, the session."""
        self._gate.open()
        self._playback.ended()
        message = TellUser("Something is wrong with the connection; I start anew.")
        return [message, *self._reopen_capture(symptom, now), StopPlayback(), ResumePlayback(), *self._dial(now)]

    def _tell_user(self, symptom: Symptom, now: int) -> list[Command]:
        words = "I cannot hear you" if symptom.startswith("capture") else "you may not hear me"
        return [TellUser(f"Something is wrong with the sound: {words}.")]

"""What each remedy of a strategy does."""

from collections.abc import Callable

from harness.clients.capture import CaptureMonitor
from harness.clients.gate import Gate
from harness.clients.interface import Command, ReopenCapture, ResumePlayback, StopPlayback, TellUser
from harness.clients.own_session import OwnSession
from harness.clients.playback import PlaybackMeter
from harness.clients.strategies import Remedy, Symptom
from harness.protocol import events

Dial = Callable[[int], list[Command]]


class Remedies:
    """Applies remedies to a client's parts; ``dial`` leaves the connection for a new one."""

    def __init__(
        self, capture: CaptureMonitor, gate: Gate, playback: PlaybackMeter, own_session: OwnSession, dial: Dial
    ) -> None:
        self._capture = capture
        self._gate = gate
        self._playback = playback
        self._own_session = own_session
        self._dial = dial
        self.ending_speech = False
        """Whether the next ``cleared`` is taken for the end of speech."""
        self._all: dict[Remedy, Callable[[Symptom, int], list[Command]]] = {
            "reopen_capture": self._reopen_capture,
            "resume_playback": lambda symptom, now: [ResumePlayback()],
            "open_gate": self._open_gate,
            "raise_gate": self._raise_gate,
            "clear": lambda symptom, now: [events.InputAudioBufferClear()],
            "clear_ends_speech": self._clear_ends_speech,
            "detection_off_on": lambda symptom, now: [*self._own_session.off_and_on(now)],
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

    def useless(self, remedy: Remedy, symptom: Symptom) -> bool:
        """Whether it would change nothing, or undo what was done about the same."""
        undoes = self._gate.raised and symptom == "speech_stuck"
        return remedy == "open_gate" and (self._gate.is_open or undoes)

    def _reopen_capture(self, symptom: Symptom, now: int) -> list[Command]:
        self._capture.begin(now)
        return [ReopenCapture()]

    def _open_gate(self, symptom: Symptom, now: int) -> list[Command]:
        self._gate.open()
        return []

    def _raise_gate(self, symptom: Symptom, now: int) -> list[Command]:
        """What the server takes for speech without end is not sent any more."""
        self._gate.raise_over(self._capture.noise)
        return []

    def _clear_ends_speech(self, symptom: Symptom, now: int) -> list[Command]:
        self.ending_speech = True
        return [events.InputAudioBufferClear()]

    def _end_speech(self, symptom: Symptom, now: int) -> list[Command]:
        """Clear, take ``cleared`` for the end of speech, and have turn detection start afresh.

        A voice that was sent and not heard may have been sent in pieces: the gate is opened as well.
        """
        if symptom == "voice_unheard":
            self._gate.open()
        return [*self._clear_ends_speech(symptom, now), *self._own_session.off_and_on(now)]

    def _cancel_response(self, symptom: Symptom, now: int) -> list[Command]:
        """What is queued plays on, unless it is silence."""
        silent = self._playback.speaking and not self._playback.speaks(now)
        return self._cancel_and_truncate(symptom, now) if silent else [events.ResponseCancel()]

    def _cancel_and_truncate(self, symptom: Symptom, now: int) -> list[Command]:
        commands: list[Command] = [events.ResponseCancel()]
        heard = self._playback.interrupt(now)
        if heard is not None:
            item_id, heard_ms = heard
            truncate = events.ConversationItemTruncate(item_id=item_id, content_index=0, audio_end_ms=heard_ms)
            commands += [StopPlayback(), truncate]
        return commands

    def _ask_for_response(self, symptom: Symptom, now: int) -> list[Command]:
        """After a reply without sound, ask for sound."""
        spoken = {"output_modalities": ["audio"]} if symptom == "reply_silent" else None
        return [events.ResponseCreate(response=spoken)]

    def _renew(self, symptom: Symptom, now: int) -> list[Command]:
        """A new capture, an open gate, a fresh output and a new session."""
        self._gate.open()
        self._playback.ended()
        told = TellUser("Something is wrong with the connection; I start anew.")
        return [told, *self._reopen_capture(symptom, now), StopPlayback(), ResumePlayback(), *self._dial(now)]

    def _tell_user(self, symptom: Symptom, now: int) -> list[Command]:
        words = "I cannot hear you" if symptom.startswith("capture") else "you may not hear me"
        return [TellUser(f"Something is wrong with the sound: {words}.")]

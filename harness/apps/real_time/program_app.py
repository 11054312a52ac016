"""The part under test, if it is a program: what it is told of its devices, and what is inferred of its speaker."""

from collections.abc import Callable

from ...clients.interface import Play, Signal, TalkButton
from ...protocol.events import Event, InputAudioBufferSpeechStarted
from ...scenario.profiles import Timers
from ...world.world import Surroundings
from ..tested_app import TestedApp


class ProgramApp(TestedApp):
    """A program in its world. ``pressed`` says whether the user presses the talk button.

    If ``infers_speaker``, what arrives at the program is taken to be played at once, until the user speaks: nobody
    listens to what it really plays.
    """

    def __init__(
        self, around: Surroundings, throttled: Callable[[Timers | None], None], *, infers_speaker: bool
    ) -> None:
        super().__init__(around, throttled)
        self.pressed = False
        self.pressed_since_us: int | None = None
        self._infers_speaker = infers_speaker

    def tell(self, message: Signal) -> None:
        """Pass on what happened on the device."""
        super().tell(message)
        if isinstance(message, TalkButton):
            self.pressed, self.pressed_since_us = message.pressed, self.now

    def receives(self, event: Event) -> None:
        """An event arrives at the program."""
        super().receives(event)
        if self._infers_speaker and not self.is_over and isinstance(event, InputAudioBufferSpeechStarted):
            self.around.speaker.stop()

    def arrives(self, audio: bytes, item_id: str, response_id: str) -> None:
        """Audio of the assistant arrives at the program."""
        super().arrives(audio, item_id, response_id)
        if self._infers_speaker and not self.is_over:
            self.around.speaker.play(Play(audio, item_id, response_id))

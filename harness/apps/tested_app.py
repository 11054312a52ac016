"""The part under test, if it is an app: its devices, for the world, and what it does with them, for the journal."""

import os
from collections.abc import Callable

from ..audio.formats import PCM24K, SAMPLE_RATE_HZ
from ..clients.interface import AppState, Play, PlaybackEnded, Signal, TalkButton
from ..journal import AppEnded, AppFenced, ClientLog, ClientReopensCapture, MicrophoneAudio
from ..protocol.events import Event, ResponseOutputAudioDelta
from ..scenario.model import App, PageStep
from ..scenario.profiles import Timers
from ..units import MS, SECOND
from ..world.tape import Tape
from ..world.tested_part import SwitchedPart
from ..world.world import Surroundings

ChunkListener = Callable[[bytes], None]
"""Is called with each chunk of the microphone: PCM, int16, little-endian, mono, 24 kHz."""


class TestedApp:
    """An app in its world: a :class:`harness.world.tested_part.TestedPart`.

    A stage gives the app its devices: it adds a listener to ``captures`` for each open capture, and calls
    :meth:`plays`, :meth:`stops` and :meth:`reopens` for what the app does. ``throttled`` is called when the app's
    timers are slowed down or freed.
    """

    __test__ = False
    is_page = False

    def __init__(self, around: Surroundings, throttled: Callable[[Timers | None], None]) -> None:
        self.around = around
        self.captures: list[ChunkListener] = []
        self.played_to_end: list[Callable[[], None]] = []
        """Called when all that was queued has been played."""
        self.talk_button: list[Callable[[bool], None]] = []
        """Called when the user presses or releases the talk button."""
        self.app_state: list[Callable[[bool], None]] = []
        """Called when the app leaves the foreground or returns to it."""
        self.is_over = False
        """The run is over: nothing more is written."""
        self.is_gone = False
        """The app's process has ended."""
        self._throttled = throttled
        self._journal = around.journal
        self._tape = Tape(lambda began, _, levels, __: self._journal.add(MicrophoneAudio(t=began, **levels)))
        self.last_item = "", ""
        """The item and the response of the audio that arrived last."""
        self._fences: set[str] = set()

    @property
    def now(self) -> int:
        """The time of the run, in microseconds."""
        return self.around.scheduler.now

    # --- what the world calls ---

    def begin(self) -> None:
        """Start the capture; the app dials by itself."""
        self._tick_at(self.around.chunk_us)

    def end(self) -> None:
        """Write the levels of the last, incomplete window."""
        self.is_over = True
        self._tape.flush()

    def tell(self, message: Signal) -> None:
        """Pass on what happened on the device."""
        if isinstance(message, PlaybackEnded):
            for ended in list(self.played_to_end):
                ended()
        elif isinstance(message, TalkButton):
            for pressed in list(self.talk_button):
                pressed(message.pressed)
        elif isinstance(message, AppState):
            for changed in list(self.app_state):
                changed(message.foreground)

    def throttle(self, timers: Timers | None) -> None:
        """Slow the app's timers down; None: they are on time again."""
        self._throttled(timers)

    def switch(self, action: App) -> frozenset[SwitchedPart]:
        """No platform is around it: the world imitates all that a switch does."""
        return frozenset()

    def act(self, action: PageStep) -> None:
        """There is no page; the world has checked that."""

    def _tick_at(self, due: int) -> None:
        self.around.scheduler.at(due, self._tick, due)

    def _tick(self, due: int) -> None:
        """Deliver what was captured by ``due``: in real time, something else may have moved the clock past it."""
        delivered = self.around.microphone.capture(due)
        later = sum(chunk.size for chunk in delivered)
        for chunk in delivered:
            self._tape.add(due, chunk.size, chunk.energy, chunk.peak)
            later -= chunk.size
            if chunk.peak:
                self.around.network.captured.add(chunk, due - later * SECOND // SAMPLE_RATE_HZ)
            for listener in list(self.captures):
                listener(chunk.pcm)
        self._tick_at(due + self.around.chunk_us)

    # --- what the app does with its devices ---

    def reopens(self) -> None:
        """The app releases the microphone and opens it again."""
        if not self.is_over:
            self._journal.add(ClientReopensCapture(t=self.now))
            self.around.microphone.reopen(self.now)

    def plays(self, pcm: bytes, item_id: str | None = None, response_id: str | None = None) -> None:
        """The app queues PCM for its speaker. Whose audio it is, is known by its bytes if the app does not say."""
        if not pcm or self.is_over or self.is_gone:
            return
        sent = self.around.network.sent
        if item_id is None or (item := sent.item(item_id)) is None:
            item_id, response_id = sent.owner(pcm) or self.last_item
        else:
            response_id = response_id or item.response_id
        self.around.speaker.play(Play(pcm, item_id, response_id, PCM24K.name))

    def stops(self) -> int:
        """The app drops what is queued; how much of the current answer was played, in ms."""
        played_us = self.around.speaker.position_us
        if not self.is_over:
            self.around.speaker.stop()
        return played_us // MS

    def resumes(self) -> None:
        """The app resumes an output that the system suspended."""
        if not self.is_over:
            self.around.speaker.resume()

    def receives(self, event: Event) -> None:
        """An event arrives at the app."""
        if isinstance(event, ResponseOutputAudioDelta):
            self.arrives(event.delta, event.item_id, event.response_id)

    def arrives(self, audio: bytes, item_id: str, response_id: str) -> None:
        """Audio of the assistant arrives at the app, in the session's format."""
        self.last_item = item_id, response_id

    # --- what its stage says of it ---

    def ended(self, error: str | None, place: str) -> None:
        """The app has ended, with an error or without; ``place`` is its own line.

        The journal has no folder of it, so that its bytes do not depend on where the app is.
        """
        if not self.is_over:
            self._journal.add(AppEnded(t=self.now, error=error, place=os.path.basename(place) or None))

    def printed(self, line: str) -> None:
        """The app wrote a line to its standard output."""
        if not self.is_over:
            self._journal.add(ClientLog(t=self.now, kind="prints", fields={"line": line}))

    def leaves(self) -> None:
        """The app's process has ended: nothing is captured or played any more."""
        self.captures.clear()
        self.stops()
        self.is_gone = True

    def fenced(self, what: str) -> None:
        """The app did something that its stage cannot do as a real one would; each kind of it is noted once."""
        if not self.is_over and what not in self._fences:
            self._fences.add(what)
            self._journal.add(AppFenced(t=self.now, what=what))

"""Silences that begin at the connection: a client that is not there, or does not notice that nobody else is."""

from harness.clients.interface import Closed, Command, Connect, Disconnect, Pong, Signal
from harness.protocol import events as e
from harness.units import MS, SECOND

from . import conversations as c
from .conversations import fault, talk
from .healthy import ANSWERED_WITHIN_US, Healthy
from .specimen import SILENCE, harms


@harms(SILENCE, "half_open", in_=talk("The connection dies without a word", fault(9.5, "half-open")))
class TrustsAnOpenSocket(Healthy):
    """As long as nobody closed the connection it is taken for alive: neither a pong nor an answer is missed."""

    def due_pong(self, now: int) -> list[Command]:
        return []

    def due_answer(self, now: int) -> list[Command]:
        return []


@harms(SILENCE, "server_mute", in_=talk("The server goes mute", fault(9.5, "mute")))
class TakesPongsForLife(Healthy):
    """Each pong puts the deadline of the answer off: the server is there, so it must be thinking."""

    def on_signal(self, signal: Signal, now: int) -> list[Command]:
        if isinstance(signal, Pong) and "answer" in self.timers:
            self.timers["answer"] = now + ANSWERED_WITHIN_US
        return super().on_signal(signal, now)


@harms(SILENCE, "unreachable", in_=c.CUT_BETWEEN)
class GivesADialTooLittleTime(Healthy):
    """A dial is given up after 100 ms and dialled anew at once: on this network a handshake takes 120 ms."""

    def due_dial(self, now: int) -> list[Command]:
        self.timers["dial"] = now + 100 * MS
        return [Connect()]

    def on_session(self, now: int) -> list[Command]:
        self.timers.pop("dial", None)
        return super().on_session(now)


@harms(SILENCE, "client_waiting", in_=c.CLOSED_NORMALLY)
class TakesANormalCloseForTheEnd(Healthy):
    """Code 1000 is no error, so nothing is done about it."""

    def on_closed(self, closed: Closed, now: int) -> list[Command]:
        if closed.code != 1000:
            return super().on_closed(closed, now)
        self.ready = False
        self.timers.clear()
        return []


@harms(SILENCE, "client_waiting", in_=c.LONG_OUTAGE)
class GivesUpAfterFiveDials(Healthy):
    """Five failed dials in a row, and the client stays away for ever."""

    def on_dial_failed(self, now: int) -> list[Command]:
        if self.attempts < 5:
            return super().on_dial_failed(now)
        self.timers.clear()
        return []


@harms(SILENCE, "client_waiting", in_=c.CUT_BETWEEN)
class RedialsOnlyWhenTheDialFailed(Healthy):
    """The redial after a close throws an exception that nobody sees: there is no timer to dial."""

    def on_closed(self, closed: Closed, now: int) -> list[Command]:
        super().on_closed(closed, now)
        del self.timers["dial"]
        return []


@harms(SILENCE, "client_waiting", in_=talk("The server reports an error", c.server_error(9.5)))
class ReceiveLoopDies(Healthy):
    """An error event ends the receiving task, and with it all timers; the sending task goes on."""

    def setup(self) -> None:
        self.dead = False

    def receive(self, event: e.Event | Signal, now: int) -> list[Command]:
        return [] if self.dead else super().receive(event, now)

    def on_error(self, error: e.ErrorEvent, now: int) -> list[Command]:
        self.dead = True
        return []

    def next_wake(self) -> int | None:
        return None if self.dead else super().next_wake()


@harms(SILENCE, "client_left", in_=talk("The app is away for a while", c.background(9.5, 5)))
class HangsUpInTheBackground(Healthy):
    """The connection is closed when the app goes to the background, and the return does not open it."""

    def on_app(self, foreground: bool, now: int) -> list[Command]:
        commands = super().on_app(foreground, now)
        return commands if foreground else [*commands, Disconnect()]

    def on_closed(self, closed: Closed, now: int) -> list[Command]:
        if closed.code != 1000:
            return super().on_closed(closed, now)
        self.ready = False
        self.timers.clear()
        return []


@harms(SILENCE, "client_left", in_=c.QUIET_FOR_A_WHILE)
class HangsUpOnAQuietUser(Healthy):
    """After 10 s without a word the call is ended to save money, and nothing begins a new one."""

    def setup(self) -> None:
        self.ended = False

    def on_played(self, now: int) -> list[Command]:
        self.timers["quiet"] = now + 10 * SECOND
        return super().on_played(now)

    def barge_in(self, now: int) -> list[Command]:
        self.timers.pop("quiet", None)
        return super().barge_in(now)

    def due_quiet(self, now: int) -> list[Command]:
        self.ended = True
        return [Disconnect()]

    def redial(self, now: int) -> list[Command]:
        super().redial(now)
        if self.ended:
            del self.timers["dial"]
        return []

"""The five places at which a fault may enter, as base classes.

A fault is a frozen dataclass: its fields are its parameters, and it says how it distorts what passes its seam. It does
not know when it starts and ends: whoever injects it does. ``begin`` starts it with a random generator of its own, made
from the run's seed and the fault's place in the timeline, so that adding one fault does not change the draws of the
others. It never reads a clock: the time is an argument.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, get_args

import numpy as np

from ..audio.formats import Samples
from ..causes import Cause
from ..units import SECOND

Seam = Literal["source", "detector", "policy", "wire", "media"]
Actor = Literal["microphone", "network", "server"]
"""The key of a scenario's step that injects a fault."""
Direction = Literal["up", "down"]
Cure = Literal["its end", "reopened capture", "new session", "new connection"]
Transport = Literal["websocket", "webrtc"]
"""How client and server are connected."""
TRANSPORTS: tuple[Transport, ...] = get_args(Transport)


@dataclass(frozen=True, slots=True)
class Fault:
    """What every fault declares. Its docstring is its description in the catalogue."""

    name: ClassVar[str]
    seam: ClassVar[Seam]
    actor: ClassVar[Actor]
    reports: ClassVar[tuple[str, ...]]
    """Where it was seen: ``owner/repo#number``, ``community 1374520``; or how else it is known: ``measured: …``,
    ``read: …`` in a project's source or documents, ``inferred: …``."""
    causes: ClassVar[tuple[Cause, ...]]
    """Correct diagnoses of a silence that follows; which one depends on the client, and the first is the usual one.
    Empty: the fault alone makes nothing silent."""
    needs_end: ClassVar[bool] = False
    """Whether it must be injected with a length."""
    transports: ClassVar[tuple[Transport, ...]] = TRANSPORTS
    """What it can happen on."""

    @property
    def cure(self) -> Cure:
        """What ends it at the latest. A fault that its own end does not cure outlives the heal."""
        return "its end"


# --- source ---------------------------------------------------------------------------------------------------------


class Reopening(NamedTuple):
    """How it goes when the client opens the capture again."""

    takes_us: int = 0
    """No chunk is delivered for so long; at least as long as without a fault."""
    fails: bool = False
    """No chunk is delivered until it is opened once more."""
    ends: bool = True
    """The fault is over, if it has no end of its own."""


class Distortion:
    """An active source fault: it changes the audio chunk by chunk."""

    @property
    def collected(self) -> bool:
        """Whether the page has lost its source of audio.

        Then the fault goes on after its end, until the client opens the capture again.
        """
        return False

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        """The chunks that are delivered in place of ``samples``: none, one or several.

        ``samples`` is int16 at 24 kHz and must not be changed. ``playing`` is what the speaker plays at the same
        time, as long as ``samples``.
        """
        raise NotImplementedError

    def over(self) -> Sequence[Samples]:
        """The fault ends: the chunks that it kept and that are delivered now."""
        return ()

    def reopen(self) -> Reopening:
        """The client opens the capture again."""
        return Reopening()


class EachChunk(Distortion):
    """Changes each chunk by itself, without memory."""

    def __init__(self, change: Callable[[Samples], Samples]) -> None:
        self._change = change

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        return (self._change(samples),)


class SourceFault(Fault):
    """Distorts what the microphone delivers."""

    seam = "source"
    actor = "microphone"
    needs_end = True
    hears_speaker: ClassVar[bool] = False
    """Whether it needs to know what the speaker plays."""

    @property
    def cure(self) -> Cure:
        return "reopened capture"

    def begin(self, rng: np.random.Generator) -> Distortion:
        """Start the fault on one capture."""
        raise NotImplementedError


# --- detector -------------------------------------------------------------------------------------------------------


class DetectorFault(Fault):
    """Distorts the speech probability that the turn automaton gets; the shadow gets the honest one."""

    seam = "detector"
    actor = "server"

    @property
    def net(self) -> str | None:
        """The detector that decides in place of the session's own; None leaves it."""
        return None

    def begin(self, rng: np.random.Generator) -> Callable[[float], float]:
        """Start the fault on one session: from a frame's probability to the one that the automaton gets."""
        return lambda probability: probability

    @property
    def cure(self) -> Cure:
        return "new session"


# --- policy ---------------------------------------------------------------------------------------------------------


class PolicyFault(Fault):
    """Sets switches of :class:`harness.server.policy.ServerPolicy`."""

    seam = "policy"
    actor = "server"

    @property
    def changes(self) -> Mapping[str, str]:
        """The switches and their variants."""
        raise NotImplementedError

    @property
    def cure(self) -> Cure:
        return "new session"


class SessionFault(Fault):
    """Does something to the session, once."""

    seam = "policy"
    actor = "server"

    def apply(self, session: Any, now: int) -> list[Any]:
        """Apply it to a :class:`harness.server.session.Session`; gives the session's outputs."""
        raise NotImplementedError


# --- wire -----------------------------------------------------------------------------------------------------------


class MessageInfo(NamedTuple):
    """What a wire fault knows of a message."""

    direction: Direction
    kind: str | None
    """The type of an event; None for a ping, a pong or a Close."""
    audio_us: int = 0
    """How much audio it holds, if that is PCM16 at 24 kHz."""
    size_bytes: int = 0
    """About its length as text."""
    control: Literal["ping", "pong", "close"] | None = None
    """What it is if it is no event."""


class Overtaking(NamedTuple):
    """Which messages of the same direction arrive before an earlier one."""

    times: int = 1
    """So many of them."""
    events: str = "*"
    """The type of the events that count, or a pattern of types; with ``*``, all messages count."""
    within_us: int = SECOND
    """If fewer have passed after this time, it arrives then."""


class Delivery(NamedTuple):
    """How a message is delivered."""

    copies: int = 1
    """0: it is lost."""
    delay_us: int = 0
    """It arrives so much later, and so do all messages behind it."""
    overtaken: bool = False
    """Later messages arrive before it."""
    overtaking: Overtaking = Overtaking()
    """Which ones, if it is overtaken: by default the next one, if that comes within a second."""
    damage: Literal["corrupt", "truncate"] | None = None
    """Its text arrives with wrong bytes in it, or without its end."""
    held: bool = False
    """It waits until the fault ends; with a delay, at most so long."""


PASS = Delivery()
"""The message is delivered as it was sent."""
LOSE = Delivery(copies=0)
"""The message is lost."""
HOLD = Delivery(held=True)
"""The message is held back until the fault ends."""

WireFilter = Callable[[MessageInfo, int], Delivery]
"""An active wire fault on one connection: how it delivers a message that is sent at a time in microseconds."""


class WireFault(Fault):
    """Decides how each message on one connection is delivered."""

    seam = "wire"
    actor: ClassVar[Actor] = "network"
    kills: ClassVar[bool] = False
    """The connection closes at once: see :attr:`close_code`."""
    dials: ClassVar[Literal["pass", "refuse", "hang", "wait"]] = "pass"
    """What happens to a new connection while the fault is active: it opens, is refused at once, gets no answer until
    TCP asks again after the fault's end (:mod:`harness.faults.dialling`), or opens when the fault ends."""
    permanent: ClassVar[bool] = False
    """Whether it stays on the connection, even after the heal; otherwise it ends with its step."""
    answers_close: ClassVar[bool] = True
    """Whether the client's Close is answered."""

    def begin(self, rng: np.random.Generator) -> WireFilter:
        """Start the fault on one connection."""
        return lambda message, now: PASS

    @property
    def close_code(self) -> int:
        """The close code that both sides see of a fault that kills. 1006: no Close frame was sent."""
        return 1006

    @property
    def close_reason(self) -> str:
        """The text that goes with :attr:`close_code`."""
        return "connection reset"

    @property
    def cure(self) -> Cure:
        return "new connection" if self.permanent or self.kills else "its end"


# --- media ----------------------------------------------------------------------------------------------------------

PacketFilter = Callable[[Direction, int], bool]
"""An active media fault on one call: whether it loses a packet that is sent in a direction at a time (microseconds)."""


def keep(direction: Direction, now: int) -> bool:
    """The filter that loses nothing."""
    return False


class MediaFault(Fault):
    """Acts on a WebRTC call: on its packets of audio, its data channel, or its path through the network."""

    seam = "media"
    actor: ClassVar[Actor] = "network"
    transports = ("webrtc",)
    stops_events: ClassVar[bool] = False
    """Whether the messages of the data channel wait until it ends."""
    stops_checks: ClassVar[bool] = False
    """Whether the client's checks of the path are lost, as all packets are; a server that gets none ends the call."""
    stops_consent: ClassVar[bool] = False
    """Whether the client's network stack gives the call up after it has had no consent for the standard's time."""
    closes: ClassVar[Literal["nothing", "data channel", "call"]] = "nothing"
    """What is closed at once."""
    dials: ClassVar[Literal["pass", "refuse", "hang", "wait"]] = "pass"
    """What happens to a new call while the fault is active, as for :class:`WireFault`."""

    def begin(self, rng: np.random.Generator) -> PacketFilter:
        """Start the fault on one call."""
        return keep

    @property
    def cure(self) -> Cure:
        return "its end" if self.closes == "nothing" else "new connection"


class ActiveFault:
    """A fault that was injected, and the random generator that it draws from."""

    __slots__ = ("fault", "rng")

    def __init__(self, fault: Fault, rng: np.random.Generator) -> None:
        self.fault = fault
        self.rng = rng

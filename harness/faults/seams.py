"""The four places at which a fault may enter, as base classes.

A fault is a frozen dataclass: its fields are its parameters, and it says how it distorts what passes its seam. It does
not know when it starts and ends: whoever strikes it does. ``begin`` gives it at work, with a generator of its own, made
from the run's seed and the fault's place in the timeline, so that adding one fault does not reshuffle the others. It
never reads a clock: it is given the moment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np

from harness.audio.formats import Samples
from harness.causes import Cause

Seam = Literal["source", "detector", "policy", "wire"]
Actor = Literal["microphone", "network", "server"]
"""The key of a scenario's step that strikes a fault."""
Direction = Literal["up", "down"]
Cure = Literal["its end", "reopened capture", "new session", "new connection"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What all faults say of themselves. The first line of a fault's docstring is its description."""

    name: ClassVar[str]
    seam: ClassVar[Seam]
    actor: ClassVar[Actor]
    reports: ClassVar[tuple[str, ...]]
    """Where it was seen: ``owner/repo#number``, ``community 1374520``; or how else it is known: ``measured: …``,
    ``read: …`` in a project's source or documents, ``inferred: …``."""
    causes: ClassVar[tuple[Cause, ...]]
    """What a silence that follows may rightly be put down to, by client; the first is the usual one. Empty: it
    silences nothing by itself."""
    needs_end: ClassVar[bool] = False
    """Whether a strike without a length has no meaning."""

    @property
    def cure(self) -> Cure:
        """What ends it, at the latest: a fault that is not cured by its own end outlives the heal."""
        return "its end"


# --- source ---------------------------------------------------------------------------------------------------------


class Distortion:
    """A source fault at work, chunk by chunk."""

    def chunk(self, samples: Samples, playing: Samples) -> Sequence[Samples]:
        """The chunks that are delivered in place of ``samples``, none or several.

        int16 at 24 kHz, not to be changed; ``playing`` is what the speaker plays meanwhile, as long as ``samples``.
        """
        raise NotImplementedError

    def over(self) -> Sequence[Samples]:
        """The fault ends: the chunks that it had kept and that come now."""
        return ()


class EachChunk(Distortion):
    """One chunk for one chunk, without memory."""

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
        """The fault at work on one capture."""
        raise NotImplementedError


# --- detector -------------------------------------------------------------------------------------------------------


class DetectorFault(Fault):
    """Distorts the speech probability that the turn automaton sees; the shadow sees the honest one."""

    seam = "detector"
    actor = "server"

    @property
    def net(self) -> str | None:
        """The detector that decides in place of the session's own; None leaves it."""
        return None

    def begin(self, rng: np.random.Generator) -> Callable[[float], float]:
        """The fault at work on one session: from a frame's probability to the one that the automaton is given."""
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
    """Something happens to the session, once."""

    seam = "policy"
    actor = "server"

    def happen(self, session: Any, now: int) -> list[Any]:
        """Let it happen to a :class:`harness.server.session.Session`; gives what the session says."""
        raise NotImplementedError


# --- wire -----------------------------------------------------------------------------------------------------------


class Passage(NamedTuple):
    """A message on its way."""

    direction: Direction
    kind: str | None
    """The type of an event; None for a ping, a pong or a Close."""
    audio_us: int = 0
    """How much audio it carries, if that is PCM16 at 24 kHz."""
    size_bytes: int = 0
    """About how long it is as text."""
    control: Literal["ping", "pong", "close"] | None = None
    """What it is if it is no event."""


class Fate(NamedTuple):
    """What becomes of a message."""

    copies: int = 1
    """0: it is lost."""
    delay_us: int = 0
    """It comes so much later, and so does all behind it."""
    overtaken: bool = False
    """The next message that passes arrives before it, if one does within a second."""
    damage: Literal["corrupt", "truncate"] | None = None
    """Its text arrives with other bytes in it, or without its end."""
    held: bool = False
    """It waits for the fault's end; if it has a delay, at most so long."""


PASS = Fate()
LOSE = Fate(copies=0)
HOLD = Fate(held=True)

Carriage = Callable[[Passage, int], Fate]
"""A wire fault at work on one connection: what becomes of a message that is sent at a time in microseconds."""


class WireFault(Fault):
    """Decides the fate of each message on one connection."""

    seam = "wire"
    actor: ClassVar[Actor] = "network"
    kills: ClassVar[bool] = False
    """The connection closes at once: see :attr:`close_code`."""
    dials: ClassVar[Literal["pass", "refuse", "hang", "wait"]] = "pass"
    """What becomes of a new connection while it lasts: it opens, is refused at once, goes unanswered, or opens when
    the fault ends."""
    permanent: ClassVar[bool] = False
    """A connection once struck stays so, even after the heal; otherwise it ends with the step."""
    answers_close: ClassVar[bool] = True
    """Whether the client's Close is answered."""

    def begin(self, rng: np.random.Generator) -> Carriage:
        """The fault at work on one connection."""
        return lambda passage, now: PASS

    @property
    def close_code(self) -> int:
        """Of a fault that kills: what both sides see. 1006: no Close frame was sent."""
        return 1006

    @property
    def close_reason(self) -> str:
        """The text that goes with :attr:`close_code`."""
        return "connection reset"

    @property
    def cure(self) -> Cure:
        return "new connection" if self.permanent or self.kills else "its end"


class Struck:
    """A fault in force: the fault, and the generator that its strike draws from."""

    __slots__ = ("fault", "rng")

    def __init__(self, fault: Fault, rng: np.random.Generator) -> None:
        self.fault = fault
        self.rng = rng

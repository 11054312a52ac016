"""How often the diagnosis of live journals is right: each fault in each phase, with a real client in real time.

Each case has a server of its own, and a client on a real WebSocket that says three things. The fault is injected in a
phase of the second turn, and stays. The journal is diagnosed some seconds after the user's last words, while the
fault is active. Whether an answer was heard is what the client received; the possible causes are those that the fault
declares.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..faults import CATALOGUE, Fault, parameters
from ..journal import Journal, parse
from ..live.faults import INJECTABLE
from ..live.server import LiveServer
from ..live.settings import LiveSettings
from ..search.confusion import ANSWERED, NO_CAUSE, ConfusionMatrix, DiagnosisCase, DiagnosisResult
from ..search.draw import drawn
from ..search.tape import Seeded
from ..server.session import SessionSetup
from ..server.utterance import utterance
from ..server.voice import Answer, Voice
from ..units import MS, SECOND
from ..verdict.diagnosis import diagnose
from ..verdict.phases import PHASES, Phase
from .live_client import SPEAKS_S, LiveClient, speech_s

SIDE_BY_SIDE = 12
"""So many sessions run at once: their servers and clients share one process."""
NO_FAULT = "no fault"
_REPLY_US = 2 * SECOND
_VOICE = Voice(Answer(utterance("speech_en_f_tts_hibari", _REPLY_US), latency_us=600 * MS, pace=2.0))
_WAITS_S = 5.5
"""How long after the user's last words the journal is diagnosed."""
_NEEDED_END_S = 3.0
"""How long a fault lasts that must have an end."""
_APART_S = 0.15


@dataclass(frozen=True, slots=True)
class LiveCase:
    """One session: a fault, or :data:`NO_FAULT`, in a phase of its second turn."""

    fault: str
    phase: Phase


def live_cases() -> list[LiveCase]:
    """All sessions of the matrix."""
    return [LiveCase(fault, phase) for fault in (*INJECTABLE, NO_FAULT) for phase in PHASES]


def live_matrix(cases: Sequence[LiveCase], on_progress: Callable[[int, int], None]) -> ConfusionMatrix:
    """Play and diagnose these cases, :data:`SIDE_BY_SIDE` at a time; ``on_progress`` gets how many of how many."""
    return asyncio.run(_matrix(cases, on_progress))


async def _matrix(cases: Sequence[LiveCase], on_progress: Callable[[int, int], None]) -> ConfusionMatrix:
    result = ConfusionMatrix()
    places = asyncio.Semaphore(SIDE_BY_SIDE)

    async def one(number: int, case: LiveCase) -> None:
        async with places:
            await asyncio.sleep(_APART_S * (number % SIDE_BY_SIDE))
            result.add(await play_live(case))
            on_progress(sum(result.counts.values()), len(cases))

    async with asyncio.TaskGroup() as running:
        for number, case in enumerate(cases):
            running.create_task(one(number, case))
    return result


async def play_live(case: LiveCase, journal_of: Callable[[Journal], None] = lambda _: None) -> DiagnosisResult:
    """Play one case and diagnose it; ``journal_of`` gets its journal."""
    lasts_s = SPEAKS_S[-1] + speech_s() + _WAITS_S
    async with LiveServer(SessionSetup(voice=_VOICE, detector="energy"), LiveSettings()) as server:
        play = _Play(case, server, lasts_s)
        await play.client.run(play.end)
    journal = parse(play.journal.decode().splitlines(), "live")
    journal_of(journal)
    truth, causes = _truth(case, heard=play.heard)
    found = diagnose(journal)
    seed = PHASES.index(case.phase)
    diagnosis = found.cause or found.state
    return DiagnosisResult(
        DiagnosisCase(case.fault, case.phase, seed), truth, causes, diagnosis, found.confidence, suspects=()
    )


class _Play:
    """Injects the fault of a case when its phase comes."""

    def __init__(self, case: LiveCase, server: LiveServer, lasts_s: float) -> None:
        self._case, self._server = case, server
        self.journal, self.heard = b"", False
        """What the server wrote down until the end, and whether the client heard an answer to the last words."""
        self._seen = {"input_audio_buffer.committed": 0, "response.created": 0, "response.done": 0}
        self.client = LiveClient(server.url + "?model=gpt-realtime", lasts_s, self._event)
        loop = asyncio.get_running_loop()
        at_s = {"idle": -0.7, "user speaking": 0.8, "reconnecting": -0.4}.get(case.phase)
        if at_s is not None:
            loop.call_later(SPEAKS_S[1] + at_s, self._strike_or_hang_up)
        self._hanging_up: asyncio.Task[None] | None = None

    def end(self) -> None:
        """The client is still connected and the fault active: what is true now?"""
        self.journal = self._server.journal(1) or b""
        self.heard = self.client.heard_answer(_REPLY_US / MS)

    def _event(self, kind: str) -> None:
        """The phases that begin with an event of the second turn."""
        if kind not in self._seen:
            return
        self._seen[kind] += 1
        after = {
            "committed": ("input_audio_buffer.committed", 0.15),
            "responding": ("response.created", 0.9),
            "playing tail": ("response.done", 0.3),
        }.get(self._case.phase)
        if after is not None and after[0] == kind and self._seen[kind] == 2:
            asyncio.get_running_loop().call_later(after[1], self._strike)

    def _strike_or_hang_up(self) -> None:
        if self._case.phase == "reconnecting":
            self._hanging_up = asyncio.create_task(self.client.hang_up())
            asyncio.get_running_loop().call_later(0.1, self._strike)
        else:
            self._strike()

    def _strike(self) -> None:
        if self._case.fault == NO_FAULT:
            return
        fault = _fault(self._case)
        open_now = [view.number for view in self._server.sessions() if view.state == "open"]
        keeps_out = getattr(fault, "dials", "pass") != "pass"
        session = None if keeps_out or not open_now else open_now[-1]
        lasts_s = _NEEDED_END_S if fault.needs_end else None
        self._server.start_fault(fault.name, session=session, lasts_s=lasts_s, parameters=parameters.given(fault))


def _fault(case: LiveCase) -> Fault:
    """In every other phase with random parameters."""
    kind, number = INJECTABLE[case.fault], PHASES.index(case.phase)
    return kind() if number % 2 == 0 else drawn(kind, Seeded(number, f"live/{case.fault}"))


def _truth(case: LiveCase, *, heard: bool) -> tuple[str, tuple[str, ...]]:
    if heard:
        return ANSWERED, (ANSWERED,)
    causes = () if case.fault == NO_FAULT else CATALOGUE[case.fault].causes
    return (causes[0], causes) if causes else (NO_CAUSE, ())

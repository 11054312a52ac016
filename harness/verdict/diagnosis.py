"""The cause of a silence, from the journal alone.

The first broken link is the cause (:mod:`harness.verdict.links`). Two kinds of evidence exist only in a simulation:
what was spoken, and the shadow (what an honest detector decides about the audio that arrived). The journal of a live
server contains neither the user nor the client's side, so its diagnosis is limited to what a server can know.
:mod:`harness.verdict.client_view` says what a client alone can know.
"""

from collections.abc import Iterable, Iterator

from ..journal import (
    Entry,
    EventByServer,
    EventEntry,
    FaultInjected,
    Journal,
    ShadowSpeechStarted,
    ShadowSpeechStopped,
    SpeakerHeard,
    TurnClosed,
    UplinkAudio,
    UserSpeaks,
)
from ..protocol.events import ResponseOutputAudioDone
from ..units import SECOND
from ..world.answers import answers_heard
from .evidence import AFTER_US, COMMITTED, STARTED, STOPPED, Case
from .links import LIKELY, LINKS, PERHAPS, SERVER_LINKS, STUCK_US, Diagnosis

MISSING = "the journal of a live server holds neither the user nor what the client captured, received and played"


def diagnose(journal: Journal, utterance: UserSpeaks | None = None) -> Diagnosis:
    """Why this utterance was not answered; without one, whether the last complete utterance was, and if not, why."""
    if is_live(journal):
        return _diagnose_live(journal)
    chosen = utterance or last_spoken(journal)
    if chosen is None:
        return Diagnosis(None, ("nobody spoke",), "quiet")
    case = Case(journal, chosen)
    if utterance is None and _answered(case):
        return Diagnosis(None, ("what the user said last was answered",), "answered")
    for link in LINKS:
        found = link(case)
        if found is not None:
            return found
    return Diagnosis(
        "client_waiting", ("every link works, as far as the journal shows, and no answer is heard",), confidence=PERHAPS
    )


def is_live(journal: Journal) -> bool:
    """Whether it is the journal of a live connection: it contains what the client sent, but not what it received."""
    return bool(journal.header.get("stage") == "live")


def last_spoken(journal: Journal) -> UserSpeaks | None:
    """The last utterance that ended at least :data:`AFTER_US` before the end of the journal; else the first."""
    spoken = list(journal.select(UserSpeaks))
    complete = [entry for entry in spoken if entry.end + AFTER_US <= journal.end]
    return complete[-1] if complete else next(iter(spoken), None)


def _answered(case: Case) -> bool:
    """Whether an answer to the utterance was heard, or to the turn that it continued."""
    turn, since = case.turn, case.begin
    if turn is not None and case.goes_on:
        since = turn.started.t
    if next(answers_heard(case.journal, since), None) is not None:
        return True
    created = case.response
    manual = case.detection is None and created is not None  # without turn detection no answer refers to speech
    return manual and created is not None and any(_heard(case, created))


def _heard(case: Case, created: EventEntry) -> Iterator[SpeakerHeard]:
    heard = case.journal.select(SpeakerHeard)
    return (entry for entry in heard if entry.t >= created.t and entry.response_id == created.response_id)


def _diagnose_live(journal: Journal) -> Diagnosis:
    """What a server can know: speech is what an honest detector hears in the audio that arrived."""
    utterance = _heard_last(journal)
    if utterance is None:
        peak = max((entry.peak for entry in journal.select(UplinkAudio)), default=None)
        sent = "no audio arrived" if peak is None else f"the audio that arrived holds no speech, and peaks at {peak}"
        return Diagnosis(None, (sent, MISSING), "quiet", confidence=PERHAPS)
    case = Case(journal, utterance)
    for link in SERVER_LINKS:
        found = link(case)
        if found is not None:
            return found
    created = case.response
    spoken = case.of_response(EventByServer, ResponseOutputAudioDone, created) if created is not None else None
    if spoken is None:
        return Diagnosis("client_waiting", ("no response was asked for", MISSING), confidence=PERHAPS)
    sent = f"the answer was sent whole at {spoken.t / SECOND:.3f} s"
    faults = [f"the fault {e.kind} was injected at {e.t / SECOND:.3f} s" for e in journal.select(FaultInjected)]
    return Diagnosis(None, (sent, *faults, MISSING), "answered", confidence=PERHAPS if faults else LIKELY)


def _heard_last(journal: Journal) -> UserSpeaks | None:
    """The last speech in the audio that arrived, as an utterance; else the last commit."""
    spans = _spans(journal.select(ShadowSpeechStarted, ShadowSpeechStopped))
    spans = spans or _spans(e for e in journal.select(EventByServer, TurnClosed) if _bounds_a_turn(e))
    had_time = [(begin, end) for begin, end in spans if end + AFTER_US <= journal.end]
    for begin, end in reversed(had_time or spans):
        return _spoken(begin - SECOND // 2, end)
    committed = list(journal.events(EventByServer, COMMITTED))
    return _spoken(committed[-1].t - 1, committed[-1].t) if committed else None


def _spans(boundaries: Iterable[Entry]) -> list[tuple[int, int]]:
    """Begin and end of each speech, in microseconds; speech without an end counts as :data:`STUCK_US` long."""
    spans: list[tuple[int, int]] = []
    for entry in boundaries:
        if isinstance(entry, ShadowSpeechStarted) or (isinstance(entry, EventByServer) and entry.is_a(STARTED)):
            spans.append((entry.t, entry.t + STUCK_US))
        elif spans and entry.t < spans[-1][1]:
            spans[-1] = (spans[-1][0], entry.t)
    return spans


def _bounds_a_turn(entry: Entry) -> bool:
    return isinstance(entry, TurnClosed) or (
        isinstance(entry, EventByServer) and entry.is_a(STARTED, STOPPED, COMMITTED)
    )


def _spoken(begin: int, end: int) -> UserSpeaks:
    begin = max(0, begin)
    return UserSpeaks(t=begin, length_us=end - begin, rms=0.0, probe=False)

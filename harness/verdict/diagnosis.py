"""Whose fault the silence is, from the journal alone.

The first link that broke is the cause (:mod:`harness.verdict.links`). Two kinds of evidence are the world's: what was
spoken, and the shadow (what an honest server would have decided over the audio that arrived).
:mod:`harness.verdict.client_view` asks what a client alone can know; the journal of a live server holds neither the
user nor the client's end, and is diagnosed as far as the server can know.
"""

from harness.journal import Entry, Journal
from harness.units import SECOND
from harness.verdict.evidence import AFTER_US, COMMITTED, STARTED, STOPPED, Case
from harness.verdict.links import LIKELY, LINKS, PERHAPS, SERVER_LINKS, STUCK_US, Diagnosis
from harness.world.answers import answers_heard

MISSING = "the journal of a live server holds neither the user nor what the client captured, received and played"


def diagnose(journal: Journal, utterance: Entry | None = None) -> Diagnosis:
    """Why this ``user speaks`` entry stayed unanswered; without one, what became of the last that was complete."""
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
        "client_waiting", ("every link works, as far as the journal tells, and no answer is heard",), confidence=PERHAPS
    )


def is_live(journal: Journal) -> bool:
    """Whether it is of a live connection, where ``client`` is what the client sent and nothing tells of its end."""
    return bool(journal.header.get("stage") == "live")


def last_spoken(journal: Journal) -> Entry | None:
    """The last utterance that has had its time; else the first."""
    ends = journal.entries[-1].t if journal.entries else 0
    spoken = list(journal.select("user", "speaks"))
    complete = [entry for entry in spoken if entry.t + entry.fields["length_us"] + AFTER_US <= ends]
    return complete[-1] if complete else next(iter(spoken), None)


def _answered(case: Case) -> bool:
    """Whether an answer was heard to the utterance, or to the turn that it went on with."""
    turn, since = case.turn, case.begin
    if turn is not None and case.goes_on:
        since = turn.started.t
    if next(answers_heard(case.journal, since), None) is not None:
        return True
    created = case.response
    manual = case.detection is None and created is not None  # no speech is noticed, so none is answered by name
    return manual and created is not None and case.of_response("speaker", "heard", created) is not None


def _diagnose_live(journal: Journal) -> Diagnosis:
    """As far as the server knows: speech is what an honest detector hears in what arrived."""
    utterance = _heard_last(journal)
    if utterance is None:
        peak = max((entry.fields["peak"] for entry in journal.select("uplink", "audio")), default=None)
        sent = "no audio arrived" if peak is None else f"nobody hears speech in what arrived, which peaks at {peak}"
        return Diagnosis(None, (sent, MISSING), "quiet", confidence=PERHAPS)
    case = Case(journal, utterance)
    for link in SERVER_LINKS:
        found = link(case)
        if found is not None:
            return found
    created = case.response
    spoken = case.of_response("server", "response.output_audio.done", created) if created is not None else None
    if spoken is None:
        return Diagnosis("client_waiting", ("no response was asked for", MISSING), confidence=PERHAPS)
    sent = f"the answer was sent whole at {spoken.t / SECOND:.3f} s"
    struck = [f"the fault {e.kind} was struck at {e.t / SECOND:.3f} s" for e in journal.select("fault")]
    return Diagnosis(None, (sent, *struck, MISSING), "answered", confidence=PERHAPS if struck else LIKELY)


def _heard_last(journal: Journal) -> Entry | None:
    """The last speech in what arrived that has had its time, as a ``user speaks`` entry; else the last commit."""
    ends = journal.entries[-1].t if journal.entries else 0
    spans = _spans(journal, "shadow", "speech_started", "speech_stopped")
    spans = spans or _spans(journal, "server", STARTED, STOPPED, COMMITTED, "turn_closed")
    had_time = [(begin, end) for begin, end in spans if end + AFTER_US <= ends]
    for begin, end in reversed(had_time or spans):
        return _spoken(begin - SECOND // 2, end)
    committed = list(journal.select("server", COMMITTED))
    return _spoken(committed[-1].t - 1, committed[-1].t) if committed else None


def _spans(journal: Journal, lane: str, begins: str, *stops: str) -> list[tuple[int, int]]:
    """Begin and end of speech; what goes on for :data:`STUCK_US` has had its time."""
    spans: list[tuple[int, int]] = []
    for entry in journal.select(lane, begins, *stops):
        if entry.kind == begins:
            spans.append((entry.t, entry.t + STUCK_US))
        elif spans and entry.t < spans[-1][1]:
            spans[-1] = (spans[-1][0], entry.t)
    return spans


def _spoken(begin: int, end: int) -> Entry:
    begin = max(0, begin)
    return Entry(begin, "user", "speaks", {"length_us": end - begin, "rms": 0.0, "probe": False})

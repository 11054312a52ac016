"""The cause of a silence, from the journal alone.

The first broken link is the cause (:mod:`harness.verdict.links`). Two kinds of evidence exist only in a simulation:
what was spoken, and the shadow (what an honest detector decides about the audio that arrived). The journal of a live
server contains neither the user nor the client's side: see :mod:`harness.verdict.live_diagnosis`.
:mod:`harness.verdict.client_view` says what a client alone can know.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..journal import LIVE, Journal, SettingIgnored, UserSpeaks
from .evidence import AFTER_US, Case
from .links import LINKS, PERHAPS, Diagnosis
from .live_diagnosis import diagnose_live


def diagnose(journal: Journal, utterance: UserSpeaks | None = None) -> Diagnosis:
    """Why this utterance was not answered; without one, whether the last complete utterance was, and if not, why."""
    if is_live(journal):
        return diagnose_live(journal)
    chosen = utterance or last_spoken(journal)
    if chosen is None:
        return Diagnosis(None, ("nobody spoke",), "quiet")
    case = Case(journal, chosen)
    if utterance is None and case.answers.to(chosen) is not None:
        return Diagnosis(None, ("what the user said last was answered",), "answered")
    for link, works_until in LINKS.items():
        found = link(case)
        if found is not None:
            works_until = found.works_until or works_until
            return replace(found, evidence=(*found.evidence, *_not_in_force(case)), works_until=works_until)
    works = "every link works, as far as the journal shows, and no answer is heard"
    return Diagnosis("client_waiting", (works,), confidence=PERHAPS, works_until="heard")


def _not_in_force(case: Case) -> Iterator[str]:
    """The settings of the utterance's session that are shown and not used."""
    ignored = case.of_connection(case.journal.select(SettingIgnored))
    for setting in dict.fromkeys(entry.setting for entry in ignored if entry.t <= case.until):
        yield f"session.updated showed {setting} as the client had asked, and the session did not use it"


def diagnose_silence(journal: Journal, utterances: Sequence[UserSpeaks]) -> Diagnosis:
    """Why none of these utterances was answered: the diagnosis of most of them, of the last one if several lead.

    A single one may have been said while the client was between two of its attempts.
    """
    found = [diagnose(journal, utterance) for utterance in utterances]
    causes = [each.cause for each in found]
    return max(reversed(found), key=lambda each: causes.count(each.cause))


def is_live(journal: Journal) -> bool:
    """Whether it is the journal of a live connection: it contains what the client sent, but not what it received."""
    return bool(journal.header.get("stage") == LIVE)


def last_spoken(journal: Journal) -> UserSpeaks | None:
    """The last utterance that ended at least :data:`AFTER_US` before the end of the journal; else the first."""
    spoken = list(journal.select(UserSpeaks))
    complete = [entry for entry in spoken if entry.end + AFTER_US <= journal.end]
    return complete[-1] if complete else next(iter(spoken), None)

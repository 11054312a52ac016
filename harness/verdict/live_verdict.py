"""The verdict on the journal of a live server, as far as a server can tell: was what the user said last answered?

A live server sees what arrives and what it writes to the client's socket. It does not know what was spoken, and not
what was played; nothing else than the answer to the last words is judged.
"""

from ..causes import CAUSES
from ..errors import SettingError
from ..journal import Journal
from .diagnosis import diagnose, is_live
from .findings import Finding
from .judge import Verdict


def judge_live(journal: Journal) -> Verdict:
    """Held if the last words were answered, failed if not, vacuous if nobody spoke or entries are missing.

    Raises :exc:`SettingError` for the journal of another stage.
    """
    if not is_live(journal):
        raise SettingError("this journal is not one of a live server; judge() takes it, with its scenario")
    found = diagnose(journal)
    if found.state == "answered":
        return Verdict("held", ())
    at_us = journal.end if found.since_us is None else found.since_us
    if found.cause is None:
        return Verdict("vacuous", (Finding("premise", at_us, "; ".join(found.evidence)),))
    finding = Finding("never_silent_forever", at_us, CAUSES[found.cause], found.cause, found.evidence)
    return Verdict("failed", (finding,))

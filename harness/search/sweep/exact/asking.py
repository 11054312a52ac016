"""What the persistent user makes of the journal while it is written (:mod:`harness.world.user`).

Whether an answer is one to what was said depends on when the audio of its turn was captured and on how much of it was
speech. Rows may differ in that although both turn automata say the same: then the user goes on at another time.
"""

from collections.abc import Iterator

from ....journal import Journal, SpeakerHeard, UserSpeaks, WorldHealed
from ....world.answers import Answers
from .journals import JournalTemplate, Values
from .parting import Parting

_Heard = tuple[tuple[int, ...], ...]


def user_partings(template: JournalTemplate, values: Values, rows: list[int]) -> Iterator[tuple[int, Parting]]:
    """The rows whose user would have heard answers to something else than that of the recorded row, the first one."""
    known: _Heard | None = None
    for alike, heard in template.read(values, [0, *rows], _heard):
        known = heard if known is None else known
        if heard != known:
            yield from ((row, ("user", heard)) for row in alike)


def _heard(journal: Journal) -> _Heard:
    """For each answer after the heal: when the utterances began to which one had been heard by then."""
    found: list[tuple[int, ...]] = []
    healed = False
    for number, entry in enumerate(journal.entries):
        healed = healed or isinstance(entry, WorldHealed)
        if healed and isinstance(entry, SpeakerHeard):
            until = Journal({})
            until.header, until.entries = journal.header, journal.entries[: number + 1]
            answers = Answers(until)
            found.append(tuple(each.t for each in until.select(UserSpeaks) if each.probe and answers.to(each)))
    return tuple(found)

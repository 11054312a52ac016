"""What a sweep says about a cell: the verdict, and in figures what the settings do to the conversation."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from ...journal import EventByServer, Journal, ResponseAudio, SpeakerEnded, SpeakerStopped, UserSpeaks
from ...protocol.events import InputAudioBufferSpeechStarted, ResponseDone
from ...scenario.model import Noise, Scenario
from ...units import MS, SECOND
from ...verdict.judge import judge_record
from ...verdict.properties.words_lost import judged_utterances, lost_utterances
from ...verdict.record import RunRecord

BARGE_IN_WITHIN_US = 2 * SECOND
"""An answer that is played on for so long after the user began to speak was not interrupted."""
_HEARD_LATE_US = 300 * MS
"""A turn may begin so long after the end of the sound that began it: chunk, network and detector."""
_CUT_WITHIN_US = SECOND
"""A false turn interrupts the answer within this time, or not at all."""


@dataclass(frozen=True, slots=True)
class CellRow:
    """The results of one cell, as far as they follow from scenario and journal."""

    verdict: str
    """held, failed or vacuous, as ``stillthere run`` says."""
    cause: str | None
    """Of a failure: the cause of the silence, or else the property that is broken."""
    utterances_said: int
    """Utterances that an honest detector hears; what is repeated until it is answered counts once."""
    utterances_lost: int
    """Those of them that are in no turn whose session answered audibly afterwards (``words_lost``)."""
    utterances_inaudible: int
    """Utterances in which an honest detector hears no speech: the run says nothing about them."""
    false_turns: int
    """Turns that began while nobody spoke."""
    false_turns_noise: int
    """Those of them that began in a noise of the room."""
    false_turns_echo: int
    """Those of the others that began while the assistant was heard."""
    barge_ins: int
    """Utterances of which it is known whether they interrupted an answer, as they should."""
    barge_ins_missed: int
    """Those of them after whose begin the answer was played on for 2 s."""
    barge_ins_wrong: int
    """Answers that a false turn interrupted."""
    answer_lost_s: float
    """What the service had sent of those answers, and was not played, in seconds."""
    unanswered: int
    """Utterances, of those said, to which no answer was heard."""
    median_wait_s: float | None
    """The median time from the end of an utterance to its answer, of those answered; None if there was none."""
    longest_wait_s: float | None
    """The longest of these times."""
    noises_missing: int = 0
    """Noises of the scenario that were not played, such as one in an answer that never came."""


def measure(scenario: Scenario, journal: Journal) -> CellRow:
    """The row of a cell; its verdict is that of :func:`harness.verdict.judge.judge`."""
    record = RunRecord(journal)
    verdict = judge_record(record, scenario)
    found = _Measured(record)
    cause = (verdict.cause or verdict.broken or "expectation") if verdict.name == "failed" else None
    said = [again[0] for again in judged_utterances(record)]
    waits_us = list(found.waits_us(said))
    answered_us = [wait_us for wait_us in waits_us if wait_us is not None]
    wanted, missed = found.barge_ins()
    return CellRow(
        verdict=verdict.name,
        cause=cause,
        utterances_said=len(said),
        utterances_lost=len(lost_utterances(record)),
        utterances_inaudible=sum(not each.is_audible for each in record.answers.utterances),
        false_turns=len(found.false_starts),
        false_turns_noise=sum(found.in_noise(begun_us) for begun_us in found.false_starts),
        false_turns_echo=sum(
            found.while_played(begun_us) and not found.in_noise(begun_us) for begun_us in found.false_starts
        ),
        barge_ins=wanted,
        barge_ins_missed=missed,
        barge_ins_wrong=len(found.cut),
        answer_lost_s=round(sum(map(found.unplayed_ms, found.cut)) / 1_000, 3),
        unanswered=len(waits_us) - len(answered_us),
        median_wait_s=round(median(answered_us) / SECOND, 3) if answered_us else None,
        longest_wait_s=round(max(answered_us) / SECOND, 3) if answered_us else None,
        noises_missing=max(0, _noises_planned(scenario) - len(record.noises)),
    )


def _noises_planned(scenario: Scenario) -> int:
    return sum(step.repeat for step in scenario.timeline if isinstance(step.action, Noise))


class _Measured:
    """What is read from a record; each part once."""

    def __init__(self, record: RunRecord) -> None:
        self._record = record
        self._journal = record.journal

    # --- false turns ---

    @cached_property
    def false_starts(self) -> list[int]:
        """When turns began that no voice began, in microseconds."""
        started = self._journal.events(EventByServer, InputAudioBufferSpeechStarted)
        return [entry.t for entry in started if not self._is_of_voice(entry)]

    def _is_of_voice(self, entry: EventByServer) -> bool:
        turn = self._record.answers.turns.get(str(entry.item_id))
        if turn is not None and turn.utterances:
            return True
        return any(_sounds(each.t, each.end, entry.t) for each in self._record.answers.utterances)

    def in_noise(self, at_us: int) -> bool:
        """Whether a turn that began then began in a noise."""
        return any(_sounds(each.t, each.t + each.length_us, at_us) for each in self._record.noises)

    def while_played(self, at_us: int) -> bool:
        """Whether a turn that began then began while the assistant was heard."""
        return any(_sounds(begin_us, end_us, at_us) for begin_us, end_us in self._played.values())

    # --- interruptions ---

    @cached_property
    def _played(self) -> dict[str, tuple[int, int]]:
        """From when to when each response was heard, in microseconds."""
        found: dict[str, tuple[int, int]] = {}
        for response_id, _, begin_us, end_us in self._record.playing():
            first_us, last_us = found.get(response_id, (begin_us, end_us))
            found[response_id] = min(first_us, begin_us), max(last_us, end_us)
        return found

    def barge_ins(self) -> tuple[int, int]:
        """How many are decided, and how many of them were missed."""
        stopped = {entry.response_id: entry.t for entry in self._journal.select(SpeakerStopped)}
        taken = missed = 0
        for utterance in self._record.answers.utterances:
            if not utterance.is_audible:
                continue
            until_us = utterance.t + BARGE_IN_WITHIN_US
            for response_id, (begin_us, end_us) in self._played.items():
                if begin_us <= utterance.t < end_us:
                    taken += utterance.t <= stopped.get(response_id, -1) <= until_us
                    missed += end_us > until_us
        return taken + missed, missed

    @cached_property
    def cut(self) -> list[str]:
        """The responses that a false turn interrupted, in order: their playback stopped, or they were cancelled."""
        found: dict[str, None] = {}
        stops = [(entry.t, entry.response_id) for entry in self._journal.select(SpeakerStopped)]
        stops += [
            (entry.t, str(entry.response_id))
            for entry in self._journal.events(EventByServer, ResponseDone)
            if entry.fields.get("reason") == "turn_detected"
        ]
        for t, response_id in sorted(stops):
            if any(begun_us <= t <= begun_us + _CUT_WITHIN_US for begun_us in self.false_starts):
                found[response_id] = None
        return list(found)

    def unplayed_ms(self, response_id: str) -> int:
        """What was sent of a response and not played, in milliseconds."""
        sent_ms = sum(each.audio_ms for each in self._journal.select(ResponseAudio) if each.response_id == response_id)
        ended = self._journal.select(SpeakerEnded, SpeakerStopped)
        return max(0, sent_ms - sum(each.played_ms for each in ended if each.response_id == response_id))

    # --- waits ---

    def waits_us(self, said: list[UserSpeaks]) -> Iterator[int | None]:
        """How long each utterance waited for its answer, in microseconds; None: for ever."""
        again = self._record.waits[:1]  # said again and again from the heal until it is answered
        for utterance in said:
            answer = self._record.answers.to(utterance)
            if again and utterance == again[0].utterance:
                answer = again[0].answer
            yield None if answer is None else max(0, answer.at_us - utterance.end)


def _sounds(begin_us: int, end_us: int, at_us: int) -> bool:
    """Whether a sound can have begun a turn."""
    return begin_us <= at_us <= end_us + _HEARD_LATE_US

"""Walks up the ladders of a strategy: which remedy is next, and when."""

from dataclasses import dataclass

from ...units import MS, SECOND
from ..settings import ClientSettings
from .strategies import STRATEGIES, Remedy, Strategy
from .symptoms import NEED_OF, Need, Symptom

_LONGEST_WAIT_US = 60 * SECOND


@dataclass(slots=True)
class _Progress:
    """How far a need's ladder has been walked."""

    wait_us: int
    step: int = 0
    not_before: int = 0


class RecoveryLadder:
    """Chooses the next remedy of the strategy that the settings name; it must not be ``off``."""

    def __init__(self, settings: ClientSettings) -> None:
        self.strategy: Strategy = STRATEGIES[settings.recovery]
        self._wait_us = settings.rung_wait_ms * MS
        self._renew_us = settings.renew_after_ms * MS
        self._progress: dict[Need, _Progress] = {}

    def is_waiting(self, symptom: Symptom, now: int) -> bool:
        """Whether the last remedy for its need still has time to work."""
        progress = self._progress.get(NEED_OF[symptom])
        return progress is not None and now < progress.not_before

    def next_remedy(self, symptom: Symptom, now: int) -> Remedy | None:
        """What to do about a symptom now; None: nothing, or the last remedy still has time to work."""
        need = NEED_OF[symptom]
        wait_us = self._renew_us if need == "everything" else self._wait_us
        progress = self._progress.setdefault(need, _Progress(wait_us))
        if now < progress.not_before:
            return None
        remedies = self.strategy.ladders.get(need, ())
        if progress.step >= max(1, len(remedies)):
            progress.wait_us = max(progress.wait_us, min(_LONGEST_WAIT_US, 2 * progress.wait_us))
        chosen = remedies[min(progress.step, len(remedies) - 1)] if remedies else None
        progress.step += 1
        progress.not_before = now + progress.wait_us
        return chosen

    def skip(self, symptom: Symptom, now: int) -> Remedy | None:
        """The remedy after one that would change nothing: it need not wait."""
        self._progress[NEED_OF[symptom]].not_before = now
        return self.next_remedy(symptom, now)

    def worked(self, *needs: Need) -> None:
        """These needs are satisfied again: their ladders start at the first remedy next time."""
        for need in needs:
            self._progress.pop(need, None)

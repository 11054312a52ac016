"""Climbs a strategy's ladders: which remedy is next, and when."""

from dataclasses import dataclass

from harness.clients.settings import ClientSettings
from harness.clients.strategies import NEED_OF, STRATEGIES, Need, Remedy, Strategy, Symptom
from harness.units import MS, SECOND

LONGEST_WAIT_US = 60 * SECOND


@dataclass(slots=True)
class _Climb:
    wait_us: int
    rung: int = 0
    not_before: int = 0


class Recovery:
    """Chooses the next remedy of the strategy that the settings name; it must not be ``off``."""

    def __init__(self, settings: ClientSettings) -> None:
        self.strategy: Strategy = STRATEGIES[settings.recovery]
        self._wait_us = settings.rung_wait_ms * MS
        self._renew_us = settings.renew_after_ms * MS
        self._climbs: dict[Need, _Climb] = {}

    def knows(self, symptom: Symptom) -> bool:
        """Whether the strategy does anything about a symptom."""
        return bool(self.strategy.ladders.get(NEED_OF[symptom]))

    def waiting(self, symptom: Symptom, now: int) -> bool:
        """Whether the last remedy for it still has its time."""
        climb = self._climbs.get(NEED_OF[symptom])
        return climb is not None and now < climb.not_before

    def remedy(self, symptom: Symptom, now: int) -> Remedy | None:
        """What to do about a symptom now; None if nothing, or while the last remedy has its time."""
        need = NEED_OF[symptom]
        wait_us = self._renew_us if need == "everything" else self._wait_us
        climb = self._climbs.setdefault(need, _Climb(wait_us))
        if now < climb.not_before:
            return None
        rungs = self.strategy.ladders.get(need, ())
        if climb.rung >= max(1, len(rungs)):
            climb.wait_us = max(climb.wait_us, min(LONGEST_WAIT_US, 2 * climb.wait_us))
        chosen = rungs[min(climb.rung, len(rungs) - 1)] if rungs else None
        climb.rung += 1
        climb.not_before = now + climb.wait_us
        return chosen

    def skip(self, symptom: Symptom, now: int) -> Remedy | None:
        """The remedy after one that had nothing to do."""
        self._climbs[NEED_OF[symptom]].not_before = now
        return self.remedy(symptom, now)

    def worked(self, *needs: Need) -> None:
        """What these needs are for works again: start from the bottom next time."""
        for need in needs:
            self._climbs.pop(need, None)

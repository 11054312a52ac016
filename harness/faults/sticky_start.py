"""A turn that was dropped as noise counts as started for ever, so that no later one is noticed."""

from collections.abc import Mapping

from .seams import PolicyFault


class StickyStart(PolicyFault):
    """The server drops the first turn at its end, and never sends ``speech_started`` again."""

    name = "sticky-start"
    reports = ("read: LocalAI's own list of failure modes",)
    causes = ("vad_deaf", "turn_lost")

    @property
    def changes(self) -> Mapping[str, str]:
        return {"turn_end": "discards", "onset": "sticky"}

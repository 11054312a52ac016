"""The idle timer keeps running while turn detection is off, and fires as soon as it is on again."""

from collections.abc import Mapping

from .seams import PolicyFault


class StaleIdleTimer(PolicyFault):
    """Switching turn detection off does not stop the idle timer, which fires once detection is on again."""

    name = "stale-idle-timer"
    reports = ("openai/openai-agents-js#1208",)
    causes = ()

    @property
    def changes(self) -> Mapping[str, str]:
        return {"idle_on_vad_off": "stale"}

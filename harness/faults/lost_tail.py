"""The last audio of an answer never arrives, while its transcript is complete."""

from collections.abc import Mapping

from .seams import PolicyFault


class LostTail(PolicyFault):
    """The last audio deltas of each answer are missing, so that the user does not hear its end."""

    name = "lost-tail"
    reports = ("community 1094267",)
    causes = ()

    @property
    def changes(self) -> Mapping[str, str]:
        return {"reply": "loses_tail"}

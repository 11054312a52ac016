"""A call that has no result keeps the model silent: whoever drops one call waits for ever."""

from collections.abc import Mapping

from .seams import PolicyFault


class MuteUntilResults(PolicyFault):
    """While a tool call has no result, nothing is answered: no turn, no ``response.create``, and no error comes.

    A client that drops one of several calls hears nothing more.
    """

    name = "mute-until-results"
    reports = ("livekit/agents-js#2249", "livekit/agents#6785", "livekit/agents#6569")
    causes = ("client_waiting",)

    @property
    def changes(self) -> Mapping[str, str]:
        return {"open_calls": "mute"}

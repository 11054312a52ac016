"""The server accepts everything and sends nothing: the socket is alive, pings are answered, no event arrives."""

import numpy as np

from .seams import LOSE, PASS, WireFault, WireFilter


class Mute(WireFault):
    """No more events of the server arrive, while pings are still answered."""

    name = "mute"
    actor = "server"
    reports = ("community 1374520", "Azure-Samples/aisearch-openai-rag-audio#101", "videosdk-live/agents#251")
    causes = ("server_mute",)

    def begin(self, rng: np.random.Generator) -> WireFilter:
        return lambda message, now: LOSE if message.direction == "down" and message.kind else PASS

"""The server accepts everything and says nothing: the socket is alive, pings are answered, no event ever comes."""

import numpy as np

from harness.faults.seams import LOSE, PASS, Carriage, WireFault


class Mute(WireFault):
    """No event of the server arrives any more, while pings are still answered."""

    name = "mute"
    actor = "server"
    reports = ("community 1374520", "Azure-Samples/aisearch-openai-rag-audio#101", "videosdk-live/agents#251")
    causes = ("server_mute",)

    def begin(self, rng: np.random.Generator) -> Carriage:
        return lambda passage, now: LOSE if passage.direction == "down" and passage.kind else PASS

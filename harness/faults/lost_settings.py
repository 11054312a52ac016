"""A new session keeps its defaults, since the client's ``session.update`` never arrives."""

import numpy as np

from .dropped_events import DroppedEvents
from .seams import WireFault, WireFilter


class LostSettings(WireFault):
    """Each ``session.update`` of the client is lost, so that the session keeps its defaults."""

    name = "lost-settings"
    reports = ("inferred: a client that does not see its settings refused runs on defaults",)
    causes = ("client_waiting", "audio_garbled")

    def begin(self, rng: np.random.Generator) -> WireFilter:
        return DroppedEvents(direction="up", events="session.update").begin(rng)

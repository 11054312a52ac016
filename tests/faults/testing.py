"""Active faults with a generator of their own, and a wire that records what arrives at both ends."""

import numpy as np

from harness.faults.on_wire import WireFaults
from harness.faults.parameters import make
from harness.faults.seams import ActiveFault, MessageInfo


def activated(fault, seed=0):
    """The fault as an active one."""
    return ActiveFault(fault, np.random.default_rng(seed))


def written(fault, **parameters):
    """A fault with parameters as they are written; ``_`` stands for a blank."""
    return make(fault, {name.replace("_", " "): value for name, value in parameters.items()})


class Ways:
    """The faults of a wire alone: messages are texts, time is moved by hand."""

    def __init__(self, *faults, seed=0):
        self.now = 0
        self.arrived = []
        self._timers = []
        self.faults = WireFaults(
            lambda: self.now,
            lambda delay, action: self._timers.append((self.now + delay, len(self._timers), action)),
            lambda direction, message, damage: f"{damage} {message}",
            lambda direction, message, delay: self.arrived.append((self.now + delay, direction, message)),
        )
        self.active = [activated(fault, seed) for fault in faults]
        for each in self.active:
            self.faults.inject(each)

    def send(self, direction, kind, *, audio_us=0, size=100, control=None):
        self.faults.send(MessageInfo(direction, kind, audio_us, size, control), kind or control)

    def wait(self, microseconds):
        until = self.now + microseconds
        while due := sorted(timer for timer in self._timers if timer[0] <= until):
            self._timers.remove(due[0])
            self.now = due[0][0]
            due[0][2]()
        self.now = until

    def messages(self, direction=None):
        return [message for _, way, message in self.arrived if direction in (None, way)]

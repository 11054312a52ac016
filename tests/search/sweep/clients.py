"""Clients of a user's own, for sweeps."""

import os
import signal

from harness.clients.reference import REFERENCE_CLIENTS


def _reported(changes):
    made, defaults = REFERENCE_CLIENTS["reported"]
    return made(defaults.changed(**changes))


class Gated:
    """The reported client, whose gate is called otherwise; it raises at one value."""

    def __init__(self, settings=None):
        threshold = (settings or {}).get("my_gate", 0.03)
        if threshold == 0.7:
            os.kill(os.getpid(), signal.SIGKILL)
        if threshold == 0.5:
            raise ValueError("half is not whole")
        self._client = _reported({"gate_threshold": threshold})
        self.settings = self._client.settings

    def __getattr__(self, name):
        return getattr(self.__dict__["_client"], name)

    def hear(self, *args):
        return self._client.hear(*args)

    def receive(self, *args):
        return self._client.receive(*args)

    def wake(self, *args):
        return self._client.wake(*args)

    def next_wake(self, *args):
        return self._client.next_wake(*args)


class Fixed(Gated):
    """Takes no settings."""

    def __init__(self):
        super().__init__()

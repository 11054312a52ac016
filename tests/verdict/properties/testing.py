"""A small client for played runs, which tests of a property give one mistake, and how a property is asked."""

from harness.clients.interface import Closed, Connect, Opened, Play
from harness.protocol import events
from harness.verdict.properties import PROPERTIES
from harness.verdict.record import RunRecord
from tests.world.testing import Mute


def found(name, journal):
    """The findings of a property."""
    return list(PROPERTIES[name].find(RunRecord(journal)))


class Talker(Mute):
    """Sends all it captures, plays all it gets, and dials again at once; :meth:`begins` is its set-up of a session.

    Unrealistic in that it has no echo, so that it needs no gate.
    """

    def __init__(self):
        self.connected = False
        self.session = 0
        """The number of the session, from 1."""

    def hear(self, chunk, now):
        return [events.InputAudioBufferAppend(audio=chunk.pcm)] if self.connected else []

    def receive(self, event, now):
        if isinstance(event, Opened):
            self.connected = True
        elif isinstance(event, Closed):
            self.connected = False
            return [Connect()]
        elif isinstance(event, events.SessionCreated):
            self.session += 1
            return self.begins()
        elif isinstance(event, events.ResponseOutputAudioDelta):
            return [Play(event.delta, event.item_id, event.response_id)]
        return self.told(event)

    def begins(self):
        """The events that it sends when a session begins."""
        return []

    def told(self, event):
        """What it does on any other event."""
        return []

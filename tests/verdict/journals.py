"""Small journals made by hand: a user who speaks at 30 s, after the heal, and what the world wrote about it.

Unrealistic in that only what a judge reads is written, times are round, and lanes are written one after the other.
"""

from harness.journal import Journal
from harness.units import SECOND

BEGIN, END = 30, 33
LOUD = 3000.0


class Tale:
    """A journal in the making. Without a change everything works, but no server event happens at all."""

    def __init__(self):
        self.journal = Journal({})
        self.add(0.1, "connection", "open", connection=1)
        self.add(29, "world", "heal")

    def add(self, at_s, lane, kind, **fields):
        self.journal.write(round(at_s * SECOND), lane, kind, **fields)
        return self

    def server(self, at_s, kind, *, received=True, connection=1, **fields):
        """An event that the server sends and that reaches the client, or not."""
        self.add(at_s, "server", kind, connection=connection, **fields)
        return self.add(at_s + 0.04, "client", kind, connection=connection, **fields) if received else self

    def speaks(self, at_s=BEGIN, *, rms=LOUD, probe=True, length_s=END - BEGIN):
        return self.add(at_s, "user", "speaks", length_us=length_s * SECOND, rms=rms, probe=probe)

    def audio(self, lane, *, rms=LOUD, peak=None, zeros=0, begin_s=BEGIN, end_s=END, **fields):
        """Entries of half a second, 25 chunks each."""
        peak = round(3 * rms) if peak is None else peak
        for half in range(2 * begin_s, 2 * end_s):
            self.add(half / 2, lane, "audio", chunks=25, samples=12_000, rms=rms, peak=peak, zeros=zeros, **fields)
        return self

    def arrives(self, begin_s=0, end_s=40):
        for second in range(begin_s, end_s):
            self.add(second, "server", "audio_arrives", connection=1)
        return self

    def sent(self, **options):
        return self.audio("uplink", connection=1, **options)

    def end(self, at_s=40):
        return self.add(at_s, "world", "end").journal


def utterance(journal):
    """The last thing the user said."""
    return list(journal.select("user", "speaks"))[-1]

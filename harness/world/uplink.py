"""What the client under test sends: noted in the journal, and measured."""

from msgspec import UNSET

from ..audio.chunk import Chunk
from ..audio.formats import SAMPLE_RATE_HZ
from ..journal import EventAtClient, Journal, UplinkAudio
from ..protocol.events import Event, ResponseCreate, SessionUpdate
from ..units import MS
from .captured import SentStream
from .connection import Connection
from .network import Network
from .scheduler import Scheduler
from .tape import Levels, Tape


class Uplink:
    """Call :meth:`audio` or :meth:`event` for what is sent, and :meth:`flush` at the end."""

    def __init__(self, scheduler: Scheduler, journal: Journal, network: Network) -> None:
        self._scheduler = scheduler
        self._journal = journal
        self._network = network
        self._stream = SentStream(network.captured)
        self._tape = Tape(self._write)

    def _write(self, began: int, connection: int, levels: Levels, age_ms: int) -> None:
        self._journal.add(UplinkAudio(t=began, **levels, connection=connection, age_ms=age_ms or UNSET))

    def chunk(self, size: int, energy: int, peak: int, connection: Connection) -> None:
        """Audio is sent whose levels are known."""
        self._tape.add(self._scheduler.now, size, energy, peak, connection.number)

    def audio(self, audio: bytes, connection: Connection) -> None:
        """Audio is sent, in the session's format."""
        audio_format = connection.session.hearing.format
        whole = len(audio) - len(audio) % audio_format.bytes_per_sample
        sent = Chunk.of(audio_format.decode(audio[:whole]))
        now = self._scheduler.now
        pieces = self._stream.pieces(audio)
        age_ms = (now - pieces[-1].captured_us) // MS if pieces else 0
        ratio = SAMPLE_RATE_HZ // audio_format.rate_hz
        self._tape.add(now, ratio * sent.size, ratio * sent.energy, sent.peak, connection.number, age_ms)

    def event(self, event: Event, connection: Connection) -> None:
        """Another event is sent."""
        if isinstance(event, SessionUpdate):
            self._network.sent.asks(event.session)
        elif isinstance(event, ResponseCreate):
            self._network.sent.asks(event.response)
        self._journal.add(EventAtClient.of(event, t=self._scheduler.now, connection=connection.number))

    def flush(self) -> None:
        """Write the levels of the last, incomplete window."""
        self._tape.flush()

"""The dialects of the wire: JSON text in, GA events out; GA events in, JSON text out.

The session knows the GA dialect only. A connection that speaks the beta puts :class:`harness.protocol.beta.Beta`
between the session and the socket; the service itself has switched the beta off (captured, 2026-09), Azure and old
clients still speak it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from harness.errors import SettingError, did_you_mean
from harness.protocol import codec
from harness.protocol.beta import Beta
from harness.protocol.events import ClientEvent, Event


class Dialect(Protocol):
    """What a connection speaks. Encode what the session answers to one message before the next one is decoded."""

    @property
    def name(self) -> str:
        """``ga`` or ``beta``."""

    @property
    def policy(self) -> Mapping[str, str]:
        """Server policies (:class:`harness.server.policy.ServerPolicy`) that go with the dialect."""

    @property
    def session(self) -> Mapping[str, Any]:
        """Where the defaults of a new session differ from the GA's, in the shape of a GA ``session.update``."""

    def decode(self, text: str | bytes) -> ClientEvent:
        """A client's message. Raises :exc:`harness.errors.ProtocolError` in the words and paths of the dialect."""

    def encode(self, event: Event) -> list[bytes]:
        """The UTF-8 JSON texts of a server event: none where the dialect has no such event."""


class Ga:
    """The dialect that the service speaks now, since 2025-08."""

    name = "ga"
    policy: Mapping[str, str] = MappingProxyType({})
    session: Mapping[str, Any] = MappingProxyType({})

    def decode(self, text: str | bytes) -> ClientEvent:
        """As :func:`harness.protocol.codec.decode_client_event`."""
        return codec.decode_client_event(text)

    def encode(self, event: Event) -> list[bytes]:
        """One text for each event."""
        return [codec.encode(event)]


DIALECTS: Mapping[str, Callable[[], Dialect]] = MappingProxyType({"ga": Ga, "beta": Beta})
"""The dialects by name."""


def find(name: str) -> Dialect:
    """The dialect for one connection: it may remember what the client said, so each connection needs its own.

    Raises :exc:`SettingError` for an unknown name.
    """
    if name not in DIALECTS:
        raise SettingError(f"no dialect is called {name!r}; {did_you_mean(name, DIALECTS)}")
    return DIALECTS[name]()

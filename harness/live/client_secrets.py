"""The client secrets that the server has created: ``ek_…`` keys, each with the session that it opens, until it expires.

A backend creates them with its own key and gives them to a browser, which dials with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..server.session import SessionKind

PREFIX = "ek_"
"""All of them begin with it (documented)."""
_MOST_BYTES = 16 * 1024 * 1024
_LEAST_BYTES = 1024
"""A secret counts as so many bytes at least, so that there are not too many of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecret:
    """A key that opens sessions until ``expires_at``, in Unix seconds; a session that is open then goes on."""

    value: str
    expires_at: int
    kind: SessionKind = "realtime"
    model: str | None = None
    """None: the client names one when it dials."""
    session: Mapping[str, Any]
    """What a ``session.update`` of that configuration would hold."""
    owner: str | None = None
    """The key with which it was created; None if keys are not checked."""
    size_bytes: int = 0
    """Of the request that created it."""

    def has_expired(self, now: float) -> bool:
        """Whether it opens no session any more, at this Unix time."""
        return now >= self.expires_at


class ClientSecrets:
    """Remembers secrets, expired ones too, until those created later take their place: 16 MiB of requests in all."""

    def __init__(self) -> None:
        self._known: dict[str, ClientSecret] = {}
        self._bytes = 0

    def add(self, secret: ClientSecret) -> None:
        """Remember a new one."""
        self._known[secret.value] = secret
        self._bytes += _size(secret)
        while self._bytes > _MOST_BYTES and len(self._known) > 1:
            self._bytes -= _size(self._known.pop(next(iter(self._known))))

    def find(self, key: str | None) -> ClientSecret | None:
        """The secret that a key is, expired or not."""
        return None if key is None else self._known.get(key)


def _size(secret: ClientSecret) -> int:
    return max(_LEAST_BYTES, secret.size_bytes)

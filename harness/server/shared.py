"""What all parts of one session share."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2s

from .config import SessionConfig
from .conversation import Conversation
from .policy import ServerPolicy
from .voice import Voice

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_COUNT = re.compile(r"[0-9]{9,}")
_SALT_LENGTHS = {"call": 7}
"""Of ids that are shorter than the others."""


class IdSource:
    """Identifiers in the service's shape: a prefix and 21 base62 characters, or 16 for a call; the first are ordered in
    time (captured).

    Mints the ids of one session: the same ``name`` gives the same ids, another name none in common.
    """

    __slots__ = ("_count", "_salt")

    def __init__(self, name: str) -> None:
        digest = int.from_bytes(blake2s(name.encode()).digest()[:10], "big")
        self._salt = "".join(_BASE62[digest // 62**place % 62] for place in range(12))
        self._count = 0

    def mint(self, prefix: str) -> str:
        """The next id, such as ``event_000000017aB3…``; ``prefix`` is without its underscore."""
        self._count += 1
        return f"{prefix}_{self._count:09d}{self._salt_of(prefix)}"

    def is_of(self, text: str) -> bool:
        """Whether it is an id that this source mints, sooner or later."""
        prefix, _, minted = text.partition("_")
        salt = self._salt_of(prefix)
        return minted.endswith(salt) and prefix.isalpha() and _COUNT.fullmatch(minted.removesuffix(salt)) is not None

    def _salt_of(self, prefix: str) -> str:
        return self._salt[: _SALT_LENGTHS.get(prefix)]


@dataclass(slots=True)
class Shared:
    """One session's ids, switches, configuration, conversation and script."""

    ids: IdSource
    policy: ServerPolicy
    config: SessionConfig
    conversation: Conversation
    voice: Voice
    spoken: dict[str, str] = field(default_factory=dict)
    """What the user said in each spoken turn, by its item."""

    def event_id(self) -> str:
        """The id of the next event."""
        return self.ids.mint("event")


def earliest(times: Iterable[int | None]) -> int | None:
    """The first of the times that are due at all."""
    return min((time for time in times if time is not None), default=None)

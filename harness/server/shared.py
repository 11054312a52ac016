"""What all parts of one session share."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2s

from .config import SessionConfig
from .conversation import Conversation
from .policy import ServerPolicy
from .voice import Voice

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PREFIX = re.compile(r"[a-z]+_[0-9]{9,}")


class IdSource:
    """Identifiers in the service's shape: a prefix and 21 base62 characters, the first of them time-ordered (captured).

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
        return f"{prefix}_{self._count:09d}{self._salt}"

    def is_of(self, text: str) -> bool:
        """Whether it is an id that this source mints, sooner or later."""
        return text.endswith(self._salt) and _PREFIX.fullmatch(text.removesuffix(self._salt)) is not None


@dataclass(slots=True)
class Shared:
    """One session's ids, switches, configuration, conversation and script."""

    ids: IdSource
    policy: ServerPolicy
    config: SessionConfig
    conversation: Conversation
    voice: Voice
    words: str = ""
    """What the user said or wrote last."""

    def event_id(self) -> str:
        """The id of the next event."""
        return self.ids.mint("event")


def earliest(times: Iterable[int | None]) -> int | None:
    """The first of the times that are due at all."""
    return min((time for time in times if time is not None), default=None)

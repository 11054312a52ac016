"""Identifiers in the service's shape: a prefix and 21 base62 characters, the first of them time-ordered (captured)."""

from hashlib import blake2s

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class IdSource:
    """Mints the ids of one session: the same ``name`` gives the same ids, another name none in common."""

    __slots__ = ("_count", "_salt")

    def __init__(self, name: str) -> None:
        digest = int.from_bytes(blake2s(name.encode()).digest()[:10], "big")
        self._salt = "".join(_BASE62[digest // 62**place % 62] for place in range(12))
        self._count = 0

    def mint(self, prefix: str) -> str:
        """The next id, such as ``event_000000017aB3…``; ``prefix`` is without its underscore."""
        self._count += 1
        return f"{prefix}_{self._count:09d}{self._salt}"

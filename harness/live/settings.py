"""Where and how a server listens, and whom it serves."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import InputError
from harness.live.admission import Admission
from harness.live.limits import Timing
from harness.live.listening import Address, check_address
from harness.live.strikes import FaultSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSettings:
    """``tls`` None: plain ``ws://``. ``journal_dir`` None: no files are written. ``port`` 0: any free one.

    A ``token`` is the one good key for sessions, and the control API asks for it; with it, and ``allow_remote``, the
    server may be reached from other machines. ``faults`` are those that every session gets.
    """

    host: str = "127.0.0.1"
    port: int = 0
    allow_remote: bool = False
    token: str | None = None
    tls: ssl.SSLContext | None = None
    admission: Admission = field(default_factory=Admission)
    faults: tuple[FaultSpec, ...] = ()
    journal_dir: Path | None = None
    timing: Timing = field(default_factory=Timing)

    def check(self) -> Address:
        """Where it listens. Raises :exc:`InputError` as :func:`check_address` does, and for a bad token or key."""
        if self.token is not None and not _can_be_sent(self.token):
            raise InputError("the token is empty or has characters that a header cannot hold; use letters and digits")
        if not all(map(_can_be_sent, self.admission.keys)):
            raise InputError(
                "a key is empty or has characters that a header cannot hold, so no client can send it; use letters "
                "and digits, or leave it out"
            )
        return check_address(self.host, self.port, allow_remote=self.allow_remote, token=self.token)


def _can_be_sent(key: str) -> bool:
    """Whether ``Authorization: Bearer KEY`` can hold it."""
    return key.isascii() and key.isprintable() and key.split() == [key]

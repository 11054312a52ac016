"""The settings of a live server: where it listens, whom it serves, which faults every session gets."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError
from .access import Access, read_access
from .admission import Admission
from .faults import FaultSpec
from .listening import Address, check_address
from .socket.limits import Timing

_LONGEST_RESUME_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSettings:
    """``port`` 0: any free one. ``tls`` None: plain ``ws://``. ``journal_dir`` None: no files are written.

    A ``token`` is the only valid key for sessions, and the control API needs it; with it and ``allow_remote``, other
    machines can reach the server. The sessions get the ``faults``. A client that connects again within
    ``resume_within_s`` continues its journal; 0: only one that gives a journal's name does. Web pages are
    served if their origin is a loopback one or one of ``allow_origins``, such as ``https://app.example``; ``null`` are
    sandboxed frames and files, and ``*`` is every page. Clients reach the server by loopback names and those of
    ``allow_hosts``; with ``allow_remote``, by any IP address too.
    """

    host: str = "127.0.0.1"
    port: int = 0
    allow_remote: bool = False
    token: str | None = None
    allow_origins: tuple[str, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    tls: ssl.SSLContext | None = None
    admission: Admission = field(default_factory=Admission)
    faults: tuple[FaultSpec, ...] = ()
    journal_dir: Path | None = None
    resume_within_s: float = 30.0
    timing: Timing = field(default_factory=Timing)

    def check(self) -> Address:
        """The address to listen on. Raises :exc:`InputError` as :func:`check_address`, and for a bad setting."""
        self.access()
        if self.token is not None and not _fits_header(self.token):
            raise InputError("the token is empty or has characters that a header cannot hold; use letters and digits")
        if not 0 <= self.resume_within_s <= _LONGEST_RESUME_S:
            raise InputError(f"a client cannot resume within {self.resume_within_s:g} s; choose 0 to 3600 s")
        if not all(map(_fits_header, self.admission.keys)):
            raise InputError(
                "a key is empty or has characters that a header cannot hold, so no client can send it; use letters "
                "and digits, or leave it out"
            )
        return check_address(self.host, self.port, allow_remote=self.allow_remote, token=self.token)

    def access(self) -> Access:
        """Which pages are served, and by which names. Raises :exc:`InputError` for what is no origin or host."""
        return read_access(self.allow_origins, self.allow_hosts, any_address=self.allow_remote)


def _fits_header(key: str) -> bool:
    """Whether ``Authorization: Bearer KEY`` can hold it."""
    return key.isascii() and key.isprintable() and key.split() == [key]

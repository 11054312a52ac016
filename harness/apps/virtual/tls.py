"""TLS that is pretended: it has succeeded, and leaves the bytes as they are."""

import ssl
from typing import Any


class _Facts:
    """What a TLS connection says of itself."""

    def getpeercert(self, binary_form: bool = False) -> Any:
        return b"" if binary_form else {}

    def cipher(self) -> tuple[str, str, int]:
        return "TLS_AES_256_GCM_SHA384", "TLSv1.3", 256

    def version(self) -> str:
        return "TLSv1.3"

    def compression(self) -> None:
        return None

    def selected_alpn_protocol(self) -> str:
        return "http/1.1"

    def get_channel_binding(self, kind: str = "tls-unique") -> None:
        return None

    def shared_ciphers(self) -> None:
        return None


PRETENDED = _Facts()


class _PretendedTls:
    """What ``SSLContext.wrap_bio`` gives."""

    def __init__(self, context: Any, incoming: Any, outgoing: Any, server_side: bool, hostname: str | None) -> None:
        self.context, self.server_hostname, self.server_side, self.session = context, hostname, server_side, None
        self._incoming, self._outgoing = incoming, outgoing

    def do_handshake(self) -> None:
        """It has succeeded."""

    def read(self, size: int = 1024, buffer: Any = None) -> Any:
        data = self._incoming.read(size)
        if not data and not self._incoming.eof:
            raise ssl.SSLWantReadError
        if buffer is None:
            return data
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:
        return int(self._outgoing.write(data))

    def unwrap(self) -> None:
        """There is nothing to say."""

    def pending(self) -> int:
        return int(self._incoming.pending)

    def __getattr__(self, name: str) -> Any:
        return getattr(PRETENDED, name)


def pretend_tls(
    context: Any,
    incoming: Any,
    outgoing: Any,
    server_side: bool = False,
    server_hostname: Any = None,
    session: Any = None,
) -> _PretendedTls:
    """In place of ``SSLContext.wrap_bio``."""
    return _PretendedTls(context, incoming, outgoing, server_side, server_hostname)

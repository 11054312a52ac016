"""A certificate authority of the server's own, made at each start, for clients that connect to ``wss://`` only."""

import base64
import contextlib
import hashlib
import ipaddress
import re
import socket
import ssl
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ..errors import InputError
from ..writing import make_folder, write_plain
from .listening import own_addresses

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_LABEL = re.compile(r"(?!..--)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identity:
    """The server's certificate, and how clients can trust it."""

    context: ssl.SSLContext
    names: tuple[str, ...]
    """The host names and IP addresses for which it is valid."""
    ca_file: Path
    spki_sha256: str
    """SHA-256 of the public key, in base64: for Chromium's ``--ignore-certificate-errors-spki-list``."""

    @property
    def advice(self) -> str:
        """How to make a client in Python, Node or Chromium trust it."""
        return (
            f"its certificate is for {', '.join(self.names)}\n"
            f"its certificate authority is {self.ca_file}; a client trusts it with\n"
            f"  Python    SSL_CERT_FILE={self.ca_file}, or ssl.create_default_context(cafile={str(self.ca_file)!r})\n"
            f"  Node      NODE_EXTRA_CA_CERTS={self.ca_file}\n"
            f"  Chromium  --user-data-dir=FOLDER --ignore-certificate-errors-spki-list={self.spki_sha256}"
        )


def make_identity(folder: Path | None, host: str = "localhost", further: Iterable[str] = ()) -> Identity:
    """A new authority and a certificate for ``host``, the ``further`` names and this machine's loopback names.

    If other machines can reach ``host``, it is also for this machine's name and all its addresses. ``ca.pem`` with the
    authority's certificate is written to ``folder``, or to a temporary one, which stays when the server stops. The
    authority's key is not written; the certificate's is, for as long as it is loaded, to a temporary file that only its
    owner can read. Raises :exc:`InputError` if the folder cannot be written to.
    """
    authority = trustme.CA()
    names = tuple(dict.fromkeys((*_LOOPBACK_NAMES, host, *filter(_fits, further), *_remote_names(host))))
    leaf = authority.issue_cert(*names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    try:
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="stillthere-"))
        make_folder(folder)
        ca_file = folder / "ca.pem"
        write_plain(ca_file, authority.cert_pem.bytes())
    except OSError as error:
        raise InputError(f"ca.pem cannot be written to {folder} ({error.strerror}); choose another folder") from None
    return Identity(context, names, ca_file, _spki_sha256(leaf.cert_chain_pems[0].bytes()))


def _remote_names(host: str) -> list[str]:
    """The names of this machine for other machines, if they can reach it."""
    with contextlib.suppress(ValueError):  # other machines may know any other name
        if host == "localhost" or ipaddress.ip_address(host).is_loopback:
            return []
    name = socket.gethostname()
    names = [name] if "." in name else [name, f"{name}.local"]
    return [*filter(_fits, names), *own_addresses()]


def _fits(name: str) -> bool:
    """Whether a certificate can be for a name or an address: the DNS has no underscores."""
    return ":" in name or all(map(_LABEL.fullmatch, name.split(".")))


def _spki_sha256(certificate: bytes) -> str:
    key = x509.load_pem_x509_certificate(certificate).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()

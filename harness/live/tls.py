"""A certificate authority of the server's own, made anew at each start, for clients that speak ``wss://`` only."""

import base64
import contextlib
import hashlib
import ipaddress
import re
import socket
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from harness.errors import InputError
from harness.live.listening import own_addresses

NAMES = ("localhost", "127.0.0.1", "::1")
_LABEL = re.compile(r"(?!..--)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identity:
    """The server's certificate, and how its clients come to trust it."""

    context: ssl.SSLContext
    names: tuple[str, ...]
    """The host names and IP addresses for which it is good."""
    ca_file: Path
    spki_sha256: str
    """What Chromium's ``--ignore-certificate-errors-spki-list`` takes: the SHA-256 of the public key, in base64."""

    @property
    def advice(self) -> str:
        """How a client in Python, Node or Chromium is told to trust it."""
        return (
            f"its certificate is for {', '.join(self.names)}\n"
            f"its certificate authority is {self.ca_file}; a client trusts it with\n"
            f"  Python    SSL_CERT_FILE={self.ca_file}, or ssl.create_default_context(cafile={str(self.ca_file)!r})\n"
            f"  Node      NODE_EXTRA_CA_CERTS={self.ca_file}\n"
            f"  Chromium  --user-data-dir=FOLDER --ignore-certificate-errors-spki-list={self.spki_sha256}"
        )


def make_identity(folder: Path | None, host: str = "localhost") -> Identity:
    """A new authority and a certificate for ``host`` and this machine's loopback names.

    If other machines reach ``host``, it is for this machine's own name and all its addresses too. ``ca.pem`` is written
    to ``folder``, or to a temporary one, which is left when the server stops. Only the authority's certificate is
    written; its key and the server's are not. Raises :exc:`InputError`.
    """
    authority = trustme.CA()
    names = tuple(dict.fromkeys((*NAMES, host, *_remote_names(host))))
    leaf = authority.issue_cert(*names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    try:
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="stillthere-"))
        folder.mkdir(parents=True, exist_ok=True)
        ca_file = folder / "ca.pem"
        authority.cert_pem.write_to_path(str(ca_file))
    except OSError as error:
        raise InputError(f"ca.pem cannot be written to {folder} ({error.strerror}); choose another folder") from None
    return Identity(context, names, ca_file, _spki_sha256(leaf.cert_chain_pems[0].bytes()))


def _remote_names(host: str) -> list[str]:
    """How other machines may name this one, if they can reach it."""
    with contextlib.suppress(ValueError):  # any other name may well be known to others
        if host == "localhost" or ipaddress.ip_address(host).is_loopback:
            return []
    name = socket.gethostname()
    names = [name] if "." in name else [name, f"{name}.local"]
    return [each for each in names if all(map(_LABEL.fullmatch, each.split(".")))] + own_addresses()


def _spki_sha256(certificate: bytes) -> str:
    key = x509.load_pem_x509_certificate(certificate).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()

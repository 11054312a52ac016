"""HTTP requests that clients make before the socket (client secrets, sessions, calls, models), passed to the endpoint.

Neither requests nor answers are written down. Of an answer with a client secret it is remembered whose it is, as a
digest, so that clients that get a new secret for each dial continue their journals.
"""

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import Mapping

import h11
import msgspec

from ..admission import read_connect_request
from ..before_socket.vendor_errors import sentence
from ..control.api import ControlResponse
from ..control.routes import JSON
from .target import Target
from .upstream import HOP_BY_HOP, passed_headers, reason

_WITHIN_S = 60.0
_MOST_BYTES = 4 * 1024 * 1024
"""A longer answer is refused with 502: none of these routes has one."""
_READ_BYTES = 64 * 1024
_MOST_OWNERS = 1_000


class PassedCalls:
    """Passes requests to one endpoint."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._owners: dict[bytes, bytes] = {}

    def owner(self, key: str | None) -> str | None:
        """What stands for whoever has got this key: for a client secret, the key that it was created with."""
        if key is None:
            return None
        digest = _digest(key)
        return self._owners.get(digest, digest).hex()

    async def respond(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> ControlResponse:
        """The endpoint's answer, whatever it is; 502 or 504 and one sentence if there is none."""
        lowered = {name.lower(): value for name, value in headers.items()}
        try:
            async with asyncio.timeout(_WITHIN_S):
                answer = await self._ask(method, target, lowered, body)
        except TimeoutError:
            return self._failed(504, f"has not answered for {_WITHIN_S:g} s")
        except (OSError, ssl.SSLError) as error:
            return self._failed(502, reason(error))
        except h11.ProtocolError as error:
            return self._failed(502, f"did not answer in HTTP/1.1 ({error})")
        self._remember(read_connect_request(target, lowered, ()).key, answer.body)
        return answer

    async def _ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> ControlResponse:
        tls, host = self._target.tls, self._target.host
        named = None if tls is None else host
        reader, writer = await asyncio.open_connection(host, self._target.port, ssl=tls, server_hostname=named)
        try:
            http = h11.Connection(h11.CLIENT)
            passed = passed_headers({**headers, "accept-encoding": "identity"})  # a secret in the answer is looked for
            sent = [("Host", self._target.host_header), ("Connection", "close"), *passed]
            if body or method not in ("GET", "HEAD", "OPTIONS"):
                sent.append(("Content-Length", str(len(body))))
            asked = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent]
            path = self._target.of(target).encode("latin-1")
            for event in (
                h11.Request(method=method, target=path, headers=asked),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                writer.write(http.send(event) or b"")
            await writer.drain()
            return await self._read(http, reader)
        finally:
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await writer.wait_closed()

    async def _read(self, http: h11.Connection, reader: asyncio.StreamReader) -> ControlResponse:
        head: h11.Response | None = None
        body = bytearray()
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                http.receive_data(await reader.read(_READ_BYTES))
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > _MOST_BYTES:
                    return self._failed(502, f"answered with over {_MOST_BYTES} bytes")
            elif isinstance(event, h11.EndOfMessage):
                assert head is not None
                headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers]
                return passed_answer(head.status_code, headers, bytes(body))
            elif isinstance(event, h11.ConnectionClosed):
                return self._failed(502, "ended the connection without an answer")

    def _failed(self, status: int, why: str) -> ControlResponse:
        body = msgspec.json.encode(sentence(f"the proxy has no answer: {self._target.origin} {why}"))
        return ControlResponse(status, {"Content-Type": JSON, "Content-Length": str(len(body))}, body)

    def _remember(self, key: str | None, body: bytes) -> None:
        if key is None:
            return
        with contextlib.suppress(msgspec.DecodeError, msgspec.ValidationError):
            secret = msgspec.json.decode(body, type=_Secret)
            value = secret.value or (secret.client_secret.value if secret.client_secret else None)
            if value:
                digest = _digest(key)
                self._owners[_digest(value)] = self._owners.get(digest, digest)
        while len(self._owners) > _MOST_OWNERS:
            del self._owners[next(iter(self._owners))]


class _Value(msgspec.Struct):
    value: str | None = None


class _Secret(_Value):
    client_secret: _Value | None = None


def passed_answer(status: int, headers: list[tuple[str, str]], body: bytes) -> ControlResponse:
    """An answer of the endpoint as the client gets it: without what was about the connection to the endpoint."""
    kept: dict[str, str] = {}
    for name, value in headers:
        lowered = name.lower()
        if lowered not in HOP_BY_HOP and not lowered.startswith("sec-websocket-"):
            kept[name] = value
    if status != 204:
        kept["Content-Length"] = str(len(body))
    return ControlResponse(status, kept, body)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()

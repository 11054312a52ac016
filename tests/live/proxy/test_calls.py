"""HTTP requests that a proxy passes on to an endpoint."""

import asyncio
import gzip
import json

from harness.live.proxy.calls import PassedCalls
from harness.live.proxy.target import read_target

SECRET = "ek_0123456789abcdef"


async def compresses_if_it_may(reader, writer):
    """An endpoint that answers with a client secret, as small as the request allows."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    body, encoding = json.dumps({"value": SECRET}).encode(), b""
    if b"gzip" in head:
        body, encoding = gzip.compress(body), b"content-encoding: gzip\r\n"
    writer.write(b"HTTP/1.1 200 OK\r\n" + encoding + b"content-length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()
    writer.close()


async def test_a_secret_belongs_to_its_key_whatever_encodings_the_client_accepts():
    endpoint = await asyncio.start_server(compresses_if_it_may, "127.0.0.1", 0)
    async with endpoint:
        port = endpoint.sockets[0].getsockname()[1]
        calls = PassedCalls(read_target(f"ws://127.0.0.1:{port}"))
        headers = {"Authorization": "Bearer sk-mine", "Accept-Encoding": "gzip, br"}
        answer = await calls.respond("GET", "/v1/realtime/client_secrets", headers, b"")
        assert json.loads(answer.body) == {"value": SECRET}
        assert calls.owner(SECRET) == calls.owner("sk-mine")

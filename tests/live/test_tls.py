"""``wss://`` (§2.1): who trusts the authority that was made on the spot."""

import asyncio
import base64
import contextlib
import hashlib
import os
import ssl
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import openai
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.asyncio.client import connect

from harness.errors import InputError
from harness.live import tls
from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.live.socket.limits import MAX_MESSAGE_BYTES
from harness.live.tls import make_identity
from tests.live.testing import DEAF, KEY, PATIENCE_S, address, ask_for_much, dial, receive, still_works


@pytest.fixture(scope="module")
def identity(tmp_path_factory):
    return make_identity(tmp_path_factory.mktemp("ca"))


@pytest.fixture
async def server(identity):
    async with LiveServer(DEAF, LiveSettings(tls=identity.context)) as running:
        yield running


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_the_key_is_its_owners_for_as_long_as_it_is_a_file(tmp_path, monkeypatch):
    seen, load = [], ssl.SSLContext.load_cert_chain

    def noted(context, path):
        seen.append((b"PRIVATE KEY" in Path(path).read_bytes(), stat.S_IMODE(Path(path).stat().st_mode)))
        load(context, path)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", noted)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = os.umask(0)
    try:
        make_identity(tmp_path / "new")
    finally:
        os.umask(before)
    assert seen == [(True, 0o600)]
    assert [each.name for each in tmp_path.iterdir()] == ["new"], "and it is gone"
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert b"PRIVATE" not in (tmp_path / "new" / "ca.pem").read_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_in_the_place_of_the_certificate_is_one_sentence(tmp_path):
    os.mkfifo(tmp_path / "ca.pem")
    with pytest.raises(InputError, match=r"ca\.pem cannot be written to .* \(it is not a regular file\)"):
        make_identity(tmp_path)


def trusting(identity) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=identity.ca_file)


async def test_clients_that_trust_the_authority(server, identity):
    assert server.url.startswith("wss://127.0.0.1:")
    async with dial(server, ssl=trusting(identity)) as websocket:
        await still_works(websocket)


async def test_localhost_by_name(server, identity):
    url = address(server).replace("127.0.0.1", "localhost")
    async with connect(url, additional_headers=KEY, ssl=trusting(identity), host="127.0.0.1") as websocket:
        assert (await receive(websocket))["type"] == "session.created"


async def test_clients_that_do_not(server):
    with pytest.raises(ssl.SSLCertVerificationError):
        await connect(address(server), additional_headers=KEY)


async def test_plain_clients(server):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    writer.close()


@pytest.mark.behaviour("tls")
async def test_openai_sdk(server, identity):
    client = openai.AsyncOpenAI(api_key="sk-x", websocket_base_url=server.url.removesuffix("/realtime"))
    options = {"ssl": trusting(identity)}
    async with client.realtime.connect(model="gpt-realtime", websocket_connection_options=options) as connection:
        assert (await connection.recv()).type == "session.created"


async def test_environment_variable(server, identity):
    program = (
        "import asyncio, sys; from websockets.asyncio.client import connect\n"
        "async def main():\n"
        "    async with connect(sys.argv[1], additional_headers={'Authorization': 'Bearer x'}) as websocket:\n"
        "        print('session.created' in await websocket.recv())\n"
        "asyncio.run(main())"
    )
    found = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program, address(server)],
        env={"SSL_CERT_FILE": str(identity.ca_file)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.stdout, found.stderr) == ("True\n", "")


async def test_close_of_the_server_arrives(server, identity):
    """TLS has no half-closed connection: the Close must have left before the connection goes."""
    websocket = await connect(address(server), additional_headers=KEY, ssl=trusting(identity))
    await receive(websocket)
    server.close(1, 4321, "because")
    await websocket.wait_closed()
    assert (websocket.protocol.close_code, websocket.protocol.close_reason) == (4321, "because")


async def test_too_large_a_message_is_told_so(server, identity):
    websocket = await connect(address(server), additional_headers=KEY, ssl=trusting(identity), compression=None)
    await receive(websocket)
    sending = asyncio.create_task(websocket.send("x" * (MAX_MESSAGE_BYTES + 1)))
    await websocket.wait_closed()
    await asyncio.gather(sending, return_exceptions=True)
    assert websocket.protocol.close_code == 1009


async def test_stopping_does_not_wait_for_half_a_handshake(identity):
    async with asyncio.timeout(PATIENCE_S), LiveServer(DEAF, LiveSettings(tls=identity.context)) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"\x16\x03\x01\x02")
        await asyncio.sleep(0.05)
    writer.close()


async def test_a_client_that_reads_nothing_stops_its_session(server, identity):
    async with dial(server, ssl=trusting(identity), max_queue=1) as websocket:
        await ask_for_much(websocket)
        await asyncio.sleep(0.3)
        assert server.sessions()[0].events_in < 12
        websocket.transport.abort()


def test_advice_names_what_must_be_trusted(identity):
    assert str(identity.ca_file) in identity.advice
    assert "BEGIN CERTIFICATE" in identity.ca_file.read_text()
    assert "PRIVATE KEY" not in identity.ca_file.read_text()
    assert identity.spki_sha256 in identity.advice


def shake_hands(identity, name: str) -> ssl.SSLObject:
    """The end of a client that dials ``name``. Raises :exc:`ssl.SSLCertVerificationError`."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = identity.context.wrap_bio(to_server, to_client, server_side=True)
    client = trusting(identity).wrap_bio(to_client, to_server, server_hostname=name)
    for side in (client, server, client, server):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    return client


class TestNames:
    @pytest.fixture
    def machine(self, monkeypatch):
        monkeypatch.setattr(tls.socket, "gethostname", lambda: "Build-7")
        monkeypatch.setattr(tls, "own_addresses", lambda: ["192.0.2.7", "2001:db8::7"])

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.8"])
    def test_of_a_machine_that_others_reach(self, machine, tmp_path, host):
        identity = make_identity(tmp_path, host)
        for name in ("localhost", "127.0.0.1", "::1", host, "192.0.2.7", "2001:db8::7", "build-7", "build-7.local"):
            shake_hands(identity, name)
            assert name in identity.advice.lower().splitlines()[0]
        for name in ("192.0.2.9", "example.com"):
            with pytest.raises(ssl.SSLCertVerificationError):
                shake_hands(identity, name)

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
    def test_of_a_machine_that_they_do_not(self, machine, tmp_path, host):
        identity = make_identity(tmp_path, host)
        shake_hands(identity, host)
        with pytest.raises(ssl.SSLCertVerificationError):
            shake_hands(identity, "192.0.2.7")

    def test_names_that_are_allowed(self, tmp_path):
        identity = make_identity(tmp_path, "127.0.0.1", ["stillthere", "192.0.2.9", "2001:db8::9", "my_service"])
        for name in ("stillthere", "192.0.2.9", "2001:db8::9", "localhost"):
            shake_hands(identity, name)
        with pytest.raises(ssl.SSLCertVerificationError):
            shake_hands(identity, "example.com")

    @pytest.mark.parametrize("name", ["my_machine", "-a", "ab--c", "a" * 64, "", "a..b", "schlüssel"])
    def test_a_name_that_no_certificate_can_hold_is_left_out(self, machine, monkeypatch, tmp_path, name):
        monkeypatch.setattr(tls.socket, "gethostname", lambda: name)
        shake_hands(make_identity(tmp_path, "0.0.0.0"), "192.0.2.7")


def test_fingerprint_is_of_the_key_that_clients_see(identity):
    client = shake_hands(identity, "localhost")
    shown = x509.load_der_x509_certificate(client.getpeercert(binary_form=True)).public_key()
    spki = shown.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert base64.b64decode(identity.spki_sha256) == hashlib.sha256(spki).digest()


def test_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="choose another folder"):
        make_identity(tmp_path / "file" / "ca")

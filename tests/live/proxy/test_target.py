"""Which endpoint a URL names, and which of its paths stands for a client's (docs/proxy.md)."""

import ssl

import pytest

from harness.errors import InputError
from harness.live.proxy.target import read_target

CLIENT = "/v1/realtime?model=gpt-realtime"


@pytest.mark.parametrize(
    ("to", "client", "asked"),
    [
        ("wss://api.openai.com", CLIENT, CLIENT),
        ("wss://api.openai.com/", CLIENT, CLIENT),
        ("wss://api.openai.com/v1/realtime", CLIENT, CLIENT),
        ("wss://api.openai.com/v1/realtime", "/realtime?model=m", "/v1/realtime?model=m"),
        ("wss://api.openai.com/v1/realtime", "/v1/realtime/client_secrets", "/v1/realtime/client_secrets"),
        ("wss://api.openai.com/v1/realtime", "/v1/models", "/v1/models"),
        ("wss://x.openai.azure.com/openai/v1/realtime", CLIENT, "/openai/v1/realtime?model=gpt-realtime"),
        ("wss://x.example/openai/v1/realtime", "/v1/realtime/calls", "/openai/v1/realtime/calls"),
        ("wss://gateway.example/team/ws", "/v1/realtime", "/team/ws"),
        ("wss://gateway.example/realtime?api-version=1", CLIENT, "/realtime?api-version=1&model=gpt-realtime"),
        ("wss://api.openai.com", "/v1/realtime?journal=mine&model=a%2Fb", "/v1/realtime?model=a%2Fb"),
    ],
)
def test_the_path_that_is_asked_for(to, client, asked):
    assert read_target(to).of(client) == asked


@pytest.mark.parametrize(
    ("to", "host", "origin"),
    [
        ("wss://API.openai.com", "api.openai.com", "wss://api.openai.com"),
        ("https://api.openai.com", "api.openai.com", "wss://api.openai.com"),
        ("wss://h.example:8443/x", "h.example:8443", "wss://h.example:8443"),
        ("ws://127.0.0.1:8765", "127.0.0.1:8765", "ws://127.0.0.1:8765"),
        ("ws://[::1]:80", "[::1]", "ws://[::1]"),
    ],
)
def test_its_name(to, host, origin):
    target = read_target(to)
    assert (target.host_header, target.origin) == (host, origin)


def test_a_secure_endpoints_certificate_and_name_are_checked():
    tls = read_target("wss://api.openai.com").tls
    assert tls is not None
    assert tls.verify_mode is ssl.CERT_REQUIRED
    assert tls.check_hostname


@pytest.mark.parametrize(
    ("to", "open_to_others"), [("ws://10.0.0.7", True), ("ws://localhost:1", False), ("wss://10.0.0.7", False)]
)
def test_whether_keys_travel_unencrypted(to, open_to_others):
    assert read_target(to).is_open_to_others is open_to_others


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("api.openai.com", "is no endpoint; write wss://HOST"),
        ("ftp://x", "'ftp://x' is no endpoint"),
        ("wss://", "is no endpoint"),
        ("wss://key@host", "a user or a password"),
        ("wss://host/#x", "a fragment"),
        ("wss://host:99999", "is not a URL"),
        ("wss://hö.example", "percent-encoded"),
    ],
)
def test_what_is_no_endpoint_is_one_sentence(to, why):
    with pytest.raises(InputError, match=why):
        read_target(to)


def test_a_sentence_about_a_url_does_not_show_its_key():
    with pytest.raises(InputError) as refused:
        read_target("wss://user:sk-secret@host")
    assert "sk-secret" not in str(refused.value)


def test_an_authority_that_cannot_be_read(tmp_path):
    for ca, why in ((tmp_path / "none.pem", "No such file"), (tmp_path / "bad.pem", "holds no certificate")):
        if ca.name == "bad.pem":
            ca.write_text("nothing", encoding="utf-8")
        with pytest.raises(InputError, match=why):
            read_target("wss://host", ca)
    with pytest.raises(InputError, match="ws:// has no certificate"):
        read_target("ws://host", tmp_path / "none.pem")

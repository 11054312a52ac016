"""Where the server listens, and the URL for its clients."""

import socket

import pytest

from harness.errors import InputError
from harness.live import listening
from harness.live.listening import check_address, own_addresses


def url(host: str) -> str:
    return check_address(host, 80, allow_remote=True, token="t").url("ws", "/x")


@pytest.mark.parametrize(
    ("own", "host", "reached_at"),
    [
        (["192.0.2.7", "2001:db8::7"], "0.0.0.0", "ws://192.0.2.7:80/x"),
        (["192.0.2.7", "2001:db8::7"], "::", "ws://[2001:db8::7]:80/x"),
        (["192.0.2.7", "192.0.2.8"], "0.0.0.0", "ws://192.0.2.7:80/x"),
        (["192.0.2.7"], "::", "ws://[::1]:80/x"),
        ([], "0.0.0.0", "ws://127.0.0.1:80/x"),
        (["192.0.2.7"], "192.0.2.8", "ws://192.0.2.8:80/x"),
    ],
)
def test_an_address_that_stands_for_all_has_a_url_to_connect_to(monkeypatch, own, host, reached_at):
    monkeypatch.setattr(listening, "own_addresses", lambda: own)
    assert url(host) == reached_at


def test_own_addresses_are_this_machines_and_not_its_loopback():
    """Only an address of the machine can be bound; which there are differs from machine to machine."""
    for address in own_addresses():
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as bound:
            bound.bind((address, 0))
        assert not address.startswith("127.") and address != "::1"


@pytest.mark.parametrize(
    ("routes", "interfaces", "looked_up", "found"),
    [
        (
            "Main:\n  |-- 127.0.0.1\n     /32 host LOCAL\n  |-- 192.0.2.255\n     /32 link BROADCAST\n"
            "  |-- 192.0.2.7\n     /32 host LOCAL\nLocal:\n  |-- 192.0.2.7\n     /32 host LOCAL\n",
            "00000000000000000000000000000001 01 80 10 80       lo\n"
            "fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n"
            "20010db8000000000000000000000007 04 40 00 82     eth0\n",
            [],
            ["192.0.2.7", "2001:db8::7"],
        ),
        (None, None, ["127.0.1.1", "192.0.2.7", "fe80::1%en0", "2001:db8::7"], ["192.0.2.7", "2001:db8::7"]),
        (None, None, OSError("no such name"), []),
    ],
    ids=["Linux", "elsewhere", "nameless"],
)
def test_own_addresses_from_what_the_system_says(monkeypatch, routes, interfaces, looked_up, found):
    files = {"/proc/net/fib_trie": routes, "/proc/net/if_inet6": interfaces}

    def read(path, *_):
        if files[str(path)] is None:
            raise FileNotFoundError(path)
        return files[str(path)]

    def look_up(name, port, **_):
        if isinstance(looked_up, OSError):
            raise looked_up
        return [(None, None, 0, "", (address, port)) for address in looked_up]

    monkeypatch.setattr(listening.Path, "read_text", read)
    monkeypatch.setattr(listening.socket, "getaddrinfo", look_up)
    monkeypatch.setattr(listening, "_routed", lambda: iter(()))
    assert own_addresses() == found


@pytest.mark.parametrize("token", [None, "t"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_the_loopback_cannot_be_opened_to_other_machines(host, token):
    with pytest.raises(InputError, match=r"this machine alone; add --host 0\.0\.0\.0 and --token TOKEN"):
        check_address(host, 0, allow_remote=True, token=token)

"""Which pages and which host names are let in, without a socket. What browsers send is in the Fetch standard."""

import ipaddress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.errors import InputError
from harness.live.access import read_access

LOOPBACK = "127.0.0.1:8765"


def visit(origin=None, host=LOOPBACK, *, allow=(), hosts=(), any_address=False):
    headers = {"host": host, "origin": origin}
    sent = {name: value for name, value in headers.items() if value is not None}
    return read_access(allow, hosts, any_address=any_address).visit(sent)


class TestOrigins:
    def test_none_is_a_program_s(self):
        assert visit(None) == visit(None, host=None)
        assert (visit(None).refusal, visit(None).origin) == (None, None)

    @pytest.mark.parametrize(
        "origin",
        [
            "http://localhost",
            "http://localhost:3000",
            "https://localhost:5173",
            "HTTP://LocalHost:1",
            "http://app.localhost:80",
            "http://localhost.:3000",
            "http://127.0.0.1:65535",
            "http://127.255.0.9",
            "https://[::1]:8443",
            "http://[0:0:0:0:0:0:0:1]",
            "http://[::ffff:7f00:1]",
        ],
    )
    def test_a_loopback_page_of_any_port(self, origin):
        assert (visit(origin).refusal, visit(origin).origin) == (None, origin)

    @pytest.mark.parametrize(
        "origin",
        [
            "null",
            "http://app.example",
            "https://localhost.app.example",
            "http://127.0.0.1.app.example:3000",
            "http://notlocalhost",
            "http://192.168.1.5:3000",
            "http://0.0.0.0:8765",
            "http://[::2]",
            "http://[::ffff:c000:201]",
            "capacitor://localhost",
            "tauri://localhost",
            "app://.",
            "file://",
            "chrome-extension://abcdefghijklmnop",
            "moz-extension://01234567-89ab-cdef-0123-456789abcdef",
        ],
    )
    def test_another_one_only_if_it_is_named(self, origin):
        refused, named = visit(origin), visit(origin, allow=[origin, "https://else.example"])
        assert refused.origin is None
        assert refused.refusal.endswith(f"start the server with --allow-origin {origin}")
        assert repr(origin) in refused.refusal
        assert (named.refusal, named.origin) == (None, origin)
        assert visit(origin, allow=["https://else.example"]).refusal == refused.refusal
        assert visit(origin, allow=["*"]).origin == origin

    @pytest.mark.parametrize(
        "origin",
        [
            "",
            " ",
            "http://localhost, https://evil.example",
            "http://localhost,http://localhost",
            "http://localhost http://localhost",
            "null, null",
            "http://",
            "http://.",
            "localhost",
            "//localhost",
            "http:localhost",
            "http://localhost/",
            "http://localhost/x",
            "http://me@localhost",
            "http://localhost@evil.example",
            "http://localhost:x",
            "http://localhost:65536",
            "http://localhost\\.evil.example",
            "http://[::1",
            "http://[zz]",
            "http://localh\xf6st",
            "http://$(id)",
            "NULL",
        ],
    )
    def test_what_is_no_single_origin_never(self, origin):
        """RFC 6454 has a list; no browser sends one, and a proxy that joins two headers would make one."""
        found = visit(origin, allow=["*"])
        assert found.origin is None
        assert "is not one origin" in found.refusal
        assert "--allow-origin" not in found.refusal

    @pytest.mark.parametrize(
        ("named", "sent"),
        [
            ("https://app.example", "https://app.example"),
            ("https://app.example:443", "https://app.example"),
            ("http://app.example:80", "http://app.example"),
            ("https://app.example/", "https://app.example"),
            ("HTTPS://App.Example", "https://app.example"),
            ("https://app.example.", "https://app.example"),
            ("https://bücher.example:8443", "https://xn--bcher-kva.example:8443"),
            ("http://пример.рф:3000/", "http://xn--e1afmkfd.xn--p1ai:3000"),
            ("http://[2001:DB8:0::1]", "http://[2001:db8::1]"),
            ("file:///", "file://"),
        ],
    )
    def test_two_ways_to_write_one(self, named, sent):
        assert visit(sent, allow=[named]).origin == sent

    @pytest.mark.parametrize(
        "sent",
        ["http://app.example", "https://app.example:8443", "https://a.app.example", "https://app.example.evil"],
    )
    def test_another_scheme_port_or_name_is_another_origin(self, sent):
        assert visit(sent, allow=["https://app.example"]).refusal

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "app.example",
            "https://",
            "https://a/b",
            "https://a//",
            "https://a?b",
            "https://u@a",
            "a b",
            "https://*.a",
            "http://a:99999",
            "http://a,http://b",
            "http://[::g]",
        ],
    )
    def test_what_is_none_cannot_be_named(self, text):
        with pytest.raises(
            InputError, match="is not an origin; write its scheme, host and port, as in https://app"
        ) as no:
            read_access([text], [])
        assert repr(text) in str(no.value)


class TestHosts:
    @pytest.mark.parametrize(
        "host",
        ["localhost", "LOCALHOST.:80", "a.localhost", "127.9.9.9:1", "[::1]:8765", "[::ffff:127.0.0.1]", "localhost:"],
    )
    def test_loopback_names(self, host):
        assert visit(host=host).refusal is None

    @pytest.mark.parametrize(
        ("host", "named"),
        [
            ("stillthere:8765", "stillthere"),
            ("My_Service", "my_service"),
            ("app.example.:80", "app.example"),
            ("app.example", "APP.example."),
            ("xn--bcher-kva.example", "bücher.example"),
            ("10.0.2.2:8765", "10.0.2.2"),
            ("[2001:db8::1]:80", "2001:DB8:0::1"),
            ("[2001:db8::1]", "[2001:db8::1]"),
            ("0.0.0.0:8765", "0.0.0.0"),
        ],
    )
    def test_other_names_need_to_be_allowed(self, host, named):
        assert "start the server with --allow-host " in visit(host=host).refusal
        assert visit(host=host, hosts=["else.example"]).refusal
        assert visit(host=host, hosts=[named]).refusal is None

    @pytest.mark.parametrize(
        "host", ["", ":80", "[", "[]", "a b", "a, b", "me@localhost", "http://localhost", "b\xfc", "a:x"]
    )
    def test_what_names_no_host(self, host):
        assert "names no host; use http://127.0.0.1" in visit(host=host).refusal

    @given(st.ip_addresses())
    def test_any_address_if_other_machines_may_connect(self, address):
        """A rebound name is a name: an address in ``Host`` is where the browser is connected to."""
        host = f"[{address}]:8765" if address.version == 6 else f"{address}:8765"
        assert visit(host=host, any_address=True).refusal is None
        assert visit(host="evil.example", any_address=True).refusal

    @pytest.mark.parametrize(
        "text", ["", ".", "*", "*.example", "a:80", "http://a", "a/b", "a b", "[::1]:80", "a,b", "[abc]"]
    )
    def test_what_is_none_cannot_be_allowed(self, text):
        with pytest.raises(InputError, match="is not a host; write a name or an IP address") as no:
            read_access([], [text])
        assert repr(text) in str(no.value)


class TestTheServersOwnPage:
    """It is served by the server, so its origin is the scheme and the ``Host`` by which the browser reached it."""

    @pytest.mark.parametrize(
        ("origin", "host"),
        [
            ("http://stillthere:8765", "stillthere:8765"),
            ("http://stillthere", "stillthere"),
            ("https://stillthere", "stillthere"),
            ("https://stillthere", "stillthere:443"),
        ],
    )
    def test_under_an_allowed_name(self, origin, host):
        assert visit(origin, host, hosts=["stillthere"]).origin == origin
        assert visit(origin, host).refusal, "the name was rebound"

    @pytest.mark.parametrize(
        ("origin", "host"),
        [
            ("http://stillthere:3000", "stillthere:8765"),
            ("http://stillthere", "stillthere:8765"),
            ("http://other:8765", "stillthere:8765"),
            ("app://stillthere:8765", "stillthere:8765"),
            ("http://stillthere:8765", "localhost:8765"),
            ("http://stillthere:8765", None),
        ],
    )
    def test_a_page_of_another_server_there_is_another(self, origin, host):
        assert "--allow-origin" in visit(origin, host, hosts=["stillthere"]).refusal

    def test_by_an_address(self):
        assert visit("http://192.0.2.7:8765", "192.0.2.7:8765", any_address=True).refusal is None
        assert visit("http://192.0.2.7:3000", "192.0.2.7:8765", any_address=True).refusal


NAMES = st.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True) | st.sampled_from(["localhost.evil", "127.0.0.1.evil"])


@given(
    scheme=st.sampled_from(["http", "https", "file", "app", "chrome-extension"]),
    name=NAMES | st.ip_addresses().map(lambda it: f"[{it}]" if it.version == 6 else str(it)),
    port=st.none() | st.integers(0, 65_535),
)
def test_no_origin_that_is_neither_loopback_nor_named(scheme, name, port):
    if scheme in ("http", "https"):
        assume(not loopback(name))
    origin = f"{scheme}://{name}" + ("" if port is None else f":{port}")
    found = visit(origin, allow=["https://named.example", "null", "app://named"])
    assert found.refusal
    assert found.origin is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_sent_is_answered(origin, host):
    found = visit(origin, host)
    assert (found.refusal is None) or (
        found.origin is None and "\n" not in found.refusal and found.refusal.isprintable()
    )


def loopback(name):
    """By the definitions of RFC 6761 and RFC 1122, told apart in another way than the server does."""
    labels = name.removesuffix(".").split(".")
    if labels[-1] == "localhost":
        return True
    if name.startswith("["):
        number = int(ipaddress.IPv6Address(name[1:-1]))
        return number == 1 or number >> 24 == 0xFFFF7F
    return len(labels) == 4 and labels[0] == "127" and all(each.isdigit() and int(each) < 256 for each in labels)

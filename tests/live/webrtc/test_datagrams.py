"""What a datagram is, by RFC 7983 and RFC 5761."""

import pytest

from harness.live.webrtc.datagrams import kind_of_datagram


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x00\x01\x00\x08\x21\x12\xa4\x42", "stun"),
        (b"\x01\x01\x00\x08\x21\x12\xa4\x42", "stun"),
        (b"\x14\xfe\xfd\x00", "dtls"),
        (b"\x16\xfe\xfd\x00", "dtls"),
        (b"\x3f\xfe\xfd\x00", "dtls"),
        (b"\x80\x6f\x00\x01", "rtp"),
        (b"\x90\xef\x00\x01", "rtp"),
        (b"\x80\xc8\x00\x06", "rtcp"),
        (b"\x81\xc9\x00\x07", "rtcp"),
    ],
)
def test_the_first_byte_tells(data, kind):
    assert kind_of_datagram(data) == kind

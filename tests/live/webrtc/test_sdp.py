"""What of an offer is kept, and the shape of an answer."""

from harness.live.webrtc.sdp import answer_of_service, has_data_channel, opus_payload, readable_offer

CHROMIUM = """v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9
a=rtpmap:111 opus/48000/2
a=rtpmap:63 red/48000/2
a=rtpmap:9 G722/8000
a=candidate:1 1 udp 2113937151 2c0f1d0e-a5b1-4d0c-9d3e-8d0c8b3e3b3f.local 51234 typ host
a=candidate:2 1 udp 2113937151 192.168.1.7 51235 typ host
a=candidate:3 1 tcp 1518280447 127.0.0.1 9 typ host tcptype active
a=candidate:4 1 udp 2113937151 127.0.0.1 51236 typ host
a=candidate:broken
a=end-of-candidates
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
a=mid:1
"""
AIORTC = """v=0
m=audio 43342 UDP/TLS/RTP/SAVPF 111 9
a=rtpmap:111 opus/48000/2
a=rtpmap:9 G722/8000
a=rtcp-fb:9 nack
a=fingerprint:sha-256 00:11
a=fingerprint:sha-384 00:11:22
a=setup:active
m=application 43342 UDP/DTLS/SCTP webrtc-datachannel
a=mid:1
"""


def candidates(offer):
    return [line.split()[4] for line in offer.splitlines() if line.startswith("a=candidate:")]


def test_only_candidates_of_this_machine_are_tried():
    offer = readable_offer(CHROMIUM, loopback_only=True)
    assert candidates(offer) == ["127.0.0.1"]
    assert "end-of-candidates" not in offer
    assert has_data_channel(offer) and offer.endswith("a=mid:1\r\n")


def test_a_name_is_never_looked_up():
    assert candidates(readable_offer(CHROMIUM, loopback_only=False)) == ["192.168.1.7", "127.0.0.1"]


def test_the_answer_has_one_codec_with_fec():
    lines = answer_of_service(AIORTC).splitlines()
    assert lines[1:6] == [
        "m=audio 43342 UDP/TLS/RTP/SAVPF 111",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=fingerprint:sha-256 00:11",
        "a=setup:active",
    ]
    assert opus_payload(AIORTC) == 111

"""What of an SDP offer the server takes, and how its answer looks: text in, text out.

The answer is aiortc's, with Opus and one fingerprint alone, as the service's is (captured, esp-webrtc-solution#50), and
with the parameter without which Chromium sends no FEC.
"""

import re

_CANDIDATE = "a=candidate:"
_NO_MORE = "a=end-of-candidates"
"""It is left out too: aiortc would not wait for the checks of a peer all of whose candidates were left out."""
_NEEDED = ("a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:")
_RTPMAP = re.compile(r"a=rtpmap:(\d+) ([^/]+)/(\d+)", re.IGNORECASE)
_OTHER_FINGERPRINT = re.compile(r"a=fingerprint:(?!sha-256 )")
_OF_PAYLOAD = re.compile(r"a=(?:rtpmap|fmtp|rtcp-fb):(\d+)[ :]")
_FEC = "minptime=10;useinbandfec=1"
_LEAST_FIELDS = 8
"""Of a candidate: foundation, component, transport, priority, address, port, typ and type."""


class InvalidOffer(Exception):
    """It is no offer that a call can begin with."""


def check_offer(text: str) -> None:
    """Raise :exc:`InvalidOffer` if it is none, or has no audio in Opus. It needs no candidate."""
    lines = _lines(text)
    if not lines or lines[0] != "v=0" or not any(line.startswith("m=audio ") for line in lines):
        raise InvalidOffer
    if not all(any(line.startswith(needed) for line in lines) for needed in _NEEDED):
        raise InvalidOffer
    if opus_payload(text) is None:
        raise InvalidOffer


def readable_offer(text: str, *, loopback_only: bool) -> str:
    """The offer as aiortc is given it, without the candidates that it must not try; mDNS names are not looked up."""
    lines = _lines(text)
    kept = [line for line in lines if line != _NO_MORE and _may_stay(line, loopback_only)]
    return "\r\n".join(kept) + "\r\n"


def has_data_channel(offer: str) -> bool:
    """Whether the client makes a data channel."""
    return re.search(r"(?m)^m=application ", offer) is not None


def opus_payload(text: str) -> int | None:
    """The payload type of Opus; None if it is not among the codecs."""
    for line in text.splitlines():
        found = _RTPMAP.match(line)
        if found is not None and found[2].lower() == "opus":
            return int(found[1])
    return None


def answer_of_service(answer: str) -> str:
    """An answer of aiortc as the service's answers are: Opus only, with FEC."""
    opus = opus_payload(answer)
    lines = []
    for line in answer.splitlines():
        of_payload = _OF_PAYLOAD.match(line)
        if (of_payload is not None and int(of_payload[1]) != opus) or _OTHER_FINGERPRINT.match(line):
            continue
        if line.startswith("m=audio "):
            words = line.split(" ")
            line = " ".join([*words[:3], str(opus)])
        if of_payload is not None and line.startswith("a=fmtp:"):
            continue
        lines.append(line)
        if of_payload is not None and line.startswith("a=rtpmap:"):
            lines.append(f"a=fmtp:{opus} {_FEC}")
    return "\r\n".join(lines) + "\r\n"


def _lines(text: str) -> list[str]:
    return [line for line in re.split(r"\r?\n", text.strip()) if line]


def _may_stay(line: str, loopback_only: bool) -> bool:
    if not line.startswith(_CANDIDATE):
        return True
    fields = line.removeprefix(_CANDIDATE).split()
    if len(fields) < _LEAST_FIELDS or fields[2].lower() != "udp":
        return False
    address = fields[4]
    if loopback_only:
        return address.startswith("127.") or address == "::1"
    return not address.endswith(".local")

"""``POST /v1/realtime/calls``: what a client asks for that wants a call over WebRTC, and who starts it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Protocol

import msgspec

from ...errors import ProtocolError
from ..admission import Admitted, ConnectRequest
from ..webrtc.sdp import InvalidOffer, check_offer
from .vendor_errors import VendorError, not_json

SDP = "application/sdp"
_MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call that may begin. ``offer`` is SDP; ``session`` is a checked ``session.update``, if the client sent one."""

    offer: str
    admitted: Admitted
    request: ConnectRequest
    session: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class StartedCall:
    """The server's answer, which is SDP, and the id of the call."""

    call_id: str
    answer: str


class CallDesk(Protocol):
    """Starts and ends calls."""

    def start(self, call: NewCall) -> asyncio.Future[StartedCall]:
        """Begin a call; the future raises :exc:`VendorError` if the offer cannot be used."""
        ...

    def hang_up(self, call_id: str) -> bool:
        """End a call; False if there is none with this id."""
        ...


def invalid_offer() -> VendorError:
    """The offer cannot be used (captured, espressif/esp-webrtc-solution#17)."""
    message = "Invalid SDP offer. Please try again with a WHIP-compliant offer."
    return VendorError(400, ProtocolError("invalid_offer", message))


def offer_and_session(content_type: str, body: bytes) -> tuple[str, dict[str, Any] | None]:
    """The SDP of a body, and its session if it is multipart. Raises :exc:`VendorError`."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == SDP:
        return _offer(body), None
    if kind != _MULTIPART:
        message = (
            f"Unsupported content type. This API method only accepts '{SDP}' and '{_MULTIPART}' requests, but you "
            f"specified the header 'Content-Type: {content_type[:100]}'."
        )
        raise VendorError(400, ProtocolError("unsupported_content_type", message))
    parts = _parts(content_type, body)
    if "sdp" not in parts:
        raise invalid_offer()
    return _offer(parts["sdp"]), _session(parts["session"]) if "session" in parts else None


def _parts(content_type: str, body: bytes) -> dict[str, bytes]:
    """The parts of a form, by name."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    form = BytesParser(policy=HTTP).parsebytes(head + body)
    parts: dict[str, bytes] = {}
    for part in form.iter_parts() if form.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True) if isinstance(part, Message) else None
        if isinstance(name, str) and isinstance(content, bytes):
            parts[name] = content
    return parts


def _session(content: bytes) -> dict[str, Any]:
    try:
        session = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise not_json() from None
    if not isinstance(session, dict):
        raise not_json()
    return session


def _offer(sdp: bytes) -> str:
    try:
        offer = sdp.decode()
        check_offer(offer)
    except (UnicodeDecodeError, InvalidOffer):
        raise invalid_offer() from None
    return offer

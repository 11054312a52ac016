"""What ``POST /v1/realtime/calls`` takes and refuses, before there is a peer."""

import asyncio
import json

import pytest

from harness.live.before_socket import api
from harness.live.before_socket.calls import StartedCall
from tests.live.before_socket.testing import KEY, Rest

OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "a=ice-ufrag:aaaa",
        "a=ice-pwd:bbbbbbbbbbbbbbbbbbbbbbbb",
        "a=fingerprint:sha-256 00:11",
        "a=rtpmap:111 opus/48000/2",
        "",
    ]
)
"""No candidate is in it."""
PATH = "/v1/realtime/calls?model=gpt-realtime"
SDP = {"Content-Type": "application/sdp"}


class Desk:
    """Begins no call, and remembers what was asked for."""

    def __init__(self):
        self.asked = []
        self.hung_up = []

    def start(self, call):
        self.asked.append(call)
        started = asyncio.get_running_loop().create_future()
        started.set_result(StartedCall("rtc_7", "v=0\r\n"))
        return started

    def hang_up(self, call_id):
        self.hung_up.append(call_id)
        return call_id == "rtc_7"


def form(session=None, offer=OFFER):
    """A form as openai's package sends it."""
    parts = [f'Content-Disposition: form-data; name="sdp"\r\nContent-Type: application/sdp\r\n\r\n{offer}']
    if session is not None:
        shown = json.dumps(session)
        parts.append(f'Content-Disposition: form-data; name="session"\r\nContent-Type: application/json\r\n\r\n{shown}')
    body = "".join(f"--edge\r\n{part}\r\n" for part in parts) + "--edge--\r\n"
    return body.encode(), {"Content-Type": "multipart/form-data; boundary=edge"}


@pytest.fixture
def rest(monkeypatch):
    """The routes of a server with calls, as if aiortc were installed."""
    monkeypatch.setattr(api, "lacks_extra", lambda: False)
    rest = Rest(desk := Desk())
    rest.desk = desk
    return rest


@pytest.mark.behaviour("calls")
async def test_an_offer_begins_a_call(rest):
    response = await rest.ask("POST", PATH, OFFER.encode(), Origin="https://app.example", **SDP)
    assert (response.status, response.body) == (201, b"v=0\r\n")
    assert response.headers["Location"] == "/v1/realtime/calls/rtc_7"
    assert response.headers["Content-Type"] == "application/sdp"
    assert "Location" in response.headers["Access-Control-Expose-Headers"]
    assert rest.desk.asked[0].admitted.model == "gpt-realtime"


@pytest.mark.behaviour("calls")
async def test_a_form_may_have_the_session(rest):
    body, headers = form({"type": "realtime", "model": "gpt-realtime-mini", "instructions": "Be brief."})
    response = await rest.ask("POST", "/v1/realtime/calls", body, **headers)
    assert response.status == 201
    call = rest.desk.asked[0]
    assert (call.admitted.model, call.session["instructions"]) == ("gpt-realtime-mini", "Be brief.")
    assert call.offer.strip() == OFFER.strip()


@pytest.mark.behaviour("calls")
async def test_a_client_secret_begins_a_call(rest):
    asked = {"session": {"type": "realtime", "model": "gpt-realtime", "instructions": "Be brief."}}
    key = rest.post("/v1/realtime/client_secrets", asked)["value"]
    mine = {**KEY, "Authorization": f"Bearer {key}", **SDP}
    response = await rest.ask("POST", "/v1/realtime/calls", OFFER.encode(), mine)
    assert response.status == 201
    assert rest.desk.asked[0].admitted.session["instructions"] == "Be brief."
    rest.now += 601
    refused = rest.ask("POST", "/v1/realtime/calls", OFFER.encode(), mine)
    assert refused.status == 401 and b"expired" in refused.body


@pytest.mark.behaviour("calls-offer")
@pytest.mark.parametrize(
    "offer",
    [
        "",
        "v=0\r\n",
        OFFER.replace("opus", "PCMU"),
        OFFER.replace("a=ice-pwd", "a=x"),
        OFFER.replace("m=audio", "m=video"),
        OFFER.replace("a=fingerprint", "a=x"),
    ],
)
def test_what_is_no_offer(rest, offer):
    for body, headers in ((offer.encode(), SDP), form(offer=offer)):
        status, error = rest.error("POST", PATH, body, **headers)
        assert (status, error["code"]) == (400, "invalid_offer")
        assert error["message"] == "Invalid SDP offer. Please try again with a WHIP-compliant offer."


def test_mistakes_of_the_session_are_those_of_an_update(rest):
    body, headers = form({"type": "realtime", "model": "gpt-realtime", "instructions": 5})
    status, error = rest.error("POST", "/v1/realtime/calls", body, **headers)
    assert (status, error["code"], error["param"]) == (400, "invalid_type", "session.instructions")
    status, error = rest.error("POST", "/v1/realtime/calls", OFFER.encode(), **SDP)
    assert (status, error["code"]) == (400, "missing_model")
    status, error = rest.error("POST", PATH, OFFER.encode(), **{"Content-Type": "application/json"})
    assert (status, error["code"]) == (400, "unsupported_content_type")


def test_a_call_needs_a_key(rest):
    assert rest.ask("POST", PATH, OFFER.encode(), {"Host": "127.0.0.1", **SDP}).status == 401


@pytest.mark.behaviour("calls-hangup")
def test_hanging_up(rest):
    response = rest.ask("POST", "/v1/realtime/calls/rtc_7/hangup")
    assert (response.status, response.body, response.headers["Content-Length"]) == (200, b"", "0")
    assert rest.error("POST", "/v1/realtime/calls/rtc_8/hangup")[0] == 404


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(api, "lacks_extra", lambda: True)
    status, error = Rest(Desk()).error("POST", PATH, OFFER.encode(), **SDP)
    assert status == 501
    assert error["message"] == "WebRTC needs aiortc, which is not installed; run: pip install 'stillthere[webrtc]'"

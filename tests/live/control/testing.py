"""A server without sockets, for the tests of the control API.

It is unrealistic in this: its sessions do nothing by themselves, faults are only listed, and no fault ends by itself.
"""

import json
from dataclasses import replace
from itertools import count

from harness.errors import SettingError
from harness.live.access import Access
from harness.live.control.api import ControlApi, catalogue
from harness.live.control.views import FaultView, HandsView, SessionPage, SessionView, VerdictView
from harness.live.faults import INJECTABLE

HOST = {"Host": "127.0.0.1:8765"}

OPEN = SessionView(
    number=1,
    id="sess_1",
    model="gpt-realtime",
    dialect="ga",
    state="open",
    opened_at=1_763_000_000.0,
    open_s=12.5,
    turn_detection="server_vad",
    turn="idle",
    response_id=None,
    audio_in_s=12.0,
    audio_out_s=3.5,
    events_in=600,
    events_out=42,
    faults=(),
    peer="127.0.0.1:50001",
    close_code=None,
    close_reason="",
    entries=3,
)
CLOSED = replace(OPEN, number=2, id="sess_2", state="closed", close_code=1006, close_reason="gone")


SILENT = VerdictView(
    state="silent",
    cause="server_mute",
    says="the server detects and answers, but none of its events arrives",
    since_s=4.5,
    at_s=12.5,
    confidence=0.8,
    evidence=("9 events of the server were not delivered, the first of them response.created at 4.500 s",),
)


class FakeServer:
    """Two sessions, the second closed; what is done to them is in :attr:`done`."""

    url = "ws://127.0.0.1:8765/v1/realtime"
    started_at = now = 1_763_000_000.0
    token = None
    injectable = INJECTABLE

    def __init__(self, access=None):
        self._access = access or Access()
        self.views = [OPEN, CLOSED]
        self.done = []
        self.pressed = HandsView(False, None)
        self.active = []
        self.lines = [{"t": 0, "lane": "connection", "kind": "open"}, {"t": 5, "lane": "server", "kind": "error"}]
        self._ids = count(1)

    def visit(self, headers):
        return self._access.visit(headers)

    def session_page(self, *, limit, before, state):
        self.asked = (limit, before, state)
        return SessionPage(self.views, 1, 1, None)

    def session(self, number):
        return next((view for view in self.views if view.number == number), None)

    def journal(self, number):
        return b'{"stillthere":1}\n{"t":0,"lane":"connection","kind":"open"}\n' if number in (1, 2) else None

    def entries(self, number, since):
        return len(self.lines), self.lines[since:]

    def verdict(self, number):
        return SILENT

    def verdicts(self, numbers):
        return dict.fromkeys(numbers, SILENT)

    def picture(self, number, since):
        return len(self.lines), {"length": 12_500, "lanes": [], "entries": self.lines[since:]}

    def start_fault(self, name, *, session, lasts_s, parameters=None, sessions="all", after_s=0.0):
        if name not in {kind.name for kind in catalogue(INJECTABLE)}:
            raise SettingError(f"no fault is called {name!r}; known: mute")
        ends_at = None if lasts_s is None else self.started_at + lasts_s
        state = "waiting" if after_s or sessions == "next" else "active"
        seen = (session, self.started_at, ends_at, parameters or {}, sessions, state, after_s, lasts_s)
        self.active.append(FaultView(next(self._ids), name, "wire", *seen))
        return self.active[-1]

    def end_fault(self, fault_id):
        before = len(self.active)
        self.active = [fault for fault in self.active if fault.id != fault_id]
        return len(self.active) < before

    def faults(self):
        return self.active

    def move_hands(self, *, pressed):
        self.pressed = HandsView(pressed, self.started_at)
        return self.pressed

    def hands(self):
        return self.pressed

    def emit(self, number, event):
        if event["type"] == "nonsense":
            raise SettingError("nonsense is no server event; send one of the service's")
        self.done.append(("emit", number, event))

    def close(self, number, code, reason):
        if code == 1005:
            raise SettingError("1005 cannot be sent; give another code")
        self.done.append(("close", number, code, reason))
        return True


class TokenServer(FakeServer):
    """One that asks for a token."""

    token = "s3cret"


class BrokenServer(FakeServer):
    """One with a bug."""

    def visit(self, headers):
        raise RuntimeError("broken")


def said(response):
    """The JSON of a response."""
    return json.loads(response.body)


def ask(server, method, target, body=b"", **headers):
    """The response to a request as a program on this machine makes it."""
    return ControlApi(server).respond(method, target, {**HOST, **headers}, body)

"""A session that is sent anything, and the ledger that checks what it answers."""

import json

from hypothesis import strategies as st

from harness.errors import ProtocolError
from harness.journal import SessionEntry
from harness.protocol.codec import decode_client_event, encode, event_id_of
from harness.protocol.events import Event
from harness.protocol.summary import summary
from harness.server.policy import ServerPolicy, names, variants
from harness.server.session import Session, SessionSetup
from tests.properties.ledger import Ledger
from tests.protocol.vendor import complaints
from tests.server.playbook import VOICE

LATEST = "(the latest item)"
"""Stands for the id of the last item that the server has named."""

policies = st.fixed_dictionaries({}, optional={name: st.sampled_from(variants(name)) for name in names()})


class Trial:
    """A session under arbitrary treatment, with a ledger."""

    def __init__(self, policy):
        setup = SessionSetup(voice=VOICE, detector="energy", policy=ServerPolicy().changed(**policy))
        self.session = Session(setup, "trial")
        self.ledger = Ledger()
        self.ledger.prefix_in_start = policy.get("prefix_in_start", "yes") == "yes"
        self.ledger.turns_end = policy.get("turn_end") != "discards"
        self.ledger.shows_detection = policy.get("ignored_setting") != "turn_detection"
        self.now = 0
        self.latest = "item_none"
        self.hear(self.session.open(0))

    def take(self, step):
        if isinstance(step, tuple):
            self.pass_time(*step)
            return
        text = json.dumps(step.document).replace(json.dumps(LATEST), json.dumps(self.latest))
        self.ledger.sent(step.document["type"])
        try:
            event = decode_client_event(text)
        except ProtocolError as error:
            self.hear([self.session.refuse(error, event_id_of(text))])
            return
        json.dumps(summary(event))
        self.hear(self.session.receive(event, self.now))

    def pass_time(self, how, us):
        self.ledger.sent("")
        end = self.now + us
        if how == "overslept":
            self.wake(end)
        while (due := self.session.next_wake) is not None and due <= end:
            self.wake(max(self.now, due))
        self.now = end

    def wake(self, now):
        self.now = now
        self.hear(self.session.wake(now))
        assert self.session.next_wake is None or self.session.next_wake > now, "a wake that leaves work due: a livelock"

    def hear(self, outputs):
        said = []
        for output in outputs:
            assert isinstance(output, Event | SessionEntry)
            if isinstance(output, Event):
                json.dumps(summary(output))
                document = json.loads(encode(output))
                assert not complaints(document), (complaints(document), document)
                said.append(document)
                self.latest = document.get("item_id") or document.get("item", {}).get("id") or self.latest
        if self.session.policy.update_error == "partial" and self.ledger.session:
            self.ledger.session = self.session.config.echo  # an update that was refused has changed it, perhaps
        self.ledger.said(said)

"""A conversation in the beta dialect, in the notation of :mod:`tests.server.playbook`."""

import json

from harness.errors import ProtocolError
from harness.protocol.beta import Beta
from harness.protocol.events import Event
from harness.server.outputs import Note
from tests.protocol.beta_vendor import complaints
from tests.server.playbook import Playbook, says, sends


class BetaPlaybook(Playbook):
    """A conversation in the beta dialect, with a session as the shell sets it up for one."""

    def __init__(self, **options):
        self.dialect = Beta()
        super().__init__(policy=dict(self.dialect.policy), opened=False, **options)
        self.session.config.update({"type": "realtime", **self.dialect.session})
        self.said.clear()
        self._hear(self.session.open(0))
        self << says("session.created")

    def _answers(self, step):
        text = json.dumps(step.document, default=lambda value: value.value)
        try:
            event = self.dialect.decode(text)
        except ProtocolError as error:
            return [self.session.refuse(error, step.document.get("event_id"))]
        return self.session.receive(event, self.now)

    def _hear(self, outputs):
        for output in outputs:
            if isinstance(output, Event):
                for text in self.dialect.encode(output):
                    document = json.loads(text)
                    assert not complaints(document), (complaints(document), document)
                    self.said.append(document)
                    self.said_at.append(self.now)
            elif isinstance(output, Note):
                self.notes.append(output)


def update(**session):
    return sends("session.update", session=session)


def told_by(dialect, event):
    """The one JSON object that the dialect makes of an event."""
    (text,) = dialect.encode(event)
    return json.loads(text)

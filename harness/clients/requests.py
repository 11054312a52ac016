"""The client's own requests for a response: sent only while no response is under way and the user does not speak.

A session has one response at a time, and the server starts one by itself after the user's turn. A request that is
refused for that reason is sent again after the next ``response.done``, or at once if that came before the refusal.
"""

from collections import deque

from ..protocol.events import ResponseCreate

_ENDED_COUNT = 64
"""So many turns and responses that ended are remembered: later events about them are late or repeated."""


class ResponseRequests:
    """What it returns is to be sent; it is empty if the request has to wait."""

    def __init__(self) -> None:
        self._sent = 0
        self.begin_session()

    def begin_session(self) -> None:
        """Nothing is under way in a new session, and nothing is owed to it."""
        self.active: str | None = None
        """The response under way, if its ``response.created`` arrived."""
        self._owed = False
        self._unanswered: str | None = None
        """The ``event_id`` of the request that awaits its ``response.created``."""
        self._latest: str | None = None
        """That of the last request, which may be refused after a ``response.created`` that was not for it."""
        self._ended_since = False
        """Whether a response ended since that request was sent."""
        self._busy = False
        self._speaking: str | None = None
        self._over: deque[str] = deque(maxlen=_ENDED_COUNT)

    @property
    def under_way(self) -> bool:
        """Whether a response is under way or was asked for."""
        return self._busy or self._unanswered is not None

    # --- what the client wants ---

    def owe(self) -> None:
        """A response is wanted; what is called next sends the request, once nothing is in its way."""
        self._owed = True

    def ask(self) -> list[ResponseCreate]:
        """A response is wanted now; a request before it that found no response is given up."""
        self._owed, self._unanswered = True, None
        return self.due()

    def forgo(self) -> None:
        """What was asked for is answered without it: if the last request is refused, it is not sent again."""
        self._latest = None

    def due(self) -> list[ResponseCreate]:
        """The request that is owed, if nothing is in its way."""
        if not self._owed or self.under_way or self._speaking is not None:
            return []
        self._sent += 1
        self._owed, self._ended_since = False, False
        self._unanswered = self._latest = f"request_{self._sent}"
        return [ResponseCreate(event_id=self._unanswered)]

    # --- what happens ---

    def speech_started(self, item_id: str) -> None:
        """The user speaks: a response now would leave this turn without one."""
        if item_id not in self._over:
            self._speaking = item_id

    def speech_ended(self, item_id: str) -> None:
        """The user's turn ended; the server answers it by itself, so nothing is due before the end of that response."""
        self._over.append(item_id)
        if self._speaking == item_id:
            self._speaking = None

    def speech_dropped(self) -> list[ResponseCreate]:
        """The user's speech was cleared, so no response to it will come."""
        self._speaking = None
        return self.due()

    def response_created(self, response_id: str) -> None:
        """``response.created`` arrived."""
        if response_id not in self._over:
            self.active, self._busy, self._unanswered = response_id, True, None

    def response_done(self, response_id: str) -> list[ResponseCreate]:
        """``response.done`` arrived."""
        self._over.append(response_id)
        self._ended_since = True
        if self.active in (None, response_id):
            self.active, self._busy = None, False
        return self.due()

    def refused(self, code: str | None, event_id: str | None) -> list[ResponseCreate]:
        """An ``error`` event arrived; ``event_id``: that of the event it refuses."""
        if code == "response_cancel_not_active":
            self.active, self._busy = None, False
            return self.due()
        if event_id is not None and event_id == self._unanswered:
            self._unanswered = None
        if self._latest is not None and event_id == self._latest:
            self._latest = None
            if code == "conversation_already_has_active_response":
                self._owed = True
                self._busy = self._busy or not self._ended_since  # the response in its way may have ended already
                return self.due()
        return []

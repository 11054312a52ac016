"""Function calls of the assistant: each gets one output after its response has ended, and then a response is asked for.

Nothing is spoken after a call until the client asks (documented). The tool itself is a fixed small result.
"""

from collections import deque

from ..protocol.events import ConversationItemCreate
from ..protocol.objects import Item, Response
from .requests import ResponseRequests

_RESULT = '{"ok": true}'
_ANSWERED_COUNT = 64
"""So many calls that were answered are remembered: a repeated event about one is not answered again."""


class ToolCalls:
    """What it returns is to be sent before what ``requests`` has due."""

    def __init__(self, requests: ResponseRequests) -> None:
        self._requests = requests
        self.begin_session()

    def begin_session(self) -> None:
        """Calls of an earlier session are not known to the new one."""
        self._waiting: dict[str, str] = {}
        """The call ids that await the end of their response, with its id."""
        self._answered: deque[str] = deque(maxlen=_ANSWERED_COUNT)

    def called(self, response_id: str, call_id: str) -> None:
        """The arguments of a call are complete, unless its item turns out to be incomplete."""
        if call_id not in self._answered:
            self._waiting[call_id] = response_id

    def item_done(self, response_id: str, item: Item) -> None:
        """An item of a response ended; a call that was cut off gets no output."""
        if item.type != "function_call" or not isinstance(item.call_id, str):
            return
        if item.status == "incomplete":
            self._waiting.pop(item.call_id, None)
        else:
            self.called(response_id, item.call_id)

    def response_created(self, response_id: str) -> list[ConversationItemCreate]:
        """Another response is under way, so those before it have ended, even if ``response.done`` was lost."""
        return self._answer([call for call, response in self._waiting.items() if response != response_id])

    def response_done(self, response: Response) -> list[ConversationItemCreate]:
        """The response ended. After a cancelled one no response is asked for: the user or the client goes on."""
        for item in response.output:
            self.item_done(response.id, item)
        calls = [call for call, of in self._waiting.items() if of == response.id]
        return self._answer(calls, asks=response.status != "cancelled")

    def none_active(self) -> list[ConversationItemCreate]:
        """The server says that no response is under way."""
        return self._answer(list(self._waiting))

    def _answer(self, calls: list[str], *, asks: bool = True) -> list[ConversationItemCreate]:
        for call in calls:
            del self._waiting[call]
            self._answered.append(call)
        if calls and asks:
            self._requests.owe()
        return [ConversationItemCreate(item=_output(call)) for call in calls]


def _output(call_id: str) -> Item:
    return Item(type="function_call_output", call_id=call_id, output=_RESULT)

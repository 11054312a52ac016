"""The responses of a session: one in the default conversation, any number out of band, and what follows them."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from ..errors import ProtocolError
from ..journal import CreateIgnored, ResponseForItem, TurnUnanswered
from ..protocol.events import ResponseCancel, ResponseCreate
from ..protocol.objects import Item
from .items import ITEM_REFERENCE
from .outputs import Output
from .request import ResponseRequest, request_of, words_of
from .response import RATE_LIMITS_AFTER_US, LiveResponse
from .shared import Shared, earliest
from .tokens import Tokens

MAX_PARALLEL = 64
"""Out-of-band responses at a time (ours: the service's bound is unknown)."""


class Replies:
    """Creates responses, drives them, and forgets them when they are done. ``on_done`` is called after an answer."""

    def __init__(self, shared: Shared, on_done: Callable[[LiveResponse, int], None]) -> None:
        self.active: LiveResponse | None = None
        """The one response in progress in the default conversation."""
        self._parallel: list[LiveResponse] = []
        self._shared = shared
        self._on_done = on_done
        self._limits_due: deque[tuple[int, LiveResponse]] = deque()
        self._turn = 0
        self._calls: dict[str, str] = {}
        """The item of each tool call that was made, by its call id."""

    @property
    def next_wake(self) -> int | None:
        """When :meth:`wake` must be called next."""
        due = self.active.next_wake if self.active is not None else None
        if self._limits_due or self._parallel:
            limits = self._limits_due[0][0] if self._limits_due else None
            return earliest((due, limits, *(response.next_wake for response in self._parallel)))
        return due

    def wake(self, now: int) -> list[Output]:
        """All that is due: rate limits, then more of each response."""
        outputs: list[Output] = []
        while self._limits_due and self._limits_due[0][0] <= now:
            outputs.append(self._limits_due.popleft()[1].rate_limits())
        for response in self._all():
            if response.next_wake is not None and response.next_wake <= now:
                outputs.extend(response.wake(now))
                self._settle(response, now)
        return outputs

    def create(self, event: ResponseCreate, now: int) -> list[Output]:
        """Answer ``response.create``. Raises :exc:`ProtocolError`."""
        request = request_of(self._shared.config, event.response)
        words = self._words(request)
        if self._shared.policy.manual_create == "ignored":
            return [CreateIgnored()]
        if request.in_conversation and self.active is not None:
            message = (
                f"Conversation already has an active response in progress: {self.active.id}. "
                "Wait until the response is finished before creating a new one."
            )
            raise ProtocolError("conversation_already_has_active_response", message)
        if len(self._parallel) >= MAX_PARALLEL:
            message = f"Too many responses in progress: {MAX_PARALLEL}. Wait until one is finished."
            raise ProtocolError("too_many_active_responses", message)
        return self._begin(request, words, self._answered_item(request), now)

    def answer(self, item_id: str, now: int) -> list[Output]:
        """Answer a turn by itself, unless a response is still in progress."""
        outputs = self._end_cancelled(now)
        if self.active is not None:
            # Documented: with interrupt_response off, a turn that ends during a response may get none.
            return [TurnUnanswered(item_id=item_id, active=self.active.id)]
        outputs.extend(self._begin(request_of(self._shared.config, None), self._shared.words, item_id, now))
        return outputs

    def interrupt(self, now: int) -> list[Output]:
        """The user speaks: the response in the default conversation is cancelled."""
        outputs = self._end_cancelled(now)
        return outputs if self.active is None else self._cancel(self.active, "turn_detected", now)

    def cancel(self, event: ResponseCancel, now: int) -> list[Output]:
        """Answer ``response.cancel``. Raises :exc:`ProtocolError` where there is nothing to cancel."""
        for response in self._all():
            meant = response is self.active if event.response_id is None else response.id == event.response_id
            if not meant or not response.created or response.cancelled:
                continue
            if self._shared.policy.create_during_cancel == "accepted":
                return self._cancel(response, "client_cancelled", now)
            response.begin_cancel(now)
            return []
        raise ProtocolError("response_cancel_not_active", "Cancellation failed: no active response found")

    def _begin(self, request: ResponseRequest, words: str, item_id: str | None, now: int) -> list[Output]:
        outputs: list[Output] = []
        if request.in_conversation:
            self._turn += 1
        turn = self._turn if request.in_conversation else None
        response = LiveResponse(self._shared, request, self._shared.voice.answer(turn, words))
        if request.in_conversation:
            self.active = response
        else:
            self._parallel.append(response)
        outputs.append(ResponseForItem(response_id=response.id, item_id=item_id))
        outputs.extend(response.begin(now, self._tokens(request)))
        return outputs

    def _answered_item(self, request: ResponseRequest) -> str | None:
        """The last item that it is given: of the conversation, or of its own input, where a tool's output stands for
        the call that it answers."""
        conversation = self._shared.conversation
        if request.input is None:
            return conversation.last_id
        for item in reversed(request.input):
            if item.type == ITEM_REFERENCE or str(item.id) in conversation:
                return str(item.id)
            if item.call_id in self._calls:
                return self._calls[str(item.call_id)]
        return conversation.last_id

    def resume(self, now: int) -> None:
        """The policy has changed: responses that were stalled may go on."""
        for response in self._all():
            response.resume(now)

    def _end_cancelled(self, now: int) -> list[Output]:
        """What turn detection does is not held up by a response that the client has cancelled (assumed)."""
        if self.active is None or not self.active.cancelled:
            return []
        return self._cancel(self.active, "client_cancelled", now)

    def _cancel(self, response: LiveResponse, reason: str, now: int) -> list[Output]:
        outputs: list[Output] = list(response.cancel(reason))
        self._settle(response, now)
        return outputs

    def _settle(self, response: LiveResponse, now: int) -> None:
        """If the response has ended, forget it and schedule its rate limits."""
        if not response.finished:
            return
        self._calls.update(response.calls)
        if self._shared.policy.rate_limits == "after_done":
            self._limits_due.append((now + RATE_LIMITS_AFTER_US, response))
        if response is self.active:
            self.active = None
            self._on_done(response, now)
        else:
            self._parallel.remove(response)

    def _all(self) -> Iterator[LiveResponse]:
        if self.active is not None:
            yield self.active
        yield from list(self._parallel)

    def _words(self, request: ResponseRequest) -> str:
        """What the response answers: the user's last words, or those of the input it is given."""
        if request.input is None:
            return self._shared.words
        return " ".join(filter(None, (words_of(item) for item in self._given(request.input))))

    def _tokens(self, request: ResponseRequest) -> Tokens:
        conversation = self._shared.conversation
        if request.input is None:
            return conversation.tokens
        return sum((conversation.tokens_of(item) for item in self._given(request.input)), Tokens())

    def _given(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items themselves, and those that are referred to."""
        for index, item in enumerate(items):
            is_reference = item.type == ITEM_REFERENCE
            yield self._shared.conversation.get(str(item.id), f"response.input[{index}].id") if is_reference else item

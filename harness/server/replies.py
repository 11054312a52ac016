"""The responses of a session: one in the default conversation, any number out of band, and what follows them."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ..errors import ProtocolError
from ..journal import CreateIgnored, MadeToWait, ResponseForItem, TurnUnanswered
from ..protocol.events import ResponseCancel, ResponseCreate
from ..protocol.objects import Item
from .asked import MadeCall, asked
from .items import CALL_OUTPUT, ITEM_REFERENCE
from .outputs import Output
from .request import ResponseRequest, request_of
from .response import RATE_LIMITS_AFTER_US, LiveResponse
from .shared import Shared, earliest
from .tokens import Tokens
from .voice import Answer

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
        self._calls: dict[str, MadeCall] = {}
        """Each tool call that was made, by its call id."""

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
        given = self._given(request)
        if self._is_ignored(request):
            return [CreateIgnored()]
        if waits := self._made_to_wait():
            return waits
        if request.in_conversation and self.active is not None:
            message = (
                f"Conversation already has an active response in progress: {self.active.id}. "
                "Wait until the response is finished before creating a new one."
            )
            raise ProtocolError("conversation_already_has_active_response", message)
        if len(self._parallel) >= MAX_PARALLEL:
            message = f"Too many responses in progress: {MAX_PARALLEL}. Wait until one is finished."
            raise ProtocolError("too_many_active_responses", message)
        return self._begin(request, given, self._answered_item(request), now)

    def answer(self, item_id: str, now: int) -> list[Output]:
        """Answer a turn by itself, unless a response is still in progress."""
        if waits := self._made_to_wait():
            return waits
        outputs = self._end_cancelled(now)
        if self.active is not None:
            # Documented: with interrupt_response off, a turn that ends during a response may get none.
            return [TurnUnanswered(item_id=item_id, active=self.active.id)]
        request = request_of(self._shared.config, None)
        outputs.extend(self._begin(request, self._given(request), item_id, now))
        return outputs

    def interrupt(self, now: int) -> list[Output]:
        """The user speaks: the response in the default conversation is cancelled."""
        outputs = self._end_cancelled(now)
        if self.active is None:
            return outputs
        if self._shared.policy.interruption == "stays_busy" and self.active.created:
            self.active.hang()
            return outputs
        return self._cancel(self.active, "turn_detected", now)

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

    def _begin(self, request: ResponseRequest, given: Iterable[Item], item_id: str | None, now: int) -> list[Output]:
        outputs: list[Output] = []
        if request.in_conversation:
            self._turn += 1
        turn = self._turn if request.in_conversation else None
        question = asked(turn, request, given, self._shared.spoken, self._calls)
        answer = self._known_calls(self._shared.voice.answer(question))
        newest = self._shared.conversation.last
        ends_round = newest is not None and newest.type == CALL_OUTPUT
        response = LiveResponse(self._shared, request, answer, ends_round)
        if request.in_conversation:
            self.active = response
        else:
            self._parallel.append(response)
        outputs.append(ResponseForItem(response_id=response.id, item_id=item_id))
        outputs.extend(response.begin(now, self._tokens(request)))
        return outputs

    def _known_calls(self, answer: Answer) -> Answer:
        """Without calls of tools that are only shown and not in force; if that leaves nothing, the usual answer."""
        config = self._shared.config
        names = {each.get("name") for each in config.echo["tools"]} - {
            each.get("name") for each in config.in_force["tools"]
        }
        known = tuple(call for call in answer.calls if call.name not in names)
        if len(known) == len(answer.calls):
            return answer
        said = answer.utterance if known or answer.utterance is not None else self._shared.voice.default.utterance
        return replace(answer, calls=known, utterance=said)

    def _is_ignored(self, request: ResponseRequest) -> bool:
        """Whether a policy says that nothing comes of it."""
        switch = self._shared.policy.manual_create
        if switch != "ignored_after_tool":
            return switch == "ignored"
        last = request.input[-1] if request.input else self._shared.conversation.last
        return last is not None and last.type == CALL_OUTPUT

    def _made_to_wait(self) -> list[Output]:
        """What is noted where nothing is answered before all calls have their results (a policy); else nothing."""
        if self._shared.policy.open_calls == "speaks":
            return []
        calls = self._shared.conversation.open_calls
        return [MadeToWait(calls=calls)] if calls else []

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
                return str(self._calls[str(item.call_id)].item.id)
        return conversation.last_id

    def resume(self, now: int) -> None:
        """The policy has changed: responses that were stalled may go on, and one that hangs may end."""
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
        self._calls.update((str(item.call_id), MadeCall(response.id, item)) for item in response.calls)
        if response.tells_rate_limits:
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

    def _tokens(self, request: ResponseRequest) -> Tokens:
        conversation = self._shared.conversation
        if request.input is None:
            return conversation.tokens
        return sum((conversation.tokens_of(item) for item in self._given(request)), Tokens())

    def _given(self, request: ResponseRequest) -> Iterable[Item]:
        """What it answers, the newest first: the conversation, or its own input, with what that refers to.

        Raises :exc:`ProtocolError` for a reference to no item.
        """
        conversation = self._shared.conversation
        if request.input is None:
            return conversation.newest_first()
        items = [
            conversation.get(str(item.id), f"response.input[{index}].id") if item.type == ITEM_REFERENCE else item
            for index, item in enumerate(request.input)
        ]
        return items[::-1]

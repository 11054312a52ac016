"""The life of one response, from ``response.created`` to ``response.done``, in the GA order (captured).

Call :meth:`LiveResponse.begin`, then :meth:`LiveResponse.wake` at each :attr:`LiveResponse.next_wake`, or
:meth:`LiveResponse.cancel` at any time. Its states are a table in :mod:`harness.server.states`.
"""

from collections.abc import Iterator
from dataclasses import asdict, replace

from msgspec import UNSET, UnsetType

from ..protocol.events import Event, RateLimitsUpdated, ResponseCreated, ResponseDone
from ..protocol.objects import (
    InputTokens,
    Item,
    MessagePhase,
    OutputTokens,
    RateLimit,
    Response,
    ResponseStatus,
    Status,
    StatusDetails,
    Usage,
)
from ..units import MS
from .request import ResponseRequest
from .response_output import CallOutput, MessageOutput, OutputItem
from .shared import Shared
from .states import (
    CANCEL,
    CANCELLED,
    CANCELLED_IN_OUTPUT,
    CLOSE_ITEM,
    CREATE,
    DONE,
    FINISH,
    OPEN_ITEM,
    REQUESTED,
    RESPONSE_STAGES,
    ResponseCause,
    follow,
)
from .tokens import Tokens
from .voice import FAILURES, Answer, ScriptedFailure

RATE_LIMITS_AFTER_US = 43 * MS
"""``rate_limits.updated`` follows ``response.done`` by this (captured)."""


class LiveResponse:
    """A response in progress."""

    def __init__(self, shared: Shared, request: ResponseRequest, answer: Answer, ends_round: bool = False) -> None:
        self.id = shared.ids.mint("resp")
        self.next_wake: int | None = None
        self.request = request
        self._shared = shared
        self._answer = answer
        self._stage = REQUESTED
        self._message: MessageOutput | None = None
        self._current: OutputItem | None = None
        self._unclosed: OutputItem | None = None
        """A message that is complete, and is closed after the arguments of the call that follows it."""
        self._done: list[Item] = []
        self._calls = list(answer.calls)
        self._stalled = False
        self._ends_round = ends_round
        """Whether it answers the result of a tool."""
        self._ended: ResponseStatus = "in_progress"
        self._hangs = False
        self._input = self._output = Tokens()

    @property
    def created(self) -> bool:
        """Whether ``response.created`` has been sent."""
        return self._stage is not REQUESTED

    @property
    def finished(self) -> bool:
        """Whether ``response.done`` has been sent."""
        return self._stage is DONE

    @property
    def calls(self) -> list[Item]:
        """Its tool calls that are complete."""
        return [item for item in self._done if item.type == "function_call"]

    @property
    def cancelled(self) -> bool:
        """Whether the client has cancelled it, and ``response.done`` is still to be sent."""
        return self._stage in (CANCELLED, CANCELLED_IN_OUTPUT)

    @property
    def tells_rate_limits(self) -> bool:
        """Whether ``rate_limits.updated`` follows its end."""
        policy = self._shared.policy.rate_limits
        return policy == "after_done" or (policy == "recorded" and self._ended != "cancelled" and not self._ends_round)

    @property
    def audio_ms(self) -> int:
        """How much audio has been sent."""
        return self._message.audio_ms if self._message else 0

    @property
    def total_us(self) -> int:
        """How much audio it will have if nothing cuts it short."""
        says = self._answer.says
        return 0 if self.request.text_only or says is None else says.duration_us

    def begin(self, now: int, given: Tokens) -> list[Event]:
        """``response.created``; the first output follows after the voice's latency. ``given``: tokens of its input."""
        self._input = given
        if self._answer.created_after_us:
            self.next_wake = now + self._answer.created_after_us
            return []
        return self._create(now)

    def wake(self, now: int) -> list[Event]:
        """All output due by ``now``."""
        events: list[Event] = []
        while self.next_wake is not None and self.next_wake <= now:
            if not self.created:
                events.extend(self._create(self.next_wake))
            elif self.cancelled:
                events.extend(self.cancel("client_cancelled"))
            elif self._hangs:
                events.extend(self.cancel("turn_detected"))
            elif self._shared.policy.reply == "fails":
                events.extend(self._fail(FAILURES["server_error"]))
            elif self._current is None:
                events.extend(self._begin_next())
            elif self._stalled:
                self._stalled = False
                events.extend(self._go_on(self._current))
            else:
                events.extend(self._advance(self._current))
        return events

    def cancel(self, reason: str) -> list[Event]:
        """End it now, as ``turn_detected`` or ``client_cancelled``; what was sent so far stays."""
        events = [] if self.created else self._create(0)
        events.extend(self._finish("cancelled", StatusDetails(type="cancelled", reason=reason)))
        return events

    def begin_cancel(self, now: int) -> None:
        """The client cancels it: it sends nothing more, and ends a little later."""
        self._take(CANCEL)
        self.next_wake = now + self._answer.cancelled_after_us

    def hang(self) -> None:
        """The user interrupts it: it sends nothing more, and does not end (a policy)."""
        self._hangs = True
        self.next_wake = None

    def resume(self, now: int) -> None:
        """The policy has changed: a response that was stalled goes on from now, unless it is stalled still; one that
        hangs ends."""
        if self._hangs and not self.cancelled and self._shared.policy.interruption == "ends":
            self.next_wake = now
        if self._stalled and self.next_wake is None and self._shared.policy.reply != "stalls":
            self.next_wake = now

    def _take(self, cause: ResponseCause) -> None:
        self._stage = follow(RESPONSE_STAGES, self._stage, cause)

    def rate_limits(self) -> Event:
        """The figures that go with this response."""
        return RateLimitsUpdated(
            event_id=self._shared.event_id(),
            rate_limits=[RateLimit(name="tokens", limit=15_000_000, remaining=14_999_000, reset_seconds=0.004)],
        )

    def _create(self, at: int) -> list[Event]:
        self._take(CREATE)
        self.next_wake = at + self._answer.latency_us
        response = self._response("in_progress")
        events: list[Event] = [ResponseCreated(event_id=self._shared.event_id(), response=response)]
        if self._shared.policy.rate_limits == "after_created":
            events.append(self.rate_limits())
        return events

    def _begin_next(self) -> Iterator[Event]:
        """The next item of the output, with its first piece; or the end."""
        answer, index = self._answer, len(self._done)
        if self._message is None and answer.says is not None:
            writes = self._shared.policy.reply == "text_only"
            request = replace(self.request, modalities=("text",)) if writes else self.request
            self._message = MessageOutput(self._shared, request, self.id, index, answer.says, self._phase)
            self._current = self._message
        elif self._calls:
            self._current = CallOutput(self._shared, self.request, self.id, index, self._calls.pop(0))
        else:
            yield from self._end()
            return
        self._take(OPEN_ITEM)
        yield from self._current.begin()
        yield from self._advance(self._current)

    def _advance(self, output: OutputItem) -> Iterator[Event]:
        if self._message is not None and output is self._message and self._never_ends(self._message):
            yield from self._message.silence()
            self.next_wake = self._due() + self._answer.delta_interval_us
            return
        yield from output.step()
        yield from self._go_on(output)

    def _go_on(self, output: OutputItem) -> Iterator[Event]:
        """What follows a piece of the output: the end, or the time of the next piece; nothing if it stalls."""
        if output is self._message and self._stops(self._message):
            return
        limit = self.request.max_output_tokens
        more = output.left or self._calls
        if isinstance(limit, int) and more and (self._output + output.tokens).total >= limit:
            yield from self._finish("incomplete", StatusDetails(type="incomplete", reason="max_output_tokens"))
        elif output is self._message and self._message.sent >= self._answer.pieces_before_end(self._message.pieces):
            if self._answer.failure is not None or self._answer.incomplete is not None:
                yield from self._end()
            else:
                yield from self._close_current()
        elif output.left:
            self.next_wake = self._due() + self._answer.delta_interval_us
        else:
            yield from self._close_current()

    def _due(self) -> int:
        """When what is being put out was due."""
        assert self.next_wake is not None
        return self.next_wake

    def _never_ends(self, message: MessageOutput) -> bool:
        """Once it sends silent audio it goes on, even if the policy changes."""
        return message.silent or (self._shared.policy.reply == "endless" and message.has_audio)

    def _stops(self, message: MessageOutput) -> bool:
        if self._shared.policy.reply == "stalls" and message.sent * 2 >= message.pieces:
            self.next_wake = None
            self._stalled = True
            return True
        return False

    @property
    def _phase(self) -> MessagePhase | UnsetType:
        if not self._shared.config.traits.has_phases:
            return UNSET
        return "commentary" if self._calls else "final_answer"

    def _close_current(self) -> Iterator[Event]:
        output = self._current
        assert output is not None
        waits = output is self._message and bool(self._calls) and self._shared.config.traits.has_phases
        yield from self._leave(output, "completed", full=not waits)
        if waits:
            self._unclosed = output
            yield from self._begin_next()
        elif not self._calls:
            yield from self._end()

    def _leave(self, output: OutputItem, status: Status, *, full: bool) -> Iterator[Event]:
        self._take(CLOSE_ITEM)
        self._current = None
        self._output += output.tokens
        item = output.item(status)
        self._done.append(item)
        self._shared.conversation.replace(item)
        if self._unclosed is not None and full:
            yield from self._unclosed.end("completed")
        self._unclosed = None
        if full:
            yield from output.end(status)

    def _end(self) -> Iterator[Event]:
        """The end that the script wants."""
        if self._answer.failure is not None:
            yield from self._fail(self._answer.failure)
        elif self._answer.incomplete is not None:
            yield from self._finish("incomplete", StatusDetails(type="incomplete", reason=self._answer.incomplete))
        else:
            yield from self._finish("completed", None)

    def _fail(self, failure: ScriptedFailure) -> Iterator[Event]:
        error = asdict(failure)
        error["message"] = error["message"].replace("{session_id}", self._shared.config.echo["id"])
        yield from self._finish("failed", StatusDetails(type="failed", error=error))

    def _finish(self, status: ResponseStatus, details: StatusDetails | None) -> Iterator[Event]:
        self.next_wake = None
        self._stalled = False
        if self._current is not None:
            full = status != "cancelled" or self._shared.policy.cancel_chain == "full"
            yield from self._leave(self._current, "incomplete", full=full)
        self._take(FINISH)
        self._ended = status
        yield ResponseDone(event_id=self._shared.event_id(), response=self._response(status, details))

    def _response(self, status: ResponseStatus, details: StatusDetails | None = None) -> Response:
        request = self.request
        return Response(
            id=self.id,
            status=status,
            status_details=details,
            output=list(self._done),
            conversation_id=self._shared.conversation.id if request.in_conversation else None,
            output_modalities=request.modalities,
            max_output_tokens=request.max_output_tokens,
            audio={"output": {"format": request.output_format, "voice": request.voice}},
            usage=None if status == "in_progress" else self._usage(),
            metadata=request.metadata,
        )

    def _usage(self) -> Usage:
        if self._message is None and not self._done:
            return Usage()  # ended before any output: zeros (captured)
        given, put_out = self._input, self._output + Tokens(self._answer.reasoning_tokens)
        return Usage(
            total_tokens=given.total + put_out.total,
            input_tokens=given.total,
            output_tokens=put_out.total,
            input_token_details=InputTokens(text_tokens=given.text, audio_tokens=given.audio),
            output_token_details=OutputTokens(
                text_tokens=put_out.text,
                audio_tokens=put_out.audio,
                reasoning_tokens=self._answer.reasoning_tokens or UNSET,
            ),
        )

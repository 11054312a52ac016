"""Mistakes with tool calls."""

import json

from harness.clients.interface import Command
from harness.protocol import events as e
from harness.protocol.objects import Content, Item
from harness.units import SECOND

from . import conversations as c
from .healthy import Healthy
from .specimen import harms

HARM = "tool_answered"


@harms(HARM, in_=c.ONE_TOOL)
class NeverAnswersACall(Healthy):
    """The tool is not registered; an unknown tool is only logged, and its turn is over."""

    def answer_calls(self, done: e.ResponseDone, now: int) -> list[Command]:
        if self.calls:
            self.settled()
            self.calls.clear()
        return []


@harms(HARM, in_=c.ONE_TOOL)
class SendsTheResultAndWaits(Healthy):
    """The result is sent, the turn is taken to be over, and no response is asked for."""

    def answer_calls(self, done: e.ResponseDone, now: int) -> list[Command]:
        results = super().answer_calls(done, now)
        if results:
            self.wants_reply = False
            self.settled()
        return results


@harms(HARM, in_=c.TWO_TOOLS)
class AnswersTheFirstCallOnly(Healthy):
    """Of two calls in one response the second is not seen."""

    def answer_calls(self, done: e.ResponseDone, now: int) -> list[Command]:
        return super().answer_calls(done, now)[:1]


@harms(HARM, in_=c.ONE_TOOL)
class AnswersByTheItem(Healthy):
    """The result bears the id of the item where that of the call belongs."""

    def on_event(self, event: e.Event, now: int) -> list[Command]:
        commands = super().on_event(event, now)
        if isinstance(event, e.ResponseFunctionCallArgumentsDone):
            self.calls[-1] = event.item_id
        return commands


@harms(HARM, in_=c.ONE_TOOL_AND_TIME)
class ToolTakesFortySeconds(Healthy):
    """The tool takes 40 s, and the client waits for it."""

    def setup(self) -> None:
        self.running: list[Command] = []

    def answer_calls(self, done: e.ResponseDone, now: int) -> list[Command]:
        results = super().answer_calls(done, now)
        if results:
            self.wants_reply = False
            self.running += results
            self.timers["answer"] = now + 60 * SECOND
            self.timers.setdefault("tool", now + 40 * SECOND)
        return []

    def due_tool(self, now: int) -> list[Command]:
        results, self.running, self.wants_reply = self.running, [], True
        return [*results, *self.create()]


@harms(HARM, in_=c.SPEAKS_DURING_A_TOOL)
class DropsTheToolAtABargeIn(Healthy):
    """The tool takes 4 s, and the user's next word ends it: its call stays open for ever."""

    def setup(self) -> None:
        self.running: list[Command] = []

    def answer_calls(self, done: e.ResponseDone, now: int) -> list[Command]:
        self.running = super().answer_calls(done, now)
        if self.running:
            self.wants_reply = False
            self.timers["tool"] = now + 4 * SECOND
        return []

    def due_tool(self, now: int) -> list[Command]:
        self.wants_reply = True
        return [*self.running, *self.create()]

    def barge_in(self, now: int) -> list[Command]:
        self.timers.pop("tool", None)
        return super().barge_in(now)


@harms(HARM, in_=c.ONE_TOOL)
class SendsTheResultAsAMessage(Healthy):
    """A result is sent in a message of the user, and not as the call's output."""

    def output_of(self, call_id: str) -> Command:
        words = json.dumps({"call": call_id, "weather": "sunny"})
        return e.ConversationItemCreate(
            item=Item(type="message", role="user", content=[Content(type="input_text", text=words)])
        )


@harms("one_answer", in_=c.ONE_TOOL)
class HandlesEachCallTwice(Healthy):
    """A call is handled where its arguments are complete and where its item is: two results, and two responses."""

    def setup(self) -> None:
        self.again = False

    def answer_calls(self, done: e.ResponseDone, now: int) -> list[Command]:
        results = super().answer_calls(done, now)
        if self.again and not results:
            self.again, self.wants_reply = False, True
        self.again = self.again or bool(results)
        return results * 2

"""What must be true of the events of one session, whatever its client sent: ids, turns, responses and their parts."""

from typing import Any

Document = dict[str, Any]


_SEMANTIC_PADDING_MS = 300
"""What ``semantic_vad`` pads with; it does not tell (assumed)."""


class Broken(Exception):
    """The session did what it must not; ``kind`` is ``crash``, ``hang``, ``missing`` or ``wrong``."""

    def __init__(self, kind: str, what: str) -> None:
        super().__init__(what)
        self.kind = kind


def require(holds: object, what: str, kind: str = "wrong") -> None:
    """Raise :exc:`Broken` unless it holds."""
    if not holds:
        raise Broken(kind, what)


class ResponseLedger:
    """One response in progress: its open items and parts."""

    def __init__(self, document: Document) -> None:
        self.id = document["id"]
        self.in_conversation = document["conversation_id"] is not None
        self.open_items: list[str] = []
        self.done_items: list[str] = []
        self.open_parts: set[tuple[str, int]] = set()

    def take(self, event: Document) -> None:
        """An event of it after ``response.created``."""
        kind = event["type"].removeprefix("response.")
        if kind == "output_item.added":
            require(not self.open_items, f"{self.id} opens an item within an item")
            require(event["output_index"] == len(self.done_items), f"{self.id} skips an output index")
            self.open_items.append(event["item"]["id"])
        elif kind == "output_item.done":
            require(self.open_items == [event["item"]["id"]], f"{event['item']['id']} is done and was not open")
            require(not self.open_parts, f"{event['item']['id']} is done with open parts")
            self.done_items.append(self.open_items.pop())
        elif kind in ("content_part.added", "content_part.done"):
            part = event["item_id"], event["content_index"]
            require((part in self.open_parts) == kind.endswith("done"), f"{kind} of {part} at the wrong time")
            self.open_parts ^= {part}
        else:
            require(self.open_items == [event["item_id"]], f"{kind} of {event['item_id']}, which is not open")
            if "content_index" in event:
                part = event["item_id"], event["content_index"]
                require(part in self.open_parts, f"{kind} of {part}, which is not open")

    def end(self, document: Document, *, parts_close: bool) -> None:
        """``response.done``."""
        require(document["status"] != "in_progress", f"{self.id} is done and in progress")
        if parts_close or document["status"] != "cancelled":
            require(not self.open_items and not self.open_parts, f"{self.id} is done with open items")
        told = [item["id"] for item in document["output"]]
        require(told[: len(self.done_items)] == self.done_items, f"{self.id} tells of other items than it made")


class SessionLedger:
    """Give it every event as it was on the wire, in order."""

    def __init__(self, policy: Any) -> None:
        self.policy = policy
        self.items: list[str] = []
        """The items of the conversation, the latest last."""
        self.gone: list[str] = []
        self.responses: list[str] = []
        """All responses, the latest last."""
        self.calls: list[str] = []
        self.running: dict[str, ResponseLedger] = {}
        self.open_turn: Document | None = None
        self.turned_ms = 0
        """Where the last turn ended, on the client's clock."""
        self.padding_ms = 0
        """The ``prefix_padding_ms`` in force."""
        self._known: set[str] = set()
        self._last_event_id = ""

    def take(self, event: Document) -> None:
        """Raises :exc:`Broken`."""
        kind = event["type"]
        require(event["event_id"] > self._last_event_id, "an event id comes twice or out of order")
        self._last_event_id = event["event_id"]
        if kind.startswith("response."):
            self._response(event)
        elif kind.startswith("conversation.item."):
            self._item(kind.removeprefix("conversation.item."), event)
        elif kind.startswith("input_audio_buffer."):
            self._buffer(kind.removeprefix("input_audio_buffer."), event)
        elif kind in ("session.created", "session.updated"):
            detection = event["session"]["audio"]["input"]["turn_detection"]
            self.padding_ms = (detection or {}).get("prefix_padding_ms", _SEMANTIC_PADDING_MS)
        elif kind == "error":
            error = event["error"]
            require(error["code"] and error["message"] and error["type"], "an error says nothing")

    # --- responses ---

    def _response(self, event: Document) -> None:
        kind = event["type"]
        if kind == "response.created":
            made = ResponseLedger(event["response"])
            require(made.id not in self.responses, f"{made.id} is created twice")
            if made.in_conversation:
                require(not any(each.in_conversation for each in self.running.values()), "two responses in progress")
            self.running[made.id] = made
            self.responses.append(made.id)
            return
        response_id = event["response"]["id"] if "response" in event else event["response_id"]
        require(response_id in self.running, f"{kind} of {response_id}, which is not in progress")
        if kind == "response.done":
            self.running.pop(response_id).end(event["response"], parts_close=self.policy.cancel_chain == "full")
            return
        if kind == "response.output_item.added":
            self._known.add(event["item"]["id"])
            if event["item"]["type"] == "function_call":
                self.calls.append(event["item"]["call_id"])
        self.running[response_id].take(event)

    # --- items ---

    def _item(self, kind: str, event: Document) -> None:
        item_id = event["item"]["id"] if "item" in event else event["item_id"]
        previous = event.get("previous_item_id")
        if kind == "added":
            require(item_id not in self.items, f"{item_id} is added twice")
            require(previous is None or previous in self.items, f"{item_id} comes after {previous}, which is not there")
            self._known.add(item_id)
            self.items.append(item_id)
        elif kind == "deleted":
            require(item_id in self.items, f"{item_id} is deleted and was not there")
            self.items.remove(item_id)
            self.gone.append(item_id)
        elif kind in ("retrieved", "truncated"):
            require(item_id in self.items, f"{item_id} is {kind} and is not there")
        else:
            require(item_id in self._known, f"conversation.item.{kind} of {item_id}, which nobody knows")

    # --- turns ---

    def _buffer(self, kind: str, event: Document) -> None:
        if kind == "speech_started":
            start_ms = event["audio_start_ms"]
            require(start_ms >= 0, f"a turn starts at {start_ms} ms")
            reached_ms = start_ms + self.padding_ms  # captured: the padding may reach into the turn before
            known = self.policy.update_error == "atomic"  # else a refused update may have changed the padding
            require(
                not known or reached_ms >= self.turned_ms,
                f"a turn starts within the one that ended at {self.turned_ms} ms",
            )
            self.open_turn = event
            self._known.add(event["item_id"])
        elif kind == "speech_stopped":
            require(self.open_turn is not None, "a turn ends that never started")
            assert self.open_turn is not None
            require(event["audio_end_ms"] >= self.open_turn["audio_start_ms"], f"a turn ends before it starts: {event}")
            self.turned_ms = event["audio_end_ms"]
            self.open_turn = None
            self._known.add(event["item_id"])
        elif kind == "committed":
            self._known.add(event["item_id"])
        elif kind == "timeout_triggered":
            require(0 <= event["audio_start_ms"] <= event["audio_end_ms"], f"idle from its end to its begin: {event}")
            self._known.add(event["item_id"])
        elif kind == "cleared" and self.policy.clock_on_clear == "restart":
            self.turned_ms = 0
            if self.open_turn is not None:
                self.open_turn = {**self.open_turn, "audio_start_ms": 0}

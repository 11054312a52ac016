"""Watches the events of one session and asserts the invariants of §3.1 on each."""

import re
from typing import Any

LETTERS = {
    "response.created": "C",
    "response.output_item.added": "O",
    "conversation.item.added": "A",
    "response.content_part.added": "P",
    "response.output_audio_transcript.delta": "t",
    "response.output_audio.delta": "d",
    "response.output_text.delta": "x",
    "response.output_audio.done": "a",
    "response.output_audio_transcript.done": "s",
    "response.output_text.done": "w",
    "response.content_part.done": "p",
    "conversation.item.done": "I",
    "response.output_item.done": "J",
    "response.done": "D",
}
UNFINISHED = re.compile(r"C(?:OAP(?:[td]*|x*))?")
COMPLETED = re.compile(r"COAP(?:[td]*as|x*w)pIJD")
CANCELLED = re.compile(r"C(?:OAP(?:[td]*(?:aspIJ)?|x*(?:wpIJ)?))?D")


class Ledger:
    """Give it every event as it was on the wire, and say before each client event what that is."""

    def __init__(self) -> None:
        self.last_event_id = ""
        self.active: str | None = None
        self.done: set[str] = set()
        self.letters: dict[str, str] = {}
        self.response_of: dict[str, str] = {}
        self.open_turn: dict[str, Any] | None = None
        self.disturbed = False
        self.session: dict[str, Any] = {}
        self.prefix_in_start = True
        self.shows_detection = True
        """False where the policy ``ignored_setting`` may show another turn detection than the one in force."""
        self.turns_end = True
        """False where the policy ``turn_end: discards`` lets a turn end without a word."""
        self.client_type = ""

    def sent(self, client_type: str) -> None:
        """The client sends this; a commit, clear or update may come between a turn's start and its end."""
        self.client_type = client_type
        if client_type in ("input_audio_buffer.commit", "input_audio_buffer.clear", "session.update"):
            self.disturbed = True

    def said(self, events: list[dict[str, Any]]) -> None:
        """All that the server said at once."""
        for index, event in enumerate(events):
            assert event["event_id"] > self.last_event_id, "event ids are unique and ordered in time"
            self.last_event_id = event["event_id"]
            if event["type"] == "error":
                assert event["error"]["code"] and event["error"]["message"] and event["error"]["type"]
            elif event["type"].startswith("session."):
                self.session = event["session"]
            elif event["type"].startswith("input_audio_buffer.speech_"):
                self._turn(event, events[index + 1 : index + 4])
            elif event["type"] in LETTERS:
                self._response(event)

    def _turn(self, event: dict[str, Any], following: list[dict[str, Any]]) -> None:
        detection = self.session["audio"]["input"]["turn_detection"]
        assert detection is not None or not self.shows_detection, "no speech_* events without turn detection"
        if event["type"].endswith("started"):
            assert self.open_turn is None or self.disturbed or not self.turns_end, "a turn starts within a turn"
            start_ms = event["audio_start_ms"]
            padding_ms = (detection or {}).get("prefix_padding_ms", 300) if self.prefix_in_start else 0
            assert start_ms == 0 or (start_ms + padding_ms) % 32 == 0 or not self.shows_detection
            self.open_turn, self.disturbed = event, False
            return
        assert event["audio_end_ms"] % 32 == 0
        if not self.disturbed:
            assert self.open_turn is not None, "a turn ends that never started"
            assert event["item_id"] == self.open_turn["item_id"]
            assert event["audio_end_ms"] > self.open_turn["audio_start_ms"]
        self.open_turn = None
        assert [each["type"] for each in following] == [
            "input_audio_buffer.committed", "conversation.item.added", "conversation.item.done",
        ]  # fmt: skip
        ids = [following[0]["item_id"], following[1]["item"]["id"], following[2]["item"]["id"]]
        assert ids == [event["item_id"]] * 3
        assert len({each["previous_item_id"] for each in following}) == 1

    def _response(self, event: dict[str, Any]) -> None:
        if event["type"].startswith("conversation.item"):
            if event["item"]["id"] not in self.response_of or self.client_type == "conversation.item.create":
                return
            response = self.response_of[event["item"]["id"]]
        else:
            response = event["response"]["id"] if "response" in event else event["response_id"]
        if event["type"] == "response.created":
            assert self.active is None, "two responses in progress"
            assert response not in self.letters
            self.active = response
        assert response == self.active, f"{event['type']} of a response that is not in progress"
        if event["type"] == "response.output_item.added":
            self.response_of[event["item"]["id"]] = response
        if "item_id" in event:
            assert self.response_of[event["item_id"]] == response
        letters = self.letters[response] = self.letters.get(response, "") + LETTERS[event["type"]]
        if event["type"] == "response.done":
            status = event["response"]["status"]
            assert (COMPLETED if status == "completed" else CANCELLED).fullmatch(letters), (status, letters)
            self.active = None

    def check_end(self) -> None:
        """What is in progress has come as far as it legally can."""
        if self.active is not None:
            assert UNFINISHED.fullmatch(self.letters[self.active])

"""Every ordering that is known of the service, replayed: what a session says must match it, event for event.

A sequence is turned into a regular expression over the conversation, written as ``<-type#detail;``.
"""

import re

import pytest

from harness.server.voice import Answer, Voice
from tests.protocol.service import SEQUENCES
from tests.server.playbook import (
    CANCEL,
    CANCEL_TAKES_MS,
    CLEAR,
    COMMIT,
    CREATE,
    FINISHES,
    VOICE,
    Playbook,
    append,
    passes,
    sends,
    silence,
    speech,
    update,
    user_says,
)

TURN = speech(3) + silence(7)
OFF = {"input": {"turn_detection": None}}
LONG = Voice(Answer(VOICE.default.utterance, latency_us=400_000, pace=0.5))
"""An answer that is still being sent after some hundred milliseconds."""


class Recorded(Playbook):
    """A playbook that writes the conversation down, both ways."""

    def __init__(self, **options):
        self.lines = []
        super().__init__(opened=False, strict=False, **options)

    def __rshift__(self, step):
        if hasattr(step, "document"):
            self.lines.append(f"->{step.document['type']}#;")
        super().__rshift__(step)
        return self

    def _hear(self, outputs):
        before = len(self.said)
        super()._hear(outputs)
        self.lines.extend(f"<-{event['type']}#{_detail(event)};" for event in self.said[before:])

    def emits(self, event):
        self._hear(self.session.emit(event, self.now))
        return self


def _detail(event):
    if event["type"] == "response.done":
        response = event["response"]
        reason = (response["status_details"] or {}).get("reason", "")
        return f"{response['status']},{reason},{'output' if response['output'] else 'nothing'}"
    item = event.get("item") or {}
    return f"{item.get('role', '')},{item.get('status', '')}"


def pattern(events):
    return "".join(_expression(event["dir"], event["type"]) for event in events)


def _expression(direction, name):
    if name.startswith("..."):
        return r".*"
    if "speech_stopped" in name and "NO" in name:
        return r"(?:(?!<-input_audio_buffer\.speech_stopped)[^;]*;)*$"
    if name.startswith("(the *.done chain"):
        return r"(?:<-[a-z._]+\.done#[^;]*;)+?"
    if alternatives := re.fullmatch(r"\((.*)\)\*", name):
        names = "|".join(re.escape(each.strip()) for each in alternatives[1].split("|"))
        return rf"(?:{direction}(?:{names})#[^;]*;)+"
    base, optional, qualifier = re.fullmatch(r"([a-z_.]+)([*?]?)(.*)", name).groups()
    one = rf"{direction}{re.escape(base)}#{_qualified(qualifier)}[^;]*;"
    return {"": one, "*": rf"(?:{one})+", "?": rf"(?:{one})?"}[optional]


def _qualified(text):
    if "status:cancelled" in text or text == "{cancelled,turn_detected}":
        reason = re.search("turn_detected|client_cancelled", text)[0]
        return rf"cancelled,{reason}," + ("nothing" if "output:[]" in text else "")
    wanted = re.fullmatch(r"[({](user|assistant)?,?(in_progress|incomplete)?.*[)}]", text)
    if wanted is None or not any(wanted.groups()):
        return ""
    return rf"{wanted[1] or '[a-z]*'},{wanted[2] or ''}"


def audio_turn():
    play = Recorded() >> update(instructions="Be brief.") >> append(silence(1)) >> append(speech(3))
    return play >> append(silence(7)) >> FINISHES


def text_turn():
    return Recorded() >> update(output_modalities=["text"]) >> user_says("Hello.") >> CREATE >> FINISHES


def barge_in_before_output():
    return Recorded() >> append(TURN) >> append(speech(3)) >> append(silence(7))


def barge_in_mid_output():
    play = Recorded(voice=LONG) >> append(TURN) >> passes(500) >> append(speech(3))
    item = play.last("response.output_item.added")["item"]["id"]
    play >> sends("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=100)
    return play >> append(silence(7))


def client_cancel():
    return Recorded(voice=LONG) >> CREATE >> passes(500) >> CANCEL >> passes(CANCEL_TAKES_MS)


def webrtc_barge_in():
    """WebRTC is not simulated: what only that transport says is scripted."""
    play = Recorded(turn_detection={"interrupt_response": False}) >> append(TURN) >> FINISHES >> append(speech(3))
    said = play.last("response.output_item.added")
    play.emits({"type": "output_audio_buffer.cleared", "response_id": said["response_id"]})
    cut = {"item_id": said["item"]["id"], "content_index": 0, "audio_end_ms": 100}
    return play.emits({"type": "conversation.item.truncated", **cut}) >> append(silence(7))


def commit_while_speaking():
    return Recorded() >> append(speech(5)) >> COMMIT >> append(silence(50))


def idle_timeout():
    documented = {"idle_prompt": "none"}
    play = Recorded(turn_detection={"idle_timeout_ms": 5000}, policy=documented) >> append(TURN) >> FINISHES
    return play >> passes(400) >> append(silence(1)) >> append(silence(160))


def push_to_talk():
    play = Recorded() >> update(audio=OFF) >> append(TURN) >> append(speech(3)) >> COMMIT
    return play >> CREATE >> FINISHES


PLAYS = {
    "ga_ws_server_vad_audio_turn": audio_turn,
    "ga_ws_text_turn": text_turn,
    "barge_in_before_any_output": barge_in_before_output,
    "barge_in_mid_output_ws": barge_in_mid_output,
    "client_cancel": client_cancel,
    "barge_in_webrtc_while_playing": webrtc_barge_in,
    "manual_commit_during_vad_active": commit_while_speaking,
    "idle_timeout": idle_timeout,
    "push_to_talk": push_to_talk,
}
ELSEWHERE = {
    "beta_header_on_live_2026": "tests/live/test_admission.py",
    "clear_during_speech": "below: three variants",
}
"""Sequences that are not of one GA session."""


@pytest.mark.behaviour(
    "scripted-playback",
    "turn-order",
    "reply-order",
    "text-turn",
    "barge-in-before-output",
    "commit-no-stop",
    "idle-order",
    "push-to-talk",
)
@pytest.mark.parametrize("name", PLAYS)
def test_a_known_ordering(name):
    """Turns (§3.1, §3.3), barge-in (§3.5), commit (§3.6), idle timeout (§3.7), push to talk (§3.8).

    What only WebRTC says is scripted (§2.3).
    """
    events, lines = SEQUENCES[name]["events"], PLAYS[name]().lines
    if not any("append" in event["type"] for event in events):  # some leave out what goes on all the time
        lines = [line for line in lines if "append" not in line]
    said = "".join(lines)
    assert re.search(pattern(events), said), "\n" + said.replace(";", "\n")


def test_no_ordering_is_left_out():
    assert set(SEQUENCES) == {*PLAYS, *ELSEWHERE}


def test_the_judge_sees_a_wrong_order():
    lines = audio_turn().lines
    at = next(index for index, line in enumerate(lines) if "response.created" in line)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    assert not re.search(pattern(SEQUENCES["ga_ws_server_vad_audio_turn"]["events"]), "".join(lines))


@pytest.mark.behaviour("clear-reset", "clear-buffer-only", "clear-wedge")
@pytest.mark.parametrize(
    ("variant", "after"),
    [
        ("reset", ["cleared", "speech_started", "speech_stopped", "committed"]),
        ("buffer_only", ["cleared", "speech_stopped", "committed"]),
        ("wedge", ["cleared"]),
    ],
)
def test_the_variants_of_clear_during_speech(variant, after):
    """Unknown of the service (§4.4): a policy. Speech goes on after the clear, then ends."""
    assert set(SEQUENCES["clear_during_speech"]["variants"]) == {"reset", "buffer_only", "wedge"}
    play = Recorded(policy={"clear_during_speech": variant}) >> append(speech(5)) >> CLEAR
    play >> append(speech(5)) >> append(silence(7))
    said = [re.search(r"<-input_audio_buffer\.(\w+)", line) for line in play.lines]
    assert [found[1] for found in said if found][1:] == after

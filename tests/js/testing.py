"""Plays a scenario with a client of the Python kit, and gives the same calls to the same client of the JavaScript kit.

A call is what the world calls: ``hear``, ``receive`` or ``wake``, with what is given and the time. After each call both
clients have returned commands, and know when they want to be woken.
"""

import base64
import json
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.clients import interface
from harness.clients.reference import REFERENCE_CLIENTS
from harness.clients.registry import NamedClient
from harness.protocol.codec import encode
from harness.protocol.events import Event
from harness.world.play import play

PLAYER = Path(__file__).parent / "player.mjs"
_SIGNALS = {
    interface.Opened: "opened",
    interface.Closed: "closed",
    interface.DialFailed: "dial_failed",
    interface.Pong: "pong",
    interface.CallState: "call_state",
    interface.ChannelClosed: "channel_closed",
    interface.MediaReport: "media_report",
    interface.PlaybackEnded: "playback_ended",
    interface.AppState: "app_state",
    interface.TalkButton: "talk_button",
    interface.MarkPlayed: "mark_played",
}
_COMMANDS = {
    interface.Connect: "connect",
    interface.Ping: "ping",
    interface.Play: "play",
    interface.StopPlayback: "stop_playback",
    interface.ReopenCapture: "reopen_capture",
    interface.ResumePlayback: "resume_playback",
    interface.Log: "log",
    interface.TellUser: "tell_user",
}


@dataclass
class Recorded:
    """The calls of one run as JSON lines, and what the Python client answered to each."""

    calls: list[str]
    answers: list[dict[str, Any]] = field(default_factory=list)


class Recorder:
    """A client that passes everything on to another, and notes it."""

    def __init__(self, client, recorded):
        self._client, self._recorded = client, recorded
        self.settings = client.settings

    def hear(self, chunk, now):
        return self._note("hear", now, base64.b64encode(chunk.pcm).decode(), self._client.hear(chunk, now))

    def receive(self, event, now):
        return self._note("receive", now, _given(event), self._client.receive(event, now))

    def wake(self, now):
        return self._note("wake", now, None, self._client.wake(now))

    def next_wake(self):
        return self._client.next_wake()

    def _note(self, method, now, given, commands):
        self._recorded.calls.append(json.dumps({"method": method, "now": now, "given": given}))
        answer = {"commands": [_command(each) for each in commands], "next": self._client.next_wake()}
        self._recorded.answers.append(answer)
        return commands


def record(scenario, name, *, seed=0, settings=None, transport=None):
    """Play a scenario with a reference client; gives its calls and answers."""
    recorded = Recorded([])

    def make(changes):
        made, defaults = REFERENCE_CLIENTS[name]
        recorded.calls.append(json.dumps({"method": "make", "name": name, "settings": changes}))
        return Recorder(made(defaults.changed(**changes)), recorded)

    play(scenario, NamedClient(name, make), seed=seed, settings=settings, transport=transport)
    return recorded


def node_of(config):
    """The Node that the tests use: the option's, or one of the system; None: there is none."""
    return config.getoption("node") or shutil.which("node")


def javascript_answers(node, recorded):
    """What the JavaScript client answers to the same calls."""
    done = subprocess.run([node, PLAYER], input="\n".join(recorded.calls), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def first_difference(recorded, answers):
    """The first call to which the two clients answered differently, in one text; None: there is none."""
    calls = [json.loads(call) for call in recorded.calls[1:]]
    assert len(calls) == len(recorded.answers) == len(answers)
    for number, (call, python, javascript) in enumerate(zip(calls, recorded.answers, answers, strict=True)):
        if python != javascript:
            given = call["given"] if call["method"] == "receive" else ""
            return (
                f"call {number}: {call['method']}({given}) at {call['now']} us:\n{_short(python)}\n{_short(javascript)}"
            )
    return None


def _without_none(event):
    """Fields of an event that are null, such as ``event_id``, mean the same as no field."""
    return {name: value for name, value in event.items() if value is not None}


def _short(answer):
    """An answer as text, without most of its audio."""
    return re.sub(r'"audio": "(.{16})[^"]*"', r'"audio": "\1…"', json.dumps(answer))


def _given(event):
    if isinstance(event, Event):
        return json.loads(encode(event))
    fields = {name: getattr(event, name) for name in type(event).__dataclass_fields__}
    return {"signal": _SIGNALS[type(event)], **fields}


def _command(command):
    if isinstance(command, Event):
        return _without_none(json.loads(encode(command)))
    fields = {name: getattr(command, name) for name in type(command).__dataclass_fields__}
    if isinstance(command, interface.Play):
        fields = {**fields, "audio": base64.b64encode(command.audio).decode()}
        del fields["format"]
    return {"command": _COMMANDS[type(command)], **fields}

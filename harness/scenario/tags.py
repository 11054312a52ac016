"""The tags of the shipped scenarios: what each means, and how a tag is written. A user's own may be any others."""

import re
from collections.abc import Mapping

TAGS: Mapping[str, str] = {
    "capture": "the microphone delivers nothing, or something else than the room",
    "detector": "the server's turn detection hears speech where there is none, or misses it",
    "server": "what the server does: its faults, its policies and its script",
    "wire": "the connection loses, delays or damages messages, or breaks",
    "media": "a WebRTC call: its packets of audio, its data channel, its path through the network",
    "natural": "no fault is injected: it happens with a healthy server, device and network",
    "app-switch": "the user switches to another app, or the device sleeps",
    "barge-in": "speech or a noise interrupts the assistant",
    "close": "the server ends the connection",
    "echo": "the microphone hears the assistant",
    "format": "audio of another format or rate than was declared",
    "gate": "the client's own gate removes the voice",
    "keyboard": "typing near the microphone",
    "noise": "sounds of the room that are taken for speech",
    "playback": "the answer is not audible, or its playback stands still",
    "push-to-talk": "turn detection is off, or is meant to be",
    "reconnect": "the client has to dial again",
    "response": "a response fails, is late, gets stuck or does not come",
    "telephone": "mu-law at 8 kHz, as on a telephone line",
    "tools": "the assistant calls a tool",
}
"""The tags that shipped scenarios have, and what a scenario with each is about."""
MOST_TAGS = 20
"""Of one scenario."""
TAG_PATTERN = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
LONGEST_TAG = 30
_TAG = re.compile(TAG_PATTERN)


def check_tag(value: object) -> str:
    """A tag. Raises :exc:`ValueError` with a sentence for anything that is none."""
    if not isinstance(value, str) or len(value) > LONGEST_TAG or _TAG.fullmatch(value) is None:
        raise ValueError(
            f"a tag is at most {LONGEST_TAG} lower-case letters, digits and single hyphens, such as barge-in "
            f"(got {value!r:.60})"
        )
    return value

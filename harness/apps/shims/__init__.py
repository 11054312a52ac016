"""Stands in for ``sounddevice`` and ``pyaudio``: an app that opens its own devices gets those of the world.

:mod:`.card` is what all streams share, :mod:`.samples` converts rates, channels and sample formats, :mod:`.capture`
and :mod:`.playback` are the two directions, :mod:`.written` is the buffer of blocking writes, and :mod:`.stream` is a
stream of PortAudio made of them. :mod:`.sounddevice` and :mod:`.pyaudio` are the two modules that an app imports.

It is unlike real audio in these ways: there is one microphone and one speaker; a callback takes no time unless it
waits; what is captured arrives in chunks of 20 ms; no driver fails to open.
"""

import importlib
import sys

NAMES = "sounddevice", "pyaudio"
"""The modules that are replaced."""


def install() -> None:
    """Let ``import sounddevice`` and ``import pyaudio`` find these here, whether the real ones are installed or not."""
    for name in NAMES:
        sys.modules[name] = importlib.import_module(f".{name}", __name__)

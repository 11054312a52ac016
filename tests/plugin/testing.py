"""What the tests of the pytest plugin share: a user's client, and runs of pytest on a user's test file."""

import re

CLIENT = '''
from stillthere import Closed, Connect, DialFailed, Opened, Play, StopPlayback
from stillthere.events import InputAudioBufferAppend, InputAudioBufferSpeechStarted, ResponseOutputAudioDelta


class MyClient:
    """That of the README."""

    connected = False

    def hear(self, chunk, now):
        return [InputAudioBufferAppend(audio=chunk.pcm)] if self.connected else []

    def receive(self, event, now):
        if isinstance(event, Opened | Closed | DialFailed):
            self.connected = isinstance(event, Opened)
            return [] if self.connected else [Connect()]
        if isinstance(event, ResponseOutputAudioDelta):
            return [Play(event.delta, event.item_id, event.response_id)]
        if isinstance(event, InputAudioBufferSpeechStarted):
            return [StopPlayback()]
        return []

    def wake(self, now):
        return []

    def next_wake(self):
        return None
'''
OPTIONS = (
    *("-p", "stillthere.pytest", "-p", "no:cacheprovider", "-q"),
    *("-o", "asyncio_default_fixture_loop_scope=function"),
)


def outcomes(result) -> dict[str, int]:
    """How many tests passed, failed and so on; not pytest's warning that the plugin is loaded already."""
    return {name: count for name, count in result.parseoutcomes().items() if not name.startswith("warning")}


def text(result) -> str:
    """What pytest printed; a command on several lines, as in a narrow terminal, is put on one."""
    return re.sub(r" \\ *\nE? +", " ", "\n".join(result.outlines))

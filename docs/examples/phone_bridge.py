"""A bridge to a telephone line: mu-law at 8 kHz on the WebSocket. Run it with --device stdio, which is its line."""

import base64
import json
import os
import sys
import threading
from array import array

from websockets.sync.client import connect

FORMAT = {"format": {"type": "audio/pcmu"}}
SESSION = {"type": "realtime", "audio": {"input": FORMAT, "output": FORMAT}}


def encode(sample):  # ITU-T G.711, section 3
    magnitude = min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~((128 if sample < 0 else 0) | exponent << 4 | magnitude >> exponent + 3 & 15) & 255


def decode(code):
    code = ~code & 255
    magnitude = ((code & 15) * 8 + 132 << (code >> 4 & 7)) - 132
    return -magnitude if code & 128 else magnitude


SAMPLES = [decode(code) for code in range(256)]


def listen(server):
    while pcm := sys.stdin.buffer.read(960):  # 20 ms at 24 kHz; three samples become one
        wide = array("h", pcm)
        narrow = bytes(encode(sum(wide[at : at + 3]) // 3) for at in range(0, len(wide), 3))
        append = {"type": "input_audio_buffer.append", "audio": base64.b64encode(narrow).decode()}
        server.send(json.dumps(append))


with connect(os.environ["STILLTHERE_URL"], additional_headers={"Authorization": "Bearer any"}) as server:
    server.send(json.dumps({"type": "session.update", "session": SESSION}))
    threading.Thread(target=listen, args=[server], daemon=True).start()
    for message in server:
        event = json.loads(message)
        if event["type"] == "response.output_audio.delta":
            narrow = base64.b64decode(event["delta"])
            wide = array("h", (SAMPLES[code] for code in narrow for _ in range(3)))
            sys.stdout.buffer.write(wide.tobytes())
            sys.stdout.buffer.flush()

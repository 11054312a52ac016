"""A voice app that needs no library for sound: any language can do the same with a socket and a WebSocket."""

import base64
import json
import os
import socket
import threading
import urllib.request

from websockets.sync.client import connect

host, port = os.environ["STILLTHERE_DEVICE"].removeprefix("tcp://").split(":")
device = socket.create_connection((host, int(port)))
drop_what_is_queued = urllib.request.Request(
    os.environ["OPENAI_BASE_URL"].removesuffix("/v1") + "/speaker", method="DELETE"
)


def listen(server):
    with device.makefile("rb") as microphone:
        while pcm := microphone.read(960):  # 20 ms of PCM: 16 bits, little-endian, 24 kHz, mono
            audio = base64.b64encode(pcm).decode()
            server.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))


with connect(os.environ["STILLTHERE_URL"], additional_headers={"Authorization": "Bearer any"}) as server:
    threading.Thread(target=listen, args=[server], daemon=True).start()
    for message in server:
        event = json.loads(message)
        if event["type"] == "response.output_audio.delta":
            device.sendall(base64.b64decode(event["delta"]))
        elif event["type"] == "input_audio_buffer.speech_started":
            urllib.request.urlopen(drop_what_is_queued).close()

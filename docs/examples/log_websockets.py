"""Writes each event of every WebSocket to realtime.jsonl. Import it first, or run `python log_websockets.py app.py`."""

import json
import os
import runpy
import sys
import time

from websockets.asyncio.connection import Connection

path = os.environ.get("REALTIME_LOG", "realtime.jsonl")
send, recv = Connection.send, Connection.recv


def write(way, event, socket):
    event = event.decode() if isinstance(event, bytes) else event
    with open(path, "a") as file:
        print(json.dumps({"ts": time.time(), "dir": way, "conn": id(socket), "event": event}), file=file)


async def logged_send(self, message, *options, **more):
    write("out", message, self)
    return await send(self, message, *options, **more)


async def logged_recv(self, *options, **more):
    try:
        message = await recv(self, *options, **more)
    except Exception:
        write("closed", {"code": self.close_code, "reason": self.close_reason}, self)
        raise
    write("in", message, self)
    return message


Connection.send, Connection.recv = logged_send, logged_recv
if __name__ == "__main__":
    sys.argv.pop(0)
    runpy.run_path(sys.argv[0], run_name="__main__")

"""Adds what Twilio's media stream says in a FastAPI or Starlette app to the same realtime.jsonl. Import it first."""

from log_websockets import write
from starlette.websockets import WebSocket

receive, send = WebSocket.receive, WebSocket.send


async def logged_receive(self):
    message = await receive(self)
    if message.get("text"):
        write("in", message["text"], "telephone")
    return message


async def logged_send(self, message):
    if message.get("text"):
        write("out", message["text"], "telephone")
    await send(self, message)


WebSocket.receive, WebSocket.send = logged_receive, logged_send

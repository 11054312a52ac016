"""The same messages over real sockets on this machine: to a live server, from clients that break the protocol.

Behind every few messages a client asks for an item that there is not. The refusal, which echoes the request's own
``event_id``, shows that all before it has been answered; a message that is no event must have had an ``error`` by then.
"""

import asyncio
import json
from dataclasses import dataclass
from random import Random

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from harness.errors import ProtocolError
from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.protocol.codec import decode_client_event, decode_server_event
from harness.server.session import SessionSetup
from tests.abuse.mutations import mutated, valid
from tests.abuse.victim import VOICE

AT_ONCE = 20
"""Messages before each question."""
CLIENTS = 8
_PATIENCE_S = 20.0
_NOT_TEXT_ONE_IN = 50
_INVALID_DATA = 1007


@dataclass
class SocketTally:
    """What was sent over sockets, and what came of it."""

    messages: int = 0
    errors: int = 0
    binary: int = 0
    closed_for_text: int = 0
    """Connections that the server closed, as RFC 6455 wants it, for text that is not UTF-8."""
    missing: int = 0
    hangs: int = 0
    crashes: int = 0


async def abuse_sockets(messages: int, seed: int) -> SocketTally:
    """Send so many messages to a server of its own."""
    tally = SocketTally()
    setup = SessionSetup(voice=VOICE, detector="energy")
    async with LiveServer(setup, LiveSettings()) as server, asyncio.TaskGroup() as clients:
        for index in range(CLIENTS):
            share = messages // CLIENTS + (index < messages % CLIENTS)
            clients.create_task(_client(server.url, Random(f"{seed}/{index}"), share, tally))
    return tally


async def _client(url: str, random: Random, messages: int, tally: SocketTally) -> None:
    sent = 0
    while sent < messages:
        async with _dial(url) as socket:
            for _ in range(random.randrange(1, 8)):
                batch = min(AT_ONCE, messages - sent)
                if not batch:
                    break
                sent += batch
                if not await _batch(socket, random, batch, tally):
                    break


def _dial(url: str) -> connect:
    key = {"Authorization": "Bearer sk-x"}
    return connect(f"{url}?model=gpt-realtime", max_size=None, compression=None, additional_headers=key)


async def _batch(socket: ClientConnection, random: Random, size: int, tally: SocketTally) -> bool:
    """Send a few messages and the question. Whether the connection is still open."""
    due, spoils = 0, False
    try:
        for _ in range(size):
            data = (valid(random) if random.random() < 0.3 else mutated(random)).data
            tally.messages += 1
            if random.randrange(_NOT_TEXT_ONE_IN) == 0:
                tally.binary += 1
                due += 1
                await socket.send(data)
                continue
            spoils = spoils or not _is_utf8(data)
            due += not spoils and not _is_event(data)
            await socket.send(data, text=True)
        question = f"question_{random.getrandbits(64)}"
        await socket.send(
            json.dumps({"type": "conversation.item.retrieve", "item_id": "item_none", "event_id": question})
        )
        async with asyncio.timeout(_PATIENCE_S):
            errors = await _errors_until(socket, question)
    except TimeoutError:
        tally.hangs += 1
        return False
    except (ConnectionClosed, AttributeError):  # the latter from the client's library, if that happens as it sends
        code = socket.close_code
        tally.closed_for_text += code == _INVALID_DATA
        tally.crashes += code != _INVALID_DATA or not spoils
        return False
    tally.errors += errors
    tally.missing += max(0, due - errors) + spoils
    return True


async def _errors_until(socket: ClientConnection, question: str) -> int:
    errors = 0
    while True:
        data = await socket.recv()
        decode_server_event(data)
        document = json.loads(data)
        if document["type"] == "error":
            if document["error"]["event_id"] == question:
                return errors
            errors += 1


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_event(data: bytes) -> bool:
    try:
        decode_client_event(data)
    except ProtocolError:
        return False
    return True

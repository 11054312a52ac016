"""Chromium's DevTools protocol over a pipe: messages, commands and their results, events.

:class:`Framing` is without I/O. :class:`DevTools` is the connection to a browser, :class:`DevToolsSession` what is
said to one page.
"""

import asyncio
import contextlib
import json
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from ...errors import ClientError

EventListener = Callable[[str, dict[str, Any]], None]
"""Is called with the name and the parameters of an event."""
ANSWERS_WITHIN_S = 20.0
"""How long a command may take."""

_HALF_A_CHARACTER = re.compile(r"[\ud800-\udfff]")


class DevToolsError(ClientError):
    """The browser refused a command, or it is gone."""


class Framing:
    """Messages in a stream of bytes: each is JSON and ends with a zero byte."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def receive(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The messages that are complete with these bytes."""
        self._rest += data
        *whole, rest = self._rest.split(b"\0") if b"\0" in data else [self._rest]
        self._rest = bytearray(rest)
        for text in whole:
            yield _decoded(text)


def _decoded(text: bytes | bytearray) -> dict[str, Any]:
    """A message. A string of JavaScript may hold half a character, which no text has: it becomes U+FFFD."""
    try:
        message: dict[str, Any] = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        loose = json.dumps(json.loads(text.decode(errors="replace")), ensure_ascii=False)
        message = msgspec.json.decode(_HALF_A_CHARACTER.sub("\ufffd", loose))
    return message


def framed(number: int, method: str, parameters: dict[str, Any], session: str | None) -> bytes:
    """A command, as bytes."""
    message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
    if session is not None:
        message["sessionId"] = session
    return msgspec.json.encode(message) + b"\0"


class DevTools:
    """The connection to one browser. ``reads`` and ``writes`` are ends of pipes; :meth:`close` closes both."""

    def __init__(self, reads: int, writes: int) -> None:
        self._writes = writes
        self._reads = reads
        self._number = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._listeners: dict[str | None, EventListener] = {}
        self._framing = Framing()
        self._transport: asyncio.ReadTransport | None = None
        self.gone = asyncio.Event()
        """Set once the browser has closed the pipe."""

    async def open(self) -> None:
        """Start to read."""
        loop = asyncio.get_running_loop()
        pipe = os.fdopen(self._reads, "rb", 0)
        self._transport, _ = await loop.connect_read_pipe(lambda: _Reader(self), pipe)

    def listen(self, session: str | None, listener: EventListener) -> None:
        """Call ``listener`` with each event of a session; None: of the browser itself."""
        self._listeners[session] = listener

    async def do(self, method: str, session: str | None = None, /, **parameters: Any) -> dict[str, Any]:
        """Send a command; its result. Raises :exc:`DevToolsError` if it fails or takes too long."""
        if self.gone.is_set():
            raise DevToolsError(f"the browser has ended, so {method} cannot be done")
        self._number += 1
        number = self._number
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        data = memoryview(framed(number, method, parameters, session))
        try:
            while data:
                data = data[os.write(self._writes, data) :]
            return await asyncio.wait_for(answer, ANSWERS_WITHIN_S)
        except BrokenPipeError:
            raise DevToolsError(f"the browser has ended, so {method} cannot be done") from None
        except TimeoutError:
            raise DevToolsError(f"the browser did not answer {method} within {ANSWERS_WITHIN_S:g} s") from None
        finally:
            self._waiting.pop(number, None)

    def received(self, data: bytes) -> None:
        """Bytes of the browser."""
        for message in self._framing.receive(data):
            if (number := message.get("id")) is not None:
                self._answered(number, message)
            elif (listener := self._listeners.get(message.get("sessionId"))) is not None:
                listener(message["method"], message.get("params", {}))

    def _answered(self, number: int, message: dict[str, Any]) -> None:
        answer = self._waiting.pop(number, None)
        if answer is None or answer.done():
            return
        if (error := message.get("error")) is not None:
            answer.set_exception(DevToolsError(f"the browser refused a command: {error.get('message', error)}"))
        else:
            answer.set_result(message.get("result", {}))

    def lost(self) -> None:
        """The browser has closed the pipe: what it would say of a page that it closes, each listener is told."""
        self.gone.set()
        for listener in list(self._listeners.values()):
            listener("Inspector.detached", {"reason": "the browser has ended"})
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(DevToolsError("the browser has ended"))

    def close(self) -> None:
        """Close both pipes."""
        if self._transport is not None:
            self._transport.close()
        with contextlib.suppress(OSError):
            os.close(self._writes)


class _Reader(asyncio.Protocol):
    def __init__(self, devtools: DevTools) -> None:
        self._devtools = devtools

    def data_received(self, data: bytes) -> None:
        self._devtools.received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._devtools.lost()


class DevToolsSession:
    """The commands of one page."""

    def __init__(self, devtools: DevTools, session: str, target: str) -> None:
        self.devtools = devtools
        self.target = target
        self._session = session

    def listen(self, listener: EventListener) -> None:
        """Call ``listener`` with each event of the page."""
        self.devtools.listen(self._session, listener)

    async def do(self, method: str, /, **parameters: Any) -> dict[str, Any]:
        """Send a command; its result."""
        return await self.devtools.do(method, self._session, **parameters)

    async def run(self, expression: str, **options: Any) -> Any:
        """What a JavaScript expression is, as JSON, once its promise is fulfilled. Raises :exc:`DevToolsError`."""
        result = await self.do(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, **options
        )
        return value_of(result)

    async def call(self, function: str, on: str, *arguments: str) -> dict[str, Any]:
        """The remote object that a function returns, called on an object, with objects, by their ids."""
        result = await self.do(
            "Runtime.callFunctionOn",
            functionDeclaration=function,
            objectId=on,
            arguments=[{"objectId": each} for each in arguments],
        )
        value_of(result)
        found: dict[str, Any] = result["result"]
        return found


def value_of(result: dict[str, Any]) -> Any:
    """The value of a result of JavaScript. Raises :exc:`DevToolsError` with what it threw."""
    thrown = result.get("exceptionDetails")
    if thrown is not None:
        raise DevToolsError(thrown_text(thrown))
    return result.get("result", {}).get("value")


def thrown_text(details: dict[str, Any]) -> str:
    """What was thrown, on one line."""
    thrown = details.get("exception", {})
    text = thrown.get("description") or thrown.get("value") or details.get("text") or "an exception"
    return " ".join(str(text).split("\n    at ")[0].split())

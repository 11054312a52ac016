"""The microphone and the speaker that a program is given, and what each kind of them can do."""

import asyncio
import socket
from typing import Protocol

from ..tested_app import TestedApp
from .clock import WallClock
from .output import BYTES_PER_S, PlayedStream
from .program import Program

MOST_WAITING = BYTES_PER_S
"""A device that is not read keeps so much, one second; then audio is lost, as on a sound card."""

_SYSTEM_KEEPS = 8192
"""So much of what is captured the system may keep besides."""


class Device(Protocol):
    """What a kind of device does. All sound is PCM: int16, little-endian, mono, 24 kHz."""

    needs_pipes: bool
    """Whether it is the program's standard input and output."""

    async def open(self) -> str | None:
        """Make it ready; the address that the program finds in ``STILLTHERE_DEVICE``."""
        ...

    def environment(self) -> dict[str, str]:
        """What else the program needs in its environment."""
        ...

    def started(self, program: Program) -> None:
        """The program was started."""
        ...

    async def close(self) -> None:
        """The run is over."""
        ...


class CaptureSink:
    """One open capture: the chunks of the microphone on their way to the program through ``transport``."""

    def __init__(self, app: TestedApp, transport: asyncio.WriteTransport) -> None:
        self._app = app
        self._transport = transport
        app.captures.append(self._chunk)

    def close(self) -> None:
        """Nothing is captured any more."""
        if self._chunk in self._app.captures:
            self._app.captures.remove(self._chunk)

    def _chunk(self, pcm: bytes) -> None:
        if self._transport.is_closing():
            self.close()
        elif self._transport.get_write_buffer_size() > MOST_WAITING:
            self._app.fenced("the program did not read its microphone for some seconds, so audio was lost")
        else:
            self._transport.write(pcm)


class TcpDevice:
    """``--device tcp``. ``output`` None: nobody listens to what the program plays."""

    needs_pipes = False

    def __init__(self, app: TestedApp, clock: WallClock, output: PlayedStream | None) -> None:
        self.app = app
        self.output = output
        self._clock = clock
        self._server: asyncio.Server | None = None
        self._connections: set[_DeviceConnection] = set()
        self._opened = 0

    async def open(self) -> str:
        """Listen on a free port of this machine."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _DeviceConnection(self), "127.0.0.1", 0)
        return f"tcp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def environment(self) -> dict[str, str]:
        """Nothing more than its address."""
        return {}

    def started(self, program: Program) -> None:
        """The program dials the device by itself."""

    def connected(self, connection: "_DeviceConnection") -> None:
        """The program opens its devices. If it had them open before, what was queued is gone."""
        self._clock.enter()
        self._connections.add(connection)
        self._opened += 1
        if self._opened > 1 and self._clock.is_started:
            if self.output is not None:
                self.output.drop()
            self.app.reopens()
            self.app.resumes()

    def lost(self, connection: "_DeviceConnection") -> None:
        """The program has closed its devices."""
        self._connections.discard(connection)

    async def close(self) -> None:
        """Close all connections."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.transport.abort()


class _DeviceConnection(asyncio.Protocol):
    def __init__(self, device: TcpDevice) -> None:
        self.transport: asyncio.Transport
        self._device = device
        self._capture: CaptureSink | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SYSTEM_KEEPS)
        self._device.connected(self)
        self._capture = CaptureSink(self._device.app, transport)

    def data_received(self, data: bytes) -> None:
        if self._device.output is not None:
            self._device.output.take(data)

    def eof_received(self) -> bool:
        return True  # a program may have nothing more to play, and still listen

    def connection_lost(self, exc: Exception | None) -> None:
        if self._capture is not None:
            self._capture.close()
        self._device.lost(self)


class StdioDevice:
    """``--device stdio``. ``output`` None: nobody listens to what the program plays."""

    needs_pipes = True

    def __init__(self, app: TestedApp, output: PlayedStream | None) -> None:
        self._app = app
        self._output = output
        self._reading: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Pipes need no address."""

    def environment(self) -> dict[str, str]:
        """Nothing."""
        return {}

    def started(self, program: Program) -> None:
        """The program has its pipes."""
        process = program.process
        assert process.stdin is not None and process.stdout is not None
        CaptureSink(self._app, process.stdin.transport)
        self._reading = asyncio.create_task(self._read(process.stdout))

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while data := await stream.read(2**16):
            if self._output is not None:
                self._output.take(data)

    async def close(self) -> None:
        """Read no more."""
        if self._reading is not None:
            self._reading.cancel()

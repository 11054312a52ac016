"""One run of a program: its server, its devices and its world, on the wall clock."""

import asyncio
import contextlib
import gc
import os
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...journal import Journal, WorldLate
from ...live.access import Access
from ...live.listening import Address, cannot_listen
from ...live.socket.http import HttpConnection
from ...scenario.model import Scenario
from ...scenario.profiles import Timers
from ...server.session import Session
from ...units import MS, SECOND
from ...world.play import faults_of_the_user
from ...world.world import Surroundings, World, session_setup
from ..front import FrontSettings
from .clock import WallClock
from .devices import Device, StdioDevice, TcpDevice
from .output import BUFFER_US, MONITOR_BUFFER_US, PlayedStream
from .program import Program, variables_of
from .program_app import ProgramApp
from .program_front import ProgramFront
from .pulse_device import PulseDevice

CAPTURED_US = 20 * MS
"""How much sound the microphone delivers at a time."""


@dataclass(frozen=True, slots=True)
class StageOptions:
    """How a program is run."""

    device: str = "tcp"
    """One of :data:`harness.apps.choices.DEVICES`."""
    speaker: str = "device"
    """``device``: what the program plays is listened to; ``inferred``: what arrives at it counts as played."""
    port: int = 0
    """Of the server; 0: any free one."""
    tls: ssl.SSLContext | None = None
    dial_within_s: float = 30.0
    """How long the program has until it dials."""
    output: Path | None = None
    """A file for what the program writes; None: our standard error."""
    access: Access = field(default_factory=Access)
    """Which pages and host names are served."""

    @property
    def infers_speaker(self) -> bool:
        """Whether nobody listens to what the program plays."""
        return self.speaker == "inferred" or self.device == "none"


class RealTimeStage:
    """Open it, let something dial ``url``, and :meth:`play`. Time begins when the program asks for its first WebSocket.

    ``program`` None: one that is running already. A running event loop is needed.
    """

    def __init__(
        self, scenario: Scenario, journal: Journal, seed: int, options: StageOptions, program: Program | None
    ) -> None:
        detector = journal.header["detector"]
        self.journal = journal
        self.program = program
        self.options = options
        self.dialled = asyncio.Event()
        self.address: str | None = None
        """Of the device."""
        self.clock = WallClock(asyncio.get_running_loop())
        self._app: ProgramApp
        self._setup = session_setup(scenario, detector)
        self._epoch_s = int(time.time())
        self.world = World(
            scenario, self._make_app, detector, seed, journal,
            chunk_us=CAPTURED_US, scheduler=self.clock, epoch_s=self._epoch_s, plays_calls=False,
        )  # fmt: skip
        self._output = None if options.infers_speaker else self._make_output()
        self.device = self._make_device()
        self._server: asyncio.Server | None = None
        self._front: ProgramFront
        self.url = ""

    def _make_app(self, around: Surroundings) -> ProgramApp:
        self._app = ProgramApp(around, self._throttle, infers_speaker=self.options.infers_speaker)
        return self._app

    def _throttle(self, timers: Timers | None) -> None:
        if self.program is not None:
            fence = self.program.throttle(timers)
        else:
            fence = None if timers is None else "the program was not frozen or slowed down: it was started by hand"
        if fence is not None:
            self._app.fenced(fence)

    def _make_output(self) -> PlayedStream:
        is_monitor = self.options.device == "pulse"
        return PlayedStream(self._app, self.clock, MONITOR_BUFFER_US if is_monitor else BUFFER_US)

    def _make_device(self) -> Device:
        if self.options.device == "stdio":
            return StdioDevice(self._app, self._output)
        if self.options.device == "pulse":
            return PulseDevice(self._app, self.clock, self._output)
        return TcpDevice(self._app, self.clock, self._output)

    # --- before and after ---

    async def open(self) -> None:
        """Listen, and prepare all that would take time during the run. Raises :exc:`InputError`."""
        self.world.prepare()
        Session(self._setup, "trial")  # the weights of the detector are loaded
        address = Address("127.0.0.1", self.options.port, "127.0.0.1")
        try:
            self._server = await asyncio.get_running_loop().create_server(
                lambda: HttpConnection(self._front), address.host, address.port, ssl=self.options.tls
            )
        except OSError as error:
            raise cannot_listen(address, error) from None
        address = Address(address.host, self._server.sockets[0].getsockname()[1], address.reached_at)
        self.url = address.url("ws" if self.options.tls is None else "wss", "/v1/realtime")
        settings = FrontSettings(self.url, self._epoch_s, 0, self.options.access.visit)
        drop = self._app.stops if self._output is None else self._output.drop
        self._front = ProgramFront(self._app, self._setup, settings, self.clock, self._begin, drop)
        self.address = await self.device.open()
        gc.collect()
        gc.freeze()  # what is loaded stays; to scan all of it takes longer than a chunk lasts

    def variables(self, trust: Mapping[str, str]) -> dict[str, str]:
        """What a program needs in its environment, once this is open."""
        return {**variables_of(self.url, self.address, trust), **self.device.environment()}

    def _begin(self) -> None:
        """The program dials for the first time: time begins."""
        if not self.clock.is_started and not self.clock.over.done():
            self.dialled.set()
            self.world.begin()
            self.clock.start()

    async def play(self) -> None:
        """Play until the run is over. Raises what a fault of the user's own raises."""
        with faults_of_the_user(self.world), _in_a_hurry(), self._errors_end_the_run():
            await self.clock.over
        if self._output is not None:
            self._output.finish()
        clock = self.clock
        self.journal.add(WorldLate(t=clock.now, worst_us=clock.worst_us, at_us=clock.worst_at_us))
        self.world.end()

    def program_ended(self, waited: asyncio.Task[str | None]) -> None:
        """The program has ended while the run goes on."""
        if not waited.cancelled():
            self.clock.enter()
            self._app.ended(waited.result(), "")

    async def close(self) -> None:
        """Close everything; the program must have ended."""
        self.clock.fail(None)
        if self._server is not None:
            self._server.close()
            self._front.abort()
            await self._front.calls.stop()
        await self.device.close()
        gc.unfreeze()

    @contextlib.contextmanager
    def _errors_end_the_run(self) -> Iterator[None]:
        """What is raised while something is read from the program ends the run too."""
        loop = asyncio.get_running_loop()

        def found(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
            error = context.get("exception")
            if isinstance(error, Exception) and not isinstance(error, OSError):
                self.clock.fail(error)

        loop.set_exception_handler(found)
        try:
            yield
        finally:
            loop.set_exception_handler(None)


@contextlib.contextmanager
def _in_a_hurry() -> Iterator[None]:
    """Go before the other programs of this machine, as what plays sound does, if the system lets us (Linux)."""
    try:
        before, parameter = os.sched_getscheduler(0), os.sched_getparam(0)
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except (AttributeError, OSError):
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, before, parameter)


def lateness_s(journal: Journal) -> float:
    """How late the world of a run was at worst."""
    return max((entry.worst_us for entry in journal.select(WorldLate)), default=0) / SECOND

"""One run of an app in virtual time, in this process; which must not be used for another one."""

import asyncio
import contextlib
import inspect
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...clients.registry import accepts_settings
from ...errors import ClientError
from ...journal import VIRTUAL_APP, ConnectionDialled, Journal
from ...scenario.model import Scenario
from ...units import MS, SECOND
from ...user_code import exits_held, is_interrupt, own_line, own_line_of, raised, shown
from ...world.network import Dial, Network
from ...world.play import faults_of_the_user, prepared
from ...world.scheduler import Scheduler
from ...world.world import Surroundings, World, session_setup
from ..app_socket import KERNEL_BYTES
from ..choices import HOSTS
from ..front import Front, FrontSettings
from ..shims.card import CARD
from ..target import AppTarget
from ..tested_app import TestedApp
from .clock import Clock, StageOver
from .devices import AppMicrophone, AppSpeaker
from .hosts import Dialled, Hosts
from .loop import ThreadLoop, VirtualLoop
from .network import run_in_threads
from .patches import EPOCH_S
from .script import never_looped, own_event_loops, run_script
from .threads import activate

TCP_TIMEOUT_US = 127 * SECOND
"""Linux gives a connect up after six repeated SYNs: 1 + 2 + 4 + ... + 64 s (RFC 6298, tcp_syn_retries)."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and how an app is played."""

    seed: int = 0
    detector: str | None = None
    hosts: tuple[str, ...] = HOSTS
    """The hosts that are the Realtime service."""
    chunk_ms: int = 20
    patience_s: float = 10.0
    """How long a thread of the app may be in one call, in real time."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The settings that the app gets, if it takes any."""


class VirtualStage:
    """A world, an event loop, and between them the app. ``name`` is the app's, for the journal."""

    def __init__(self, scenario: Scenario, name: str, setting: Setting) -> None:
        self.scenario, header = prepared(scenario, name, setting.seed, setting.detector, VIRTUAL_APP)
        header["chunk_ms"] = setting.chunk_ms
        header["settings"] = dict(sorted(setting.settings.items()))
        self.settings = setting.settings
        if others := [host for host in setting.hosts if host not in HOSTS]:
            header["hosts"] = others
        self.name = name
        self.journal = Journal(header)
        self.clock = Clock(Scheduler(), setting.patience_s)
        self.error: BaseException | None = None
        """What the app raised."""
        self.world = World(
            self.scenario,
            self._make_app,
            header["detector"],
            setting.seed,
            self.journal,
            chunk_us=setting.chunk_ms * MS,
            scheduler=self.clock.scheduler,
            epoch_s=EPOCH_S,
        )
        settings = FrontSettings(f"wss://{setting.hosts[0]}/v1/realtime", EPOCH_S, KERNEL_BYTES)
        self.front = Front(self.app, session_setup(self.scenario, header["detector"]), settings)
        self.clock.fence = self.app.fenced
        self.clock.where = self._where
        self.clock.is_playing = lambda: self.world.speaker.playing
        activate(self.clock)
        CARD.attach(self.app, self.clock)
        self.clock.has_begun = False
        self.hosts = Hosts(dict.fromkeys(setting.hosts, self._dial()))
        self.loop = self.make_loop()
        run_in_threads(self.make_thread_loop)
        self._entries = 0
        self._ended_at: int | None = None

    def _make_app(self, around: Surroundings) -> TestedApp:
        self.app = TestedApp(around, self.clock.throttle)
        return self.app

    def make_loop(self) -> VirtualLoop:
        """An event loop for the main thread, which moves the clock."""
        return VirtualLoop(self.clock, self.world.begin, self._end, self.hosts)

    def make_thread_loop(self) -> ThreadLoop:
        """An event loop for another thread."""
        return ThreadLoop(self.clock, self.hosts)

    def _make_any_loop(self) -> VirtualLoop | ThreadLoop:
        return self.make_loop() if self.clock.on_loop() else self.make_thread_loop()

    def _end(self) -> None:
        self.world.end()
        self._entries = len(self.journal.entries)

    def _dial(self) -> Dialled:
        from ...live.socket.http import HttpConnection

        async def dial(host: str, port: int) -> tuple[asyncio.BaseProtocol, Callable[[asyncio.Transport], None]]:
            end = _TcpEnd(self.world.network)
            made = await end.connect()
            return HttpConnection(self.front), lambda transport: self.front.arrives(transport, made)

        return dial

    # --- an app that is a function ---

    def play(self, app: Callable[[AppMicrophone, AppSpeaker], Any]) -> None:
        """Play ``app(mic, speaker)`` to the end of the run. Raises :exc:`ClientError`."""
        asyncio.set_event_loop(self.loop)
        with faults_of_the_user(self.world), exits_held(), np.errstate(all="ignore"):
            microphone, speaker = AppMicrophone(self.app), AppSpeaker(self.app)
            settings = self._settings_for(app)
            try:
                coroutine = app(microphone, speaker, **settings)
            except Exception as error:
                raise self._broken(error) from error
            if not inspect.iscoroutine(coroutine):
                raise ClientError(
                    f"the app {self.name!r} returned {shown(coroutine)}; make it an async function: "
                    "async def app(mic, speaker)"
                )
            task = self.loop.create_task(coroutine, name=self.name)
            task.add_done_callback(self._task_done)
            self._run_app()
            self._let_it_clean_up()
            self._run_on()

    def _settings_for(self, app: Callable[..., Any]) -> dict[str, Any]:
        """The settings as the arguments of the app: a dictionary ``settings``, if there are any."""
        if not self.settings:
            return {}
        if not accepts_settings(app):
            raise ClientError(
                f"the app {self.name!r} takes no settings; give it a parameter: async def app(mic, speaker, settings)"
            )
        return {"settings": dict(self.settings)}

    def play_script(self, target: AppTarget) -> None:
        """Play a script, and then the rest of the run without it. Raises :exc:`ClientError`."""
        own_event_loops(self._make_any_loop)
        run_in_threads(self._make_any_loop)
        with faults_of_the_user(self.world), exits_held(), np.errstate(all="ignore"):
            try:
                run_script(target)
            except StageOver:
                pass
            except BaseException as error:
                if is_interrupt(error):
                    raise
                self.app_ended(None if isinstance(error, SystemExit) and not error.code else error)
            else:
                self.app_ended(None)
            if self.clock.failure is not None:
                raise self.clock.failure
            if not self.clock.has_begun:
                raise self._broken(self.error) if self.error is not None else ClientError(never_looped(target))
            self._run_on()

    def _task_done(self, task: "asyncio.Task[Any]") -> None:
        self.app_ended(asyncio.CancelledError() if task.cancelled() else task.exception())
        self.loop.stop()

    def app_ended(self, error: BaseException | None) -> None:
        """The app has ended, perhaps by an error."""
        if self.clock.is_over or self._ended_at is not None or isinstance(error, StageOver):
            return
        self._ended_at = self.clock.scheduler.now
        self.error = None if error is None else _leaf(error)
        place = "" if self.error is None else own_line(self.error)
        self.app.ended(None if self.error is None else raised(self.error), place)
        if next(self.journal.select(ConnectionDialled), None) is None:
            self.clock.scheduler.stop()  # it will never be heard of

    def _run_app(self) -> None:
        """Run the loop until the app ends, or the run is over."""
        while not self.clock.is_over and self._ended_at is None:
            try:
                self.loop.run_forever()
            except StageOver:
                continue
            except (SystemExit, KeyboardInterrupt) as error:
                if is_interrupt(error):
                    raise
                self.app_ended(error)
            else:
                self.app_ended(RuntimeError("the app stopped its event loop"))  # asyncio.run would raise so too

    def _run_on(self) -> None:
        """The app's process has ended, and nothing that it has left behind goes on: run to the end without it."""
        self.app.leaves()
        self.loop = self.make_loop()
        while not self.clock.is_over:
            with contextlib.suppress(StageOver):
                self.loop.run_forever()

    def _let_it_clean_up(self) -> None:
        """What waits in the app is cancelled, as by ``asyncio.run``, and may close what it has opened."""
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.call_later(1.0, self.loop.stop)
        with contextlib.suppress(StageOver, SystemExit, KeyboardInterrupt):
            self.loop.run_forever()

    def _where(self) -> list[str]:
        """The app's own lines in which its tasks wait."""
        tasks = sorted(asyncio.all_tasks(self.loop), key=lambda task: task.get_name())
        lines = (own_line_of(frame) for task in tasks for frame in task.get_stack()[-1:])
        return [line for line in dict.fromkeys(lines) if line]

    # --- what came of it ---

    def finish(self) -> Journal:
        """The journal. Raises :exc:`ClientError` if the app never came to a conversation."""
        del self.journal.entries[self._entries :]
        if next(self.journal.select(ConnectionDialled), None) is None:
            if self.error is not None:
                raise self._broken(self.error) from self.error
            raise ClientError(self._never_dialled())
        return self.journal

    def _broken(self, error: BaseException) -> ClientError:
        place = own_line(error)
        ended_at = self.clock.scheduler.now if self._ended_at is None else self._ended_at
        where = f" at {ended_at / SECOND:.3f} s, before it dialled the service"
        broken = ClientError(f"{f'{place}: ' if place else ''}the app {self.name!r} raised {raised(error, where)}")
        broken.add_note("".join(traceback.format_exception(error)))
        return broken

    def _never_dialled(self) -> str:
        hosts = ", ".join(self.hosts.simulated)
        others = ", ".join(dict.fromkeys(self.hosts.refused))
        if others:
            return (
                f"the app {self.name!r} never dialled {hosts}; it dialled {others}: if that is the Realtime service, "
                f"add --host {others.split(':')[0]}"
            )
        how = "ended without an error and" if self._ended_at is not None else "ran to the end of the run and"
        return (
            f"the app {self.name!r} {how} never dialled {hosts}; let it connect, or, if it uses blocking sockets, play "
            "it in real time with `stillthere run SCENARIO -- COMMAND`"
        )


class _TcpEnd:
    """The app's end of a TCP connection that is being made: a :class:`harness.world.network.ClientEnd`."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._made: asyncio.Future[Dial] = asyncio.get_running_loop().create_future()

    async def connect(self) -> Dial:
        """Connect. Raises :exc:`OSError` as a system does."""
        dial = self._network.connect(self, TCP_TIMEOUT_US)
        try:
            return await self._made
        except asyncio.CancelledError:
            self._network.give_up(dial)
            raise

    def reached(self, dial: Dial) -> None:
        """TCP has connected."""
        if not self._made.done():
            self._made.set_result(dial)

    def failed(self, dial: Dial, reason: str) -> None:
        """It has not."""
        refused = ConnectionRefusedError(111, "Connection refused")
        if not self._made.done():
            self._made.set_exception(refused if reason == "refused" else TimeoutError(110, "Connection timed out"))

    def opened(self, dial: Dial, connection: Any) -> None:
        """Not called: the end of the WebSocket takes this one's place."""

    def receive(self, connection: Any, message: Any) -> None:
        """Not called either."""


def _leaf(error: BaseException) -> BaseException:
    """Of a group of exceptions, the first one."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error

"""The fixture ``realtime_server``: a live server in a thread of its own, for tests with and without an event loop."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self, TypeVar

from ..errors import SettingError, did_you_mean
from ..journal import Journal
from ..journal.files import parse
from ..live.control.views import FaultView, SessionView
from ..live.faults import FaultSpec
from ..live.server import LiveServer
from ..live.settings import LiveSettings
from ..live.tls import make_identity
from ..report.terminal import live_picture
from ..scenario import Scenario
from ..server.session import SessionSetup
from ..verdict.diagnosis import diagnose
from ..verdict.judge import Verdict
from ..verdict.links import Diagnosis
from ..verdict.live_verdict import judge_live
from ..world.world import session_setup
from .keeping import as_text, file_stem, not_kept, write_journal, write_picture
from .playing import find_scenario

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """What ``@pytest.mark.realtime_server(…)`` may ask for."""

    scenario: str | Path | Scenario | None = None
    """Its ``server:`` part is used; its timeline is not played."""
    detector: str | None = None
    """The server's ear."""
    setup: SessionSetup | None = None
    """All about the sessions, instead of a scenario and a detector."""
    settings: LiveSettings | None = None
    faults: Iterable[FaultSpec] = ()
    """Each session gets them."""
    tls: bool = False
    """Serve ``wss://``, with a certificate authority of its own."""


def read_options(arguments: Iterable[object], options: Mapping[str, Any]) -> ServerOptions:
    """The options of a marker. Raises :exc:`SettingError` for one that is unknown."""
    known = [each.name for each in fields(ServerOptions)]
    for each in arguments:
        raise SettingError(f"@pytest.mark.realtime_server takes its options by name (got {each!r:.80})")
    for name in options:
        if name not in known:
            raise SettingError(f"@pytest.mark.realtime_server has no option {name!r}; {did_you_mean(name, known)}")
    return ServerOptions(**options)


def make_server(folder: Path, ca_folder: Callable[[], Path], options: ServerOptions) -> "RealtimeServer":
    """The server that a marker asks for; ``folder`` is that of the test's file.

    ``ca_folder`` is called if there is a certificate to write. Raises :exc:`SettingError` for options that exclude
    each other, and :exc:`harness.errors.InputError` if there is no such scenario.
    """
    setup, detector = options.setup, options.detector
    if setup is not None and (options.scenario is not None or detector is not None):
        raise SettingError("setup= says all about the sessions; leave scenario= and detector= out")
    if options.scenario is not None:
        found = find_scenario(options.scenario, folder)
        setup = session_setup(found, detector or found.server.detector)
    elif detector is not None:
        setup = SessionSetup(detector=detector)
    settings = options.settings or LiveSettings()
    settings = replace(settings, faults=(*settings.faults, *options.faults))
    if not options.tls:
        return RealtimeServer(setup, settings)
    identity = make_identity(ca_folder())
    return RealtimeServer(setup, replace(settings, tls=identity.context), identity.ca_file)


class RealtimeServer:
    """A live server on a free port of this machine, for one test. The fixture ``realtime_server`` is one.

    It has a thread and an event loop of its own, so that a test without a loop can use it, and one with a loop does
    not stop it. All methods may be called from any thread, and return at once. Outside of pytest, ``with
    RealtimeServer() as server`` serves until the end of the block, and then closes all connections with code 1001.
    Entering raises as :class:`LiveServer` does.
    """

    def __init__(
        self, setup: SessionSetup | None = None, settings: LiveSettings | None = None, ca_file: Path | None = None
    ) -> None:
        self.ca_file = ca_file
        """The certificate authority that clients have to trust; None: the URL is ``ws://``."""
        self._server = LiveServer(setup, settings)
        self._started: Future[asyncio.AbstractEventLoop] = Future()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._serve, name="stillthere-realtime-server", daemon=True)

    def __repr__(self) -> str:
        return f"<the realtime server at {self.url}>"

    def __enter__(self) -> Self:
        self._thread.start()
        self._loop = self._started.result()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _serve(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:
            if self._started.done():
                raise
            self._started.set_exception(error)

    async def _run(self) -> None:
        async with self._server:
            self._started.set_result(asyncio.get_running_loop())
            await self._stop.wait()

    def _call(self, function: Callable[[], _T]) -> _T:
        """Call a function in the server's thread."""

        async def called() -> _T:
            return function()

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result()

    # --- where it is ---

    @property
    def url(self) -> str:
        """The URL of the WebSocket, ``ws://127.0.0.1:PORT/v1/realtime``."""
        return self._server.url

    @property
    def base_url(self) -> str:
        """What SDKs take as the base URL of WebSockets, ``ws://127.0.0.1:PORT/v1``."""
        return self.url.removesuffix("/realtime")

    @property
    def port(self) -> int:
        """The port."""
        return self._server.port

    # --- faults ---

    def inject(
        self, fault: str | FaultSpec, *, lasts_s: float | None = None, session: int | None = None, **parameters: Any
    ) -> FaultView:
        """Start a fault in all sessions, present and future ones, or in the one with this number.

        ``parameters`` are written as in a scenario: ``inject("delayed-events", delay="2s")``, with ``_`` for a blank.
        A :class:`FaultSpec` is given to the sessions that are opened from now on; its times count from their start.
        Raises :exc:`SettingError` for an unknown fault, parameter or session, and a fault of the microphone.
        """
        if isinstance(fault, FaultSpec):
            if lasts_s is not None or session is not None or parameters:
                raise SettingError(f"the FaultSpec of {fault.name!r} says all by itself; leave the other arguments out")
            return self._call(lambda: self._server.add_fault(fault))
        given = {name.replace("_", " "): value for name, value in parameters.items()}
        return self._call(lambda: self._server.start_fault(fault, session=session, lasts_s=lasts_s, parameters=given))

    def end(self, fault: FaultView) -> bool:
        """End a fault that :meth:`inject` returned; False if it is over."""
        return self._call(lambda: self._server.end_fault(fault.id))

    def close(self, session: int = 1, code: int = 1001, reason: str = "") -> bool:
        """Close the WebSocket of a session; False if it is not open."""
        return self._call(lambda: self._server.close(session, code, reason))

    # --- what happened ---

    @property
    def sessions(self) -> list[SessionView]:
        """The sessions, open and closed, in the order in which they were opened."""
        return self._call(self._server.sessions)

    @property
    def journals(self) -> list[Journal]:
        """The journal of each client as it is now. A client that connects again continues its own."""
        return [parse(lines.splitlines(keepends=True), "the journal") for lines in self._call(self._server.journals)]

    @property
    def journal(self) -> Journal:
        """The journal of the client as it is now. Raises :exc:`SettingError` if none or several have connected."""
        found = self.journals
        if len(found) == 1:
            return found[0]
        if not found:
            raise SettingError(
                f"no client has connected to {self.url}, so there is no journal; is it the client's URL?"
            )
        raise SettingError(f"{len(found)} clients have connected, each with its journal; use journals")

    def diagnosis(self, journal: Journal | None = None) -> Diagnosis:
        """Whether what the user said last was answered, and if not, why: of the client, or of one of the journals."""
        return diagnose(journal or self.journal)

    def verdict(self, journal: Journal | None = None) -> Verdict:
        """The same as a verdict: held if it was answered, failed if not, vacuous if nobody spoke.

        A server knows what it wrote to the client's socket, and not whether the client played it.
        """
        return judge_live(journal or self.journal)


def failure_sections(server: RealtimeServer, test: str, folder: Path | None, width: int) -> Iterator[tuple[str, str]]:
    """The test has failed: show each journal, and keep it. Gives headings and texts for the report of the test."""
    for number, journal in enumerate(server.journals, start=1):
        found = diagnose(journal)
        title = f"client {number} of the realtime server"
        yield title, as_text(live_picture(journal, found, title=title, width=width), width)
        if folder is None:
            continue
        stem = f"{file_stem(test)}.client-{number}"
        files = folder / f"{stem}.jsonl", folder / f"{stem}.svg"
        try:
            write_journal(files[0], journal)
            write_picture(files[1], live_picture(journal, found, title=title), test)
            yield "kept", "\n".join(map(str, files))
        except OSError as error:
            yield "not kept", not_kept(folder, error)

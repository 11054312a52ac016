"""Plays a scenario against a client, in virtual time, and returns the journal."""

import reprlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import getattr_static
from typing import Any

import numpy as np

from .. import __version__
from ..clients.interface import Client
from ..clients.registry import ClientChoice, chunk_ms_of, find_client
from ..errors import InputError, ProtocolError, SettingError, StillthereError
from ..faults import Transport
from ..faults.seams import TRANSPORTS
from ..journal import VIRTUAL, VIRTUAL_APP, Journal
from ..scenario.model import Scenario
from ..scenario.transport import check, over
from ..units import MS, SECOND
from ..user_code import exits_held, is_interrupt, own_line, raised
from .bounds import answer_within_us
from .tested import TestedClient
from .world import Surroundings, World


@dataclass(frozen=True, slots=True)
class Run:
    """The result of playing a scenario."""

    scenario: Scenario
    """As it was played: each range at its middle."""
    client: str
    """The client's name."""
    detector: str
    """The server's ear."""
    seed: int
    """The seed of all that is random."""
    journal: Journal
    """Everything that happened; :func:`judge` takes it."""
    virtual_us: int
    """The length of the run in virtual time, in microseconds."""


def play(
    scenario: Scenario,
    client: ClientChoice,
    *,
    seed: int = 0,
    detector: str | None = None,
    settings: Mapping[str, Any] | None = None,
    transport: Transport | None = None,
) -> Run:
    """Play ``scenario`` in virtual time against a new client.

    ``client`` is the name of a reference client, ``module:Class``, or a class. ``seed`` seeds everything random.
    ``detector`` replaces the scenario's detector of the server, and ``transport`` its transport. ``settings`` change
    client settings, after those of the scenario. A range is played at its middle. Raises :exc:`ClientError` if the
    client cannot be made, raises an exception or returns something wrong, :exc:`SettingError` for an unknown name or a
    fault that cannot happen on the transport, and :exc:`AudioError` for a clip that cannot be read.
    """
    return staged(scenario, client, seed=seed, detector=detector, settings=settings, transport=transport).run()


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A run that has not begun: its world can be watched while it is played."""

    scenario: Scenario
    client: str
    world: World

    def run(self) -> Run:
        """Play it, once. Raises as :func:`play` does."""
        world = self.world
        with faults_of_the_user(world), exits_held(), np.errstate(all="ignore"):  # whatever the user's module asked for
            world.begin()
            world.scheduler.run()
            world.end()
        return Run(self.scenario, self.client, world.detector, world.seed, world.journal, world.scheduler.now)


def staged(
    scenario: Scenario,
    client: ClientChoice,
    *,
    seed: int = 0,
    detector: str | None = None,
    settings: Mapping[str, Any] | None = None,
    transport: Transport | None = None,
) -> PreparedRun:
    """What :func:`play` plays, before it begins."""
    chosen = find_client(client)
    scenario, header = prepared(scenario, chosen.name, seed, detector, transport=transport)
    changes = {**scenario.client, **(settings or {})}
    header["settings"] = dict(sorted(changes.items()))
    with exits_held():
        made = chosen.make(changes)
        header["chunk_ms"] = chunk_ms = chunk_ms_of(made)
    if scenario.transport not in _transports_of(made):
        raise SettingError(
            f"the client {chosen.name!r} does not speak over {scenario.transport}; "
            "choose another client, or --transport websocket"
        )

    def tested(around: Surroundings) -> TestedClient:
        return TestedClient(
            made,
            around.scheduler,
            around.journal,
            around.microphone,
            around.speaker,
            around.network,
            chunk_us=around.chunk_us,
        )

    world = World(scenario, tested, header["detector"], seed, Journal(header), chunk_us=chunk_ms * MS)
    return PreparedRun(scenario, chosen.name, world)


def _transports_of(client: Client) -> tuple[str, ...]:
    """What a client can be connected by: its class's ``transports``, if that is a tuple of their names, or else all."""
    found = getattr_static(type(client), "transports", None)
    named = type(found) is tuple and bool(found) and all(each in TRANSPORTS for each in found)
    return found if named else TRANSPORTS


def prepared(
    scenario: Scenario,
    client: str,
    seed: int,
    detector: str | None,
    stage: str = VIRTUAL,
    transport: Transport | None = None,
) -> tuple[Scenario, dict[str, Any]]:
    """The scenario as it is played, each range at its middle, and the header of its journal.

    Raises :exc:`SettingError` if it is no scenario.
    """
    if not isinstance(scenario, Scenario):
        raise SettingError(
            f"play() got {reprlib.repr(scenario)} as a scenario; give what load() returns, or ScenarioBuilder.build()"
        )
    scenario = over(scenario.settled(), transport)
    check(scenario)
    if scenario.transport != "websocket" and stage == VIRTUAL_APP:
        raise SettingError(
            f"scenario {scenario.name!r} plays over {scenario.transport}, and an app in virtual time has only "
            "WebSockets; play it in real time, with a client's class, or over a WebSocket"
        )
    return scenario, {
        "version": __version__,
        "stage": stage,
        **({"transport": scenario.transport} if scenario.transport != "websocket" else {}),
        "scenario": scenario.name,
        "client": client,
        "settings": {},
        "detector": detector or scenario.server.detector,
        "seed": seed,
        "recover_within_us": scenario.recover_within_us,
        "answer_within_us": answer_within_us(scenario),
    }


@contextmanager
def faults_of_the_user(world: World) -> Iterator[None]:
    """Say which line of a fault of the user's own raised, as an :exc:`InputError`."""
    try:
        yield
    except (StillthereError, ProtocolError):
        raise
    except BaseException as error:  # a fault may raise anything; so may a client, whose errors are told elsewhere
        if is_interrupt(error) or not (place := own_line(error)):
            raise
        where = f" at {world.scheduler.now / SECOND:.3f} s"
        raise InputError(f"{place}: a fault of your own raised {raised(error, where)}; mend it") from error

"""How a client behind a worklet is called: ``reported:gate.js``, a client of the kit and the file of the worklet."""

from dataclasses import dataclass
from pathlib import Path

from ...errors import SettingError
from ..reference import REFERENCE_CLIENTS
from ..settings import ClientSettings
from .node import node_program

OF_WORKLET = "worklet."
"""Before the name of an AudioParam or an option of the worklet, where settings are named."""
OF_GATE = ("gate_mode", "gate_threshold", "gate_hold_ms")
"""Settings of the client's own gate, which has nothing to do behind a worklet."""
_ENDINGS = (".js", ".mjs")
_BEHIND = ("reported", "development", "resilient")
"""The clients that send what is captured as it comes; the others have a button, or a line of telephone."""


@dataclass(frozen=True, slots=True)
class WorkletName:
    """A client of the kit behind a worklet."""

    client: str
    file: str
    """As it was written: relative to the current folder, or absolute."""

    def __str__(self) -> str:
        return f"{self.client}:{self.file}"

    @property
    def defaults(self) -> ClientSettings:
        """The settings of the client."""
        return REFERENCE_CLIENTS[self.client][1]


def worklet_name(client: str) -> WorkletName | None:
    """What a client's name means, if it names a worklet; else None."""
    head, colon, file = client.partition(":")
    is_one = bool(colon) and head in REFERENCE_CLIENTS and file.endswith(_ENDINGS)
    return WorkletName(head, file) if is_one else None


def behind_worklet(client: str, file: str) -> str:
    """The name of a client of the kit behind a worklet's file. Raises :exc:`SettingError`."""
    if not file.endswith(_ENDINGS):
        raise SettingError(f"--worklet {file}: a worklet is a file of JavaScript; name one that ends in .js or .mjs")
    if client not in REFERENCE_CLIENTS:
        raise SettingError(
            f"--worklet {file}: the client {client!r} is your own and captures by itself; put the worklet before one "
            f"of {', '.join(_BEHIND)}"
        )
    name = WorkletName(client, file)
    check_worklet(name)
    return str(name)


def check_worklet(name: WorkletName) -> None:
    """Raise :exc:`SettingError` if the file is missing, the client cannot stand behind it, or there is no Node."""
    if name.client not in _BEHIND:
        raise SettingError(
            f"{name.client} cannot stand behind a worklet: it does not send all that is captured; use one of "
            f"{', '.join(_BEHIND)}"
        )
    if not Path(name.file).is_file():
        raise SettingError(f"{name.file}: there is no such file; name the worklet's file from this folder")
    node_program()

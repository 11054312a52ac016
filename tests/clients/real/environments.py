"""The clients, where the interpreter of each is, and how its driver is run.

A client's environment is ``.clients/NAME`` at the top of the checkout; ``make test-clients`` makes them all. A driver
is a script that knows nothing of this project. It is told in environment variables where the server is and what the
microphone hears, and writes what its client saw as one line of JSON.
"""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parents[2] / ".clients"
PATIENCE_S = 90.0
"""The scene takes 15 s and a suite less than 30; a package may take long to import on a busy machine."""


@dataclass(frozen=True, slots=True)
class Client:
    """A package under test, or one of its classes."""

    name: str
    driver: str
    """Its script, from this folder; the environment is named as the script's folder."""
    dials: Literal["ws", "wss"] = "ws"
    in_suite: bool = False
    """Whether the suite's own environment has the package too."""
    provokes: frozenset[str] = frozenset()
    """Codes of errors that it makes the server send, and expects."""

    def __str__(self) -> str:
        return self.name

    def command(self, own_environment: bool) -> list[str]:
        """How its driver is started. Node follows no link to where the driver really is, so it finds the packages."""
        script = HERE / self.driver
        environment = ENVIRONMENTS / script.parent.name
        if script.suffix == ".py":
            return [str(environment / "bin/python") if own_environment else sys.executable, str(script)]
        links = ["--preserve-symlinks", "--preserve-symlinks-main"]
        return [str(environment / "bin/node"), *links, str(environment / "drivers" / script.name)]


CLIENTS = (
    Client("openai-python", "openai_python/driver.py", in_suite=True),
    Client("openai-agents-python", "openai_agents/driver.py", in_suite=True),
    Client("livekit-agents", "livekit/driver.py", provokes=frozenset({"response_cancel_not_active"})),
    Client("pipecat", "pipecat/driver.py"),
    Client("pydantic-ai", "pydantic_ai/driver.py"),
    Client("openai-node-ws", "node/openai_ws.mjs", dials="wss"),
    Client("openai-node-websocket", "node/openai_websocket.mjs", dials="wss"),
    Client("openai-agents-node", "node/openai_agents.mjs"),
)


TRANSCRIBERS = (
    Client("openai-agents-python-voice", "openai_agents/voice.py", in_suite=True),
    Client("pipecat-stt", "pipecat/stt.py"),
    Client("pipecat-stt-local", "pipecat/stt_local.py"),
)
"""Those that hold a transcription session."""


class Told(msgspec.Struct, forbid_unknown_fields=True):
    """What a driver tells of its client."""

    audio_ms: int
    """Length of the assistant's audio that came out of it."""
    interruptions: int
    """How often it said, in its own terms, that the user interrupted the assistant."""
    errors: list[str]
    """Those that it showed to the application."""


class Dictated(msgspec.Struct, forbid_unknown_fields=True):
    """What the driver of a transcriber tells."""

    words: list[str]
    """What was said, sentence by sentence."""
    errors: list[str]
    """Those that it showed to the application."""


ToldT = TypeVar("ToldT", Told, Dictated)


async def run(
    client: Client,
    url: str,
    microphone: Path,
    ca_file: Path | None,
    *,
    own_environment: bool,
    tells: type[ToldT] = Told,  # type: ignore[assignment]
) -> ToldT:
    """Let it have its conversation with the server at ``url``; what its driver logs goes to standard error.

    ``ca_file`` is the authority that it must trust. Raises :exc:`AssertionError` if the driver fails or hangs.
    """
    command = client.command(own_environment)
    return msgspec.json.decode(await _line_of(str(client), command, _variables(url, microphone, ca_file)), type=tells)


async def run_suite(name: str, driver: str, url: str, microphone: Path) -> dict[str, str]:
    """Let a client run a suite of cases in its own environment; gives what went wrong, by case.

    Raises :exc:`AssertionError` if the driver fails or hangs.
    """
    client = Client(name, driver)
    line = await _line_of(name, client.command(own_environment=True), _variables(url, microphone, None))
    return msgspec.json.decode(line, type=dict[str, str])


async def _line_of(name: str, command: list[str], variables: dict[str, str]) -> bytes:
    """The one line that a driver writes. Raises :exc:`AssertionError` if it fails or hangs."""
    assert Path(command[0]).exists(), f"{name} has no environment; make test-clients makes it"
    process = await asyncio.create_subprocess_exec(
        *command,
        env=variables,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    reading = asyncio.create_task(process.communicate())
    try:
        done, _ = await asyncio.wait([reading], timeout=PATIENCE_S)
    finally:
        if process.returncode is None:
            process.kill()
    out, err = await reading
    sys.stderr.write(err.decode(errors="replace"))
    assert done, f"{name} was killed after {PATIENCE_S:.0f} s"
    assert process.returncode == 0, f"{name} ended with exit code {process.returncode}"
    assert out.count(b"\n") == 1, f"{name} wrote {out!r} in place of one line"
    return out


def _variables(url: str, microphone: Path, ca_file: Path | None) -> dict[str, str]:
    """The environment of a driver: nothing that would lead its client elsewhere."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    variables["NO_PROXY"] = variables["no_proxy"] = "127.0.0.1,localhost"
    variables["STILLTHERE_URL"] = url.removesuffix("/realtime").replace("wss://127.0.0.1", "wss://localhost")
    variables["STILLTHERE_MICROPHONE"] = str(microphone)
    if ca_file is not None:
        variables["NODE_EXTRA_CA_CERTS"] = str(ca_file)
    return variables

"""A campaign on disk: each result as it is found, so that whatever ends the campaign, another run of it can go on.

The folder holds ``campaign.jsonl``, whose first line says what is played and each further line is the result of a seed;
and the scenario of each seed that failed or crashed, which is written before the line that tells of it.
"""

import hashlib
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import msgspec

from .. import __version__
from ..errors import InputError
from ..scenario import dump
from ..writing import is_irregular, make_folder, open_regular
from .campaign import SeedResult, scenario_for

PROGRESS_FILE = "campaign.jsonl"
_FORMAT = 1
_ENDED = b'{"ended":true}\n'


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """What a campaign plays; results of two plans do not add up."""

    client: str
    seeds: tuple[int, int]
    """The first seed, and the one after the last."""
    choices: dict[str, str]
    """What follows if a property is broken."""
    version: str = __version__
    source: str | None = None
    """The SHA-256 of the file that defines a user's own client."""
    campaign: int = _FORMAT


_WORDS = {
    "client": "the client is",
    "seeds": "the seeds are",
    "choices": "the choices of --property are",
    "version": "the version of stillthere is",
    "campaign": "the format is",
}


def plan_of(client: str, seeds: range, choices: Mapping[str, str]) -> CampaignPlan:
    """The plan of a campaign whose client has been imported."""
    return CampaignPlan(client, (seeds.start, seeds.stop), dict(choices), source=_source(client))


class CampaignFolder:
    """The folder of one campaign, which no other process may use meanwhile. Use it as a context manager.

    Every method raises :exc:`InputError` if a file cannot be written.
    """

    def __init__(self, folder: Path, plan: CampaignPlan, *, resume: bool) -> None:
        self.path = folder
        self._plan = plan
        self._file = -1
        self.results: list[SeedResult] = []
        """What an earlier run of this campaign has found."""
        try:
            make_folder(folder)
            self._open()
            self._take_up(resume)
        except OSError as error:
            self._close()
            raise _unwritable(folder / PROGRESS_FILE, error) from None
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> "CampaignFolder":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def add(self, result: SeedResult) -> None:
        """Keep one more result."""
        if result.failure is not None:
            self._write_schedule(result.seed)
        self._append(msgspec.json.encode(result) + b"\n")

    def end(self) -> None:
        """Note that the campaign came to its end, or to that of its budget: a later one need not go on from it."""
        self._append(_ENDED)

    def schedule(self, seed: int) -> Path:
        """The file of a seed's scenario."""
        return self.path / f"schedule_{seed}.yaml"

    def _open(self) -> None:
        path = self.path / PROGRESS_FILE
        if is_irregular(path):
            raise InputError(f"{path} is no regular file; give --out another folder")
        self._file = open_regular(path, os.O_RDWR | os.O_CREAT)
        try:
            import fcntl
        except ImportError:  # Windows: two campaigns in one folder are not noticed
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"another campaign is writing to {self.path}; wait, or give --out another folder"
            ) from None

    def _take_up(self, resume: bool) -> None:
        """Go on from what is there, or begin anew."""
        path = self.path / PROGRESS_FILE
        with os.fdopen(os.dup(self._file), "rb") as there:
            text = there.read()
        lines = text[: text.rfind(b"\n") + 1].splitlines()  # the last line is torn if whoever wrote it was killed
        if lines and resume:
            _check_same(path, lines[0], self._plan)
            found = [_result(path, number, line) for number, line in enumerate(lines[1:], 2) if _is_result(line)]
            self.results = list({result.seed: result for result in found}.values())
            os.ftruncate(self._file, text.rfind(b"\n") + 1)
            os.lseek(self._file, 0, os.SEEK_END)
            for result in self.results:
                if result.failure is not None and not self.schedule(result.seed).exists():
                    self._write_schedule(result.seed)
            return
        if lines and lines[-1] + b"\n" != _ENDED:
            raise InputError(
                f"{self.path} holds a campaign that was broken off after {len(lines) - 1} seeds; go on with --resume, "
                f"give --out another folder, or delete {path} to begin anew"
            )
        if lines:
            self._clear(path, lines)
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)
        self._append(msgspec.json.encode(self._plan) + b"\n")

    def _clear(self, path: Path, lines: list[bytes]) -> None:
        """Remove the scenarios of a finished campaign that is played anew; another one is left alone."""
        try:
            there = msgspec.json.decode(lines[0], type=CampaignPlan)
        except (msgspec.DecodeError, UnicodeDecodeError):
            there = None
        if there is None or (there.client, there.seeds, there.choices) != (
            self._plan.client,
            self._plan.seeds,
            self._plan.choices,
        ):
            raise InputError(
                f"{self.path} holds a finished campaign of another client, other seeds or other properties; give --out "
                f"another folder, or delete {path} to begin anew"
            )
        for number, line in enumerate(lines[1:-1], 2):
            self.schedule(_result(path, number, line).seed).unlink(missing_ok=True)

    def _append(self, line: bytes) -> None:
        try:
            while line:
                line = line[os.write(self._file, line) :]
        except OSError as error:
            raise _unwritable(self.path / PROGRESS_FILE, error) from None

    def _write_schedule(self, seed: int) -> None:
        """Write the scenario of a seed, whole or not at all."""
        path = self.schedule(seed)
        text = dump(scenario_for(self._plan.client, seed, self._plan.choices)).encode()
        unfinished = path.with_suffix(".unfinished")
        try:
            with os.fdopen(open_regular(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
                file.write(text)
            os.replace(unfinished, path)
        except OSError as error:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise _unwritable(path, error) from None

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _unwritable(path: Path, error: OSError) -> InputError:
    cure = "free the disk and go on with --resume, or give --out another folder"
    return InputError(f"{path} cannot be written: {error.strerror or error}; {cure}")


def _source(client: str) -> str | None:
    module = sys.modules.get(client.partition(":")[0]) if ":" in client else None
    file = getattr(module, "__file__", None)
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest() if isinstance(file, str) else None
    except OSError:
        return None


def _check_same(path: Path, line: bytes, plan: CampaignPlan) -> None:
    """Raise :exc:`InputError` if the campaign of a first line is another one."""
    try:
        found = msgspec.json.decode(line, type=CampaignPlan)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}:1 is not the head of a campaign: {error}; give --out another folder") from None
    there, here = asdict(found), asdict(plan)
    if there["client"] == here["client"] and there["source"] != here["source"]:
        raise InputError(
            f"{path} is of another campaign: the file of the client {here['client']} has changed since; what was found "
            "of it then is not true of it now, so give --out another folder"
        )
    for each in fields(CampaignPlan):
        if there[each.name] != here[each.name]:
            raise InputError(
                f"{path} is of another campaign: {_WORDS[each.name]} {_shown(there[each.name])} there and "
                f"{_shown(here[each.name])} here; repeat its command with --resume, or give --out another folder"
            )


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"{value[0]}..{value[1]}"
    if isinstance(value, dict):
        return ", ".join(f"{name}={choice}" for name, choice in value.items()) or "none"
    return str(value)


def _is_result(line: bytes) -> bool:
    return line + b"\n" != _ENDED


def _result(path: Path, number: int, line: bytes) -> SeedResult:
    try:
        return msgspec.json.decode(line, type=SeedResult)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}:{number} is no result of a seed: {error}; give --out another folder") from None

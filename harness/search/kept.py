"""A campaign on disk: each result as it is found, so that whatever ends the campaign, another run of it can go on.

The folder holds ``campaign.jsonl``, whose first line says what is played; each further line is the result of a seed.
Files of the same campaign, with the same seeds or others, can be joined by ``cat``: heads may be repeated, lines may be
torn, and a seed counts once.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from .. import __version__
from ..errors import InputError
from ..scenario.dump import dump
from ..scenario.model import Scenario
from ..writing import is_irregular, make_folder, open_regular
from .campaign import SeedResult
from .sources import source_of

PROGRESS_FILE = "campaign.jsonl"
_FORMAT = 2
_ENDED = b'{"ended":true}\n'


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """What a campaign plays; results of two plans do not add up."""

    campaign: int
    """The format; it comes first, so that a line that begins with it is known as a head."""
    client: str
    seeds: tuple[int, int]
    """The first seed, and the one after the last; campaigns that differ only in this add up."""
    choices: dict[str, str]
    """What follows if a property is broken."""
    slow_s: float | None = None
    """An answer that comes later is a failure."""
    base: str | None = None
    """The SHA-256 of the scenario that faults are thrown into."""
    schedules: str = "swarm"
    """What a seed makes."""
    version: str = __version__
    source: str | None = None
    """The SHA-256 of the modules of a user's own client."""


_HEAD = b'{"campaign":'
_WORDS = {
    "campaign": "the format is",
    "client": "the client is",
    "choices": "the choices of --property are",
    "slow_s": "--slow is",
    "base": "the scenario is",
    "schedules": "--schedules is",
    "version": "the version of stillthere is",
}


def plan_of(
    client: str,
    seeds: range,
    choices: Mapping[str, str],
    *,
    slow_s: float | None = None,
    base: Scenario | None = None,
    schedules: str = "swarm",
) -> CampaignPlan:
    """The plan of a campaign whose client has been imported; ``base`` is the scenario that faults are thrown into."""
    written = None if base is None else hashlib.sha256(dump(base).encode()).hexdigest()
    between = seeds.start, seeds.stop
    return CampaignPlan(_FORMAT, client, between, dict(choices), slow_s, written, schedules, source=source_of(client))


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
        self._append(msgspec.json.encode(result) + b"\n")

    def end(self) -> None:
        """Note that the campaign came to its end, or to that of its budget: a later one need not go on from it."""
        self._append(_ENDED)

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
        lines = _lines(text)
        if lines and resume:
            self.results = _results(path, lines, self._plan)
            os.ftruncate(self._file, text.rfind(b"\n") + 1)
            os.lseek(self._file, 0, os.SEEK_END)
            return
        if lines and lines[-1][1] + b"\n" != _ENDED:
            raise InputError(
                f"{self.path} holds a campaign that was broken off after {len(lines) - 1} seeds; go on with --resume, "
                f"give --out another folder, or delete {path} to begin anew"
            )
        if lines:
            self._check_anew(path, lines[0][1])
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)
        self._append(msgspec.json.encode(self._plan) + b"\n")

    def _check_anew(self, path: Path, head: bytes) -> None:
        """Raise :exc:`InputError` if a finished campaign is another one than this; what can be found again may go."""
        try:
            there = msgspec.json.decode(head, type=CampaignPlan)
        except (msgspec.DecodeError, UnicodeDecodeError):
            there = None
        same = ("client", "seeds", "choices", "slow_s")
        if there is None or any(getattr(there, name) != getattr(self._plan, name) for name in same):
            raise InputError(
                f"{self.path} holds a finished campaign of another client, other seeds or other properties; give --out "
                f"another folder, or delete {path} to begin anew"
            )

    def _append(self, line: bytes) -> None:
        try:
            while line:
                line = line[os.write(self._file, line) :]
        except OSError as error:
            raise _unwritable(self.path / PROGRESS_FILE, error) from None

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _unwritable(path: Path, error: OSError) -> InputError:
    cure = "free the disk and go on with --resume, or give --out another folder"
    return InputError(f"{path} cannot be written: {error.strerror or error}; {cure}")


def _lines(text: bytes) -> list[tuple[int, bytes]]:
    """The whole lines with their numbers. A line is torn if whoever wrote it was killed: the last one, and one that
    goes on with the head of another file that was joined to it."""
    found = []
    for number, line in enumerate(text[: text.rfind(b"\n") + 1].splitlines(), 1):
        head = line.rfind(_HEAD)
        found.append((number, line[max(0, head) :]))
    return found


def _results(path: Path, lines: list[tuple[int, bytes]], plan: CampaignPlan) -> list[SeedResult]:
    """The results of the plan's seeds, each seed once, in the order of the file."""
    _check_same(path, *lines[0], plan)
    found: dict[int, SeedResult] = {}
    for number, line in lines[1:]:
        if line.startswith(_HEAD):
            _check_same(path, number, line, plan)
        elif line + b"\n" != _ENDED:
            result = _result(path, number, line)
            found.setdefault(result.seed, result)
    return [result for result in found.values() if plan.seeds[0] <= result.seed < plan.seeds[1]]


def _check_same(path: Path, number: int, line: bytes, plan: CampaignPlan) -> None:
    """Raise :exc:`InputError` if the campaign of a head is another one; other seeds of it are welcome."""
    try:
        found = msgspec.json.decode(line, type=CampaignPlan)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}:{number} is not the head of a campaign: {error}; give --out another folder") from None
    there, here = asdict(found), asdict(plan)
    if there["client"] == here["client"] and there["source"] != here["source"]:
        raise InputError(
            f"{path} is of another campaign: a file of the client {here['client']} has changed since; what was found "
            "of it then is not true of it now, so give --out another folder"
        )
    for each, words in _WORDS.items():
        if there[each] != here[each]:
            raise InputError(
                f"{path} is of another campaign: {words} {_shown(there[each])} there and "
                f"{_shown(here[each])} here; repeat its command with --resume, or give --out another folder"
            )


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={choice}" for name, choice in value.items()) or "none"
    return "none" if value is None else str(value)


def _result(path: Path, number: int, line: bytes) -> SeedResult:
    try:
        return msgspec.json.decode(line, type=SeedResult)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}:{number} is no result of a seed: {error}; give --out another folder") from None

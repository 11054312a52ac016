"""The file of a live journal: new, its owner's, whole lines, and honest about what is missing."""

import asyncio
import errno
import json
import logging
import os
import socket
import stat
import time

import pytest

from harness import journal
from harness.journal import EntriesMissing, HandsMoved
from harness.live import journal_file
from harness.live.journal_file import MOST_UNWRITTEN_BYTES, JournalFile
from harness.live.journal_lines import JournalLines
from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from tests.live.testing import DEAF, PATIENCE_S, dial, still_works

resource = pytest.importorskip("resource")
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture(autouse=True)
def leaves_no_trace():
    """In place of the fixture of all live tests: warnings are what these are about."""


def lines_of(path):
    return JournalLines({"stage": "live"}, path)


def add(lines, count, since=0):
    for t in range(since, since + count):
        lines.add({**HandsMoved(t=t, connection=1, pressed=True).document()})


def times(path):
    return [entry.t for entry in journal.read(path).entries]


@pytest.fixture
def disk(monkeypatch):
    """A disk whose writes take so many bytes more, then fail; None: any number."""

    class Disk:
        free: int | None = None
        cuts = True

    disk, write, cut = Disk(), os.write, os.ftruncate

    def limited_write(descriptor, data):
        if disk.free is None:
            return write(descriptor, data)
        if not disk.free:
            raise FULL
        taken = write(descriptor, bytes(data[: disk.free]))
        disk.free -= taken
        return taken

    def limited_cut(descriptor, size):
        if not disk.cuts:
            raise FULL
        cut(descriptor, size)

    monkeypatch.setattr(journal_file.os, "write", limited_write)
    monkeypatch.setattr(journal_file.os, "ftruncate", limited_cut)
    return disk


class TestFullDisk:
    @pytest.mark.parametrize("free", [0, 1, 50, 140, 700])
    @pytest.mark.parametrize("cuts", [True, False], ids=["cut at once", "cut later"])
    def test_it_goes_on_when_there_is_room_and_nothing_is_lost(self, tmp_path, disk, free, cuts, caplog):
        path = tmp_path / "run.jsonl"
        lines = lines_of(path)
        add(lines, 3)
        lines.save()
        disk.free, disk.cuts = free, cuts
        add(lines, 20, since=3)
        for _ in range(5):
            lines.save()
        if cuts:
            assert times(path) == [0, 1, 2], "no half line"
        disk.free, disk.cuts = None, True
        lines.save()
        add(lines, 2, since=23)
        lines.save()
        assert times(path) == list(range(25)) and not journal.read(path).notes
        failed, again = caplog.messages
        assert "cannot be written: No space left on device" in failed and str(path) in failed
        assert "can be written again; 0 of its entries are missing" in again

    def test_full_from_the_start(self, tmp_path, disk):
        path = tmp_path / "run.jsonl"
        disk.free = 10
        lines = lines_of(path)
        add(lines, 3)
        lines.save()
        disk.free = None
        lines.save()
        assert times(path) == [0, 1, 2]

    def test_what_waits_is_bounded_and_what_is_missing_stands_in_its_place(self, tmp_path, disk):
        path = tmp_path / "run.jsonl"
        lines = lines_of(path)
        add(lines, 10)
        lines.save()
        disk.free = 0
        lines.save()
        add(lines, 50_000, since=10)
        lines.save()
        assert lines._file._unwritten_bytes <= MOST_UNWRITTEN_BYTES
        disk.free = None
        lines.save()
        add(lines, 5, since=50_010)
        lines.save()
        found = journal.read(path)
        (missing,) = found.select(EntriesMissing)
        there = [entry.t for entry in found.select(HandsMoved)]
        assert there == [*range(missing.t), *range(50_010, 50_015)]
        assert (missing.entries, missing.until_us) == (50_010 - missing.t, 50_009)
        assert 1_000 < missing.t < 50_000 and times(path) == sorted(times(path))

    def test_each_outage_is_logged_once(self, tmp_path, disk, caplog):
        lines = lines_of(tmp_path / "run.jsonl")
        for outage in range(3):
            add(lines, 2_000, since=outage * 2_000)
            disk.free = 0
            for _ in range(10):
                add(lines, 1)
                lines.save()
            disk.free = None
            lines.save()
        assert ["can be written again" in text for text in caplog.messages] == [False, True] * 3

    def test_with_the_limit_of_the_system(self, tmp_path):
        """A file must not grow beyond this: the write before the limit is a part, the next fails (EFBIG)."""
        path = tmp_path / "run.jsonl"
        lines = lines_of(path)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
            add(lines, 500)
            lines.save()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        lines.save()
        assert times(path) == list(range(500))

    async def test_of_a_server_with_open_and_closed_connections(self, tmp_path, disk, monkeypatch, caplog):
        monkeypatch.setattr("harness.live.server._SAVES_EVERY_S", 0.02)
        async with LiveServer(DEAF, LiveSettings(journal_dir=tmp_path)) as server:
            disk.free = 0
            async with dial(server) as websocket:
                await still_works(websocket)
            deadline = time.monotonic() + PATIENCE_S
            while server.sessions()[0].state == "open" and time.monotonic() < deadline:
                await asyncio.sleep(0.01)
            disk.free = None
            while not any(path.read_bytes().endswith(b"\n") for path in tmp_path.iterdir()):
                assert time.monotonic() < deadline
                await asyncio.sleep(0.01)
        (path,) = tmp_path.iterdir()
        kinds = [entry.kind for entry in journal.read(path).entries]
        assert kinds == ["open", "session.created", "session.update", "session.updated", "closed"]
        assert len([each for each in caplog.records if each.levelno == logging.WARNING]) == 2


class TestGoneFile:
    def test_one_that_is_deleted_begins_again_and_says_what_is_missing(self, tmp_path):
        path = tmp_path / "run.jsonl"
        lines = lines_of(path)
        add(lines, 10)
        lines.save()
        path.unlink()
        add(lines, 3, since=10)
        lines.save()
        found = journal.read(path)
        assert [entry.t for entry in found.select(HandsMoved)] == [10, 11, 12]
        (missing,) = found.select(EntriesMissing)
        assert (missing.t, missing.until_us, missing.entries) == (0, 9, 10)

    def test_one_that_is_emptied(self, tmp_path):
        path = tmp_path / "run.jsonl"
        lines = lines_of(path)
        add(lines, 10)
        lines.save()
        path.write_bytes(b"")
        add(lines, 1, since=10)
        lines.save()
        (missing, entry) = journal.read(path).entries
        assert (missing.entries, entry.t) == (10, 10)


def pipe(path):
    os.mkfifo(path)


def pipe_with_a_reader(path):
    os.mkfifo(path)
    readers.append(os.open(path, os.O_RDONLY | os.O_NONBLOCK))


def unix_socket(path):
    listening = socket.socket(socket.AF_UNIX)
    os.chdir(path.parent)
    listening.bind(path.name)
    readers.append(listening)


readers: list = []
THINGS = {
    "pipe": pipe,
    "pipe with a reader": pipe_with_a_reader,
    "socket": unix_socket,
    "folder": lambda path: path.mkdir(),
    "link to a device": lambda path: path.symlink_to("/dev/full"),
    "link to nothing": lambda path: path.symlink_to(path.with_name("elsewhere")),
    "link to a file": lambda path: (path.with_name("mine").write_text("mine"), path.symlink_to("mine")),
    "file": lambda path: path.write_text("mine"),
}


@pytest.fixture
def _here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    yield
    readers.clear()


@pytest.mark.usefixtures("_here")
class TestOnlyNewRegularFiles:
    @pytest.mark.parametrize("make", THINGS.values(), ids=THINGS)
    def test_what_is_there_already_is_left_alone(self, tmp_path, caplog, make):
        path = tmp_path / "run.jsonl"
        make(path)
        before = os.lstat(path)
        lines = lines_of(path)
        add(lines, 3)
        lines.save()
        assert os.lstat(path).st_ino == before.st_ino and os.lstat(path).st_size == before.st_size
        assert times(tmp_path / "run-2.jsonl") == [0, 1, 2]
        (said,) = caplog.messages
        assert said == f"{path} exists and is left alone; the journal is {tmp_path / 'run-2.jsonl'}"
        assert not (tmp_path / "elsewhere").exists()
        if (tmp_path / "mine").exists():
            assert (tmp_path / "mine").read_text() == "mine"

    @pytest.mark.parametrize("make", [pipe, pipe_with_a_reader, unix_socket, THINGS["link to a device"]])
    def test_what_takes_its_place_later_is_not_written(self, tmp_path, caplog, make):
        path = tmp_path / "run.jsonl"
        lines = lines_of(path)
        add(lines, 3)
        lines.save()
        path.unlink()
        make(path)
        add(lines, 3, since=3)
        lines.save()
        (said,) = caplog.messages
        assert "cannot be written: it is not a regular file" in said

    def test_where_the_system_lacks_flags(self, tmp_path, monkeypatch):
        for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC"):
            monkeypatch.delattr(os, name, raising=False)
        test = JournalFile(tmp_path / "run.jsonl", b'{"stillthere":2}\n')
        test.add(json.dumps(HandsMoved(t=0, connection=1, pressed=True).document()).encode() + b"\n", 0)
        test.save()
        assert times(tmp_path / "run.jsonl") == [0]


class TestModes:
    async def test_a_server_writes_for_its_owner_only(self, tmp_path):
        before = os.umask(0)
        try:
            folder = tmp_path / "a" / "b"
            async with LiveServer(DEAF, LiveSettings(journal_dir=folder)) as server, dial(server):
                pass
        finally:
            os.umask(before)
        (path,) = folder.iterdir()
        assert [stat.S_IMODE(each.stat().st_mode) for each in (path, folder, folder.parent)] == [0o600, 0o700, 0o700]

    async def test_a_folder_that_exists_keeps_its_mode(self, tmp_path):
        folder = tmp_path / "shared"
        folder.mkdir()
        folder.chmod(0o755)
        async with LiveServer(DEAF, LiveSettings(journal_dir=folder)) as server, dial(server):
            pass
        assert stat.S_IMODE(folder.stat().st_mode) == 0o755

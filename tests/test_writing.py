"""Files that are written: only regular ones; what is private is its owner's only."""

import os
import socket
import stat

import pytest

from harness import writing
from harness.writing import make_folder, write_plain, write_private

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and pipes of POSIX")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def _no_umask():
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_private_file_and_the_folders_above_it_are_the_owners(tmp_path):
    path = tmp_path / "a" / "b" / "file"
    write_private(path, b"x")
    assert [mode(path), mode(path.parent), mode(path.parent.parent)] == [0o600, 0o700, 0o700]


def test_a_private_file_is_never_readable_by_others_even_if_it_was(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("of an earlier version, and longer")
    path.chmod(0o644)
    seen, real = [], os.fdopen
    monkeypatch.setattr(os, "fdopen", lambda *args: seen.append(mode(tmp_path / "new")) or real(*args))
    write_private(tmp_path / "new", b"x")
    assert seen == [0o600]
    monkeypatch.undo()
    write_private(path, b"short")
    assert (mode(path), path.read_bytes()) == (0o600, b"short")


def test_a_plain_file_has_the_usual_mode(tmp_path):
    write_plain(tmp_path / "a" / "report.xml", b"x")
    assert (mode(tmp_path / "a"), mode(tmp_path / "a" / "report.xml")) == (0o777, 0o666)


def test_a_folder_that_exists_is_left_alone(tmp_path):
    tmp_path.chmod(0o755)
    make_folder(tmp_path)
    assert mode(tmp_path) == 0o755


def test_a_folder_that_is_a_file_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OSError, match=r"exists|Not a directory"):
            make_folder(path)


def unix_socket(path):
    socket.socket(socket.AF_UNIX).bind(str(path))


@pytest.mark.parametrize("write", [write_plain, write_private])
@pytest.mark.parametrize(
    "make",
    [os.mkfifo, lambda path: path.symlink_to("/dev/full"), lambda path: path.symlink_to("/dev/tty"), unix_socket],
)
def test_a_pipe_and_a_device_are_not_written(tmp_path, monkeypatch, make, write):
    monkeypatch.chdir(tmp_path)
    make(writing.Path("x"))
    with pytest.raises(OSError) as raised:
        write(tmp_path / "x", b"x")
    assert raised.value.strerror in ("it is not a regular file", os.strerror(6))


def test_a_link_to_a_file_is_followed(tmp_path):
    (tmp_path / "link").symlink_to("file")
    write_plain(tmp_path / "link", b"x")
    assert (tmp_path / "file").read_bytes() == b"x"


def test_the_null_device_takes_everything(tmp_path):
    write_plain(writing.Path(os.devnull), b"x")
    assert not writing.is_irregular(writing.Path(os.devnull))


def test_without_modes(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "fchmod")
    write_private(tmp_path / "file", b"x")
    assert (tmp_path / "file").read_bytes() == b"x"

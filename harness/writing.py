"""Files that the commands and the server write: only regular ones, and those about a conversation for their owner only.

A named pipe would block its writer, and a device would take what is meant for a file; both are refused. Where a
platform lacks modes or a flag of :func:`os.open`, it is left out.
"""

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
_PLAIN_FILE = 0o666
_FLAGS = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))


def file_name(text: str, most_bytes: int = 200) -> str:
    """A text as a part of the name of a file, cut where it is longer: letters and digits of all scripts stay."""
    return re.sub(r"[^\w.-]+", "_", text).encode(errors="ignore")[:most_bytes].decode(errors="ignore")


def make_folder(folder: Path) -> None:
    """Create a folder, and those above it, for their owner only; one that exists is left alone. Raises `OSError`."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(PRIVATE_FOLDER, exist_ok=True)
    folder.mkdir(exist_ok=True)  # raises if it is a file


def write_private(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Write a file that only its owner can read, and create its folder likewise. Raises :exc:`OSError`.

    A long file is given in pieces.
    """
    make_folder(path.parent)
    _write(path, data, PRIVATE_FILE)


def write_plain(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Write a file with the usual mode, and create its folder; ``data`` as above. Raises :exc:`OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, data, _PLAIN_FILE)


def open_regular(path: Path, flags: int, mode: int = PRIVATE_FILE) -> int:
    """A descriptor of a regular file; never waits. Raises :exc:`OSError`, also if it is a pipe, a device, a folder."""
    try:
        descriptor = os.open(path, flags | _FLAGS, mode)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.ELOOP, errno.EOPNOTSUPP):  # a pipe, a link, a socket
            raise _not_regular(path) from None
        raise
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise _not_regular(path)


def is_irregular(path: Path) -> bool:
    """Whether something is there that is no regular file, and not the null device."""
    return path.exists() and not path.is_file() and not _is_null(path)


def obstacle(path: Path) -> str | None:
    """What is in the way of a file or a folder that is to be written there; None: nothing that is known beforehand."""
    if os.path.exists(path):
        needed = os.W_OK | os.X_OK if os.path.isdir(path) else os.W_OK
        return None if os.access(path, needed) else "it is read-only"
    nearest = next((each for each in path.absolute().parents if os.path.exists(each)), None)
    if nearest is None:
        return None
    if not os.path.isdir(nearest):
        return f"{nearest} is a file, not a folder"
    return None if os.access(nearest, os.W_OK | os.X_OK) else f"the folder {nearest} is read-only"


def _write(path: Path, data: bytes | Iterable[bytes], mode: int) -> None:
    if _is_null(path):
        return
    with os.fdopen(open_regular(path, os.O_WRONLY | os.O_CREAT, mode), "wb") as file:
        if mode == PRIVATE_FILE:
            with contextlib.suppress(AttributeError, OSError):  # a file of an earlier run may have another mode
                os.fchmod(file.fileno(), mode)
        file.truncate()
        file.writelines([data] if isinstance(data, bytes) else data)


def _is_null(path: Path) -> bool:
    """Whether it is the null device, to which nothing needs to be written."""
    return path.exists() and os.path.exists(os.devnull) and os.path.samefile(path, os.devnull)


def _not_regular(path: Path) -> OSError:
    return OSError(errno.EINVAL, "it is not a regular file", str(path))

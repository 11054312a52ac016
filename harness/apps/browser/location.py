"""Which page is meant by ``--page``: a URL, or a file that we serve on this machine."""

import asyncio
import mimetypes
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from ...errors import InputError
from ...live.access import Access, Visit, read_access
from ...live.control.api import ControlResponse
from ...live.socket.http import HttpConnection, UpgradeRequest
from ..choices import HOSTS

_SCHEMES = ("http", "https", "file")
_OF_A_PROJECT = ("package.json", ".git")
_NO_ICON = "/favicon.ico"
"""Every browser asks for it, and would complain in the page's console."""
_NO_STORE = {"Cache-Control": "no-store"}
mimetypes.add_type("text/javascript", ".mjs")


@dataclass(frozen=True, slots=True)
class PageLocation:
    """One page. ``folder`` is served by us, and ``url`` is then only the path in it.

    It is the root of the page's project, so that the page finds what stands beside its own folder.
    """

    name: str
    """In pictures and journals."""
    url: str
    folder: Path | None = None

    def access(self) -> Access:
        """The rule by which the page may use the server: its own origin, and the service's host names."""
        if self.folder is not None:
            return read_access((), HOSTS)
        parts = urlsplit(self.url)
        origin = "null" if parts.scheme == "file" else f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        return read_access((origin,), HOSTS)


def find_page(text: str) -> PageLocation:
    """The page that is meant. Raises :exc:`InputError` for what is neither a URL nor a file."""
    try:
        scheme, host = urlsplit(text).scheme, urlsplit(text).hostname
    except ValueError as error:
        raise InputError(f"--page {text!r} is no URL: {error}; give one such as http://127.0.0.1:3000/") from None
    if scheme in _SCHEMES and "://" in text:
        if scheme != "file" and not host:
            raise InputError(f"--page {text!r} names no host; give a URL such as http://127.0.0.1:3000/")
        return PageLocation(_short(text), text)
    path, _, query = text.partition("?")
    if not os.path.isfile(path):
        raise InputError(
            f"--page {text!r} is no file, and no URL; give http://…, https://…, or the path of an HTML file"
        )
    found = Path(path).resolve()
    folder = _project_of(found)
    return PageLocation(
        found.name, f"/{quote(found.relative_to(folder).as_posix())}" + (f"?{query}" if query else ""), folder
    )


def _project_of(file: Path) -> Path:
    """The nearest folder that holds a project, or else the file's own."""
    holding = (folder for folder in file.parents if any((folder / name).exists() for name in _OF_A_PROJECT))
    return next(holding, file.parent)


def _short(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/") or url


class FolderHost:
    """Serves the files of one folder on a free port of this machine, to browsers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._server: asyncio.Server
        self._access = Access()
        self._open: set[asyncio.Transport] = set()

    async def open(self) -> str:
        """Listen; the origin."""
        self._server = await asyncio.get_running_loop().create_server(lambda: HttpConnection(self), "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        """Serve no more."""
        self._server.close()
        for transport in list(self._open):
            transport.abort()

    # --- what a connection calls (harness.live.socket.http.HttpHost) ---

    def connected(self, transport: asyncio.Transport) -> bool:
        """A browser has connected."""
        self._open.add(transport)
        return True

    def lost(self, transport: asyncio.Transport) -> None:
        """A connection is gone."""
        self._open.discard(transport)

    def visit(self, headers: dict[str, str]) -> Visit:
        """Whether a request is served: only pages of this machine are."""
        return self._access.visit(headers)

    def upgrade(self, connection: HttpConnection, request: UpgradeRequest) -> None:
        """There is no WebSocket here."""
        connection.refuse()

    def respond(self, method: str, target: str, headers: dict[str, str], body: bytes) -> ControlResponse:
        """A file of the folder, or 404."""
        found = self._file(unquote(target.partition("?")[0])) if self.visit(headers).refusal is None else None
        if found is None and target == _NO_ICON:
            return ControlResponse(204, _NO_STORE, b"")
        if method not in ("GET", "HEAD") or found is None:
            return ControlResponse(404, {"Content-Length": "0", **_NO_STORE}, b"")
        content = found.read_bytes()
        kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        answer = {"Content-Type": kind, "Content-Length": str(len(content)), **_NO_STORE}
        return ControlResponse(200, answer, b"" if method == "HEAD" else content)

    def _file(self, path: str) -> Path | None:
        if "\0" in path:
            return None
        found = (self._folder / path.lstrip("/")).resolve()
        if found.is_dir():
            found /= "index.html"
        return found if found.is_relative_to(self._folder) and found.is_file() else None

"""Reads a log of Realtime sessions, whatever form it was written in; the form is told by what stands in it."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from .. import journal as journals_on_disk
from ..errors import InputError
from . import flow, har, hints, journals, records, text_logs
from .gathering import gather
from .logged import SessionLog
from .opening import LogFile
from .windows import Window


def read_log(path: str | Path, mapping: Mapping[str, str] | None = None) -> SessionLog:
    """Read a log. What cannot be read is left out, and :attr:`SessionLog.notes` says so.

    ``mapping`` says where the parts of a record are, for logs of JSON that are not understood without:
    see :mod:`harness.logs.mapping`. Raises :exc:`InputError` in one sentence if nothing in the file could be used.
    """
    notes: list[str] = []
    file = LogFile(path, notes.append)
    head = file.head_text
    if not head:
        raise InputError(f"{path} is empty; name a file that holds a log")
    if (kind := hints.kind_of_bytes(file.head)) is not None:
        raise InputError(f"{path} is {kind}")
    try:
        log = _read(file, head, notes, mapping)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}; give the path of a file") from None
    if not any(session.events or session.telephone for session in log.sessions):
        told = "".join(f" ({note})" for note in notes[:1])
        raise InputError(f"{path} {hints.kind_of_text(head)}{told}")
    return log


def _read(file: LogFile, head: str, notes: list[str], mapping: Mapping[str, str] | None) -> SessionLog:
    if journals.is_journal(head):
        journal = journals_on_disk.parse((line + "\n" for line in text_logs.lines_of(file.text())), str(file.path))
        notes.extend(journal.notes)
        return gather(journals.frames_of(journal), journals.form_of(journal), notes, sockets_known=True)
    if flow.is_flow(file.head):
        return _read_flow(file, notes)
    if har.is_har(head):
        frames = har.read_har(Window(file.text()), notes.append, file.path.parent)
        return gather(frames, har.form_of(head), notes, sockets_known=True)
    if head[0] in "{[" and not _is_text(head):
        return gather(records.read_records(Window(file.text()), notes.append, mapping), "log of JSON", notes)
    return gather(text_logs.read_text(file.text(), notes.append, mapping), "text log", notes)


def _is_text(head: str) -> bool:
    """Whether a log that begins with a bracket is text all the same: ``[INFO] session.created``."""
    second = head[1:].lstrip()[:1]
    return not second or (head[0] == "[" and second not in '{["]') or (head[0] == "{" and second not in '"}')


def _read_flow(file: LogFile, notes: list[str]) -> SessionLog:
    form = "flow file of mitmproxy"
    if not file.compressed:
        with file.path.open("rb") as plain:
            return gather(flow.read_flows(plain, notes.append), form, notes, sockets_known=True)
    with tempfile.TemporaryFile() as unpacked:
        for piece in file.pieces():
            unpacked.write(piece)
        return gather(flow.read_flows(unpacked, notes.append), form, notes, sockets_known=True)

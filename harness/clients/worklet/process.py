"""The Node process that runs an AudioWorklet file, in lock step with this one: audio in, audio and messages out.

``shim.mjs`` describes what passes between the two. The process is idle between two questions and sees no clock, so that
the same audio gives the same answers. It ends with this process, and ends itself if the worklet does not return.
"""

import json
import os
import struct
import subprocess
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...audio.formats import SAMPLE_RATE_HZ
from ...errors import ClientError
from .node import node_program

FloatSamples = NDArray[np.float32]
WorkletPiece = NDArray[np.float32] | NDArray[np.int16]
"""Audio that the worklet gave: float32 with full scale 1.0, or int16."""

_SHIM = Path(__file__).with_name("shim.mjs")
_HEAD = struct.Struct("<I1s3x")
_PAGE_ENDING = ".page"
_LONGEST = 300
"""Characters of what Node says as it dies."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is known of a worklet before it hears anything."""

    rate_hz: int
    """The sample rate of its AudioContext."""
    posted_rate_hz: int
    """The sample rate of what it posts."""
    opens_gate: bool
    """Whether its page file has ``openGate``."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What was found when it heard a voice."""

    processor: str
    """The name under which it is registered."""
    sends: str
    """``messages``: what it posts is sent; ``output``: its first output is."""
    unused: tuple[str, ...]
    """Settings that nothing asked for."""
    takes: tuple[str, ...]
    """AudioParams and options that it has."""


@dataclass(frozen=True, slots=True)
class WorkletAnswer:
    """What the worklet made of some audio."""

    pieces: tuple[WorkletPiece, ...]
    console: tuple[str, ...] = ()
    """Lines that it wrote to the console."""


def page_file_of(worklet: Path) -> Path | None:
    """The file beside a worklet that does what the page does: ``gate.page.js`` of ``gate.js``; None: there is none."""
    page = worklet.with_name(f"{worklet.stem}{_PAGE_ENDING}{worklet.suffix}")
    return page if page.is_file() else None


class WorkletProcess:
    """One Node process with one worklet at a time. Every question raises :exc:`ClientError` with file and line."""

    def __init__(self) -> None:
        self._file = Path()
        self._rate_hz = SAMPLE_RATE_HZ
        self._child = subprocess.Popen(
            [node_program(), "--experimental-vm-modules", "--no-warnings", str(_SHIM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if name not in ("NODE_OPTIONS", "NODE_V8_COVERAGE")},
        )
        self._end = weakref.finalize(self, _end, self._child)

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._end.alive and self._child.poll() is None

    def load(self, file: Path, settings: Mapping[str, Any]) -> Loaded:
        """Begin with a worklet; ``settings``: its AudioParams and options, by name."""
        self._file = file
        page = page_file_of(file)
        asked = {
            "file": str(file.resolve()),
            "page": str(page.resolve()) if page is not None else None,
            "settings": dict(settings),
        }
        self._send(b"l", json.dumps(asked).encode())
        found = self._result()
        self._rate_hz = int(found["sampleRate"])
        return Loaded(int(found["sampleRate"]), int(found["audioRate"]), bool(found["opensGate"]))

    def probe(self, voice: FloatSamples) -> Probed:
        """Let it hear a voice, to find out what it sends; then it is made anew."""
        self._send(b"p", voice.astype("<f4").tobytes())
        found = self._result()
        return Probed(found["processor"], found["sends"], tuple(found["unused"]), tuple(found["takes"]))

    def hear(self, samples: FloatSamples) -> WorkletAnswer:
        """Let it hear the next samples, any number of them."""
        self._send(b"a", samples.astype("<f4", copy=False).tobytes())
        return self._answer()

    def assistant(self, speaking: bool) -> None:
        """Tell the page file whether the assistant speaks."""
        self._send(b"s", bytes([speaking]))

    def open_gate(self) -> None:
        """Ask the page file to open the gate."""
        self._send(b"g", b"")

    def close(self) -> None:
        """End the process."""
        self._end()

    def _send(self, kind: bytes, body: bytes) -> None:
        stream = self._child.stdin
        assert stream is not None
        try:
            stream.write(_HEAD.pack(len(body), kind) + body)
            stream.flush()
        except OSError:
            raise self._died() from None
        except BaseException:  # half a question: nothing more can be asked
            self.close()
            raise

    def _read(self) -> tuple[bytes, bytes]:
        stream = self._child.stdout
        assert stream is not None
        try:
            head = stream.read(_HEAD.size)
            size, kind = _HEAD.unpack(head) if len(head) == _HEAD.size else (0, b"")
            body = stream.read(size)
        except BaseException:  # it is still at work on the question
            self.close()
            raise
        if not kind or len(body) < size:
            raise self._died()
        if kind == b"e":
            raise self._error(json.loads(body))
        return kind, body

    def _result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._read()[1])
        return found

    def _answer(self) -> WorkletAnswer:
        _, body = self._read()
        console: tuple[str, ...] = ()
        pieces: list[WorkletPiece] = []
        at = 0
        while at < len(body):
            size, what = _HEAD.unpack_from(body, at)
            at += _HEAD.size
            if what == b"j":
                console = tuple(json.loads(body[at : at + size])["console"])
            elif what == b"i":
                pieces.append(np.frombuffer(body, "<i2", size // 2, at))
            else:
                pieces.append(np.frombuffer(body, "<f4", size // 4, at))
            at += size + (-size & 3)
        return WorkletAnswer(tuple(pieces), console)

    def _died(self) -> ClientError:
        """Why there is no answer."""
        self._child.kill()
        _, said = self._child.communicate()
        self.close()
        lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
        last = next((line for line in lines if "rror" in line), lines[-1] if lines else "")
        words = f": {last[:_LONGEST]}" if last else ""
        return ClientError(
            f"{self._file}: the Node process that runs it ended with code {self._child.returncode}{words}; "
            "mend the worklet, or try another version of Node (20 or later)"
        )

    def _error(self, found: Mapping[str, Any]) -> ClientError:
        where = found.get("file")
        place = os.path.relpath(where) if where and str(where).startswith(os.getcwd() + os.sep) else where or self._file
        if found.get("line"):
            place = f"{place}:{found['line']}"
        part = found.get("part")
        if part is None:
            frame = found.get("frame")
            at = f", at {frame / self._rate_hz:.3f} s" if frame is not None else ""
            return ClientError(f"{place}: {found['what']}{at}")
        if part == "module":
            return ClientError(f"{place}: the worklet cannot be loaded: {found['what']}")
        seconds = found.get("seconds")
        at = f" at {seconds:.3f} s" if seconds is not None else ""
        cure = "; give it what the page does" if part.startswith("new ") else ""
        return ClientError(f"{place}: the worklet raised in {part}{at}: {found['what']}{cure}")


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.kill()
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is not None:
            stream.close()
    child.wait()

"""``--device pulse``: a sound card that is none, for programs that capture and play through the system.

A PulseAudio daemon of our own, never the user's, with two microphones, which are pipes, and a speaker that is silent
and whose monitor we hear. What the system does to a capture is done by it, where it can: then the program sees what it
would see on a real desktop, such as that its source is muted, suspended, or another one without a word.
"""

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Coroutine, Iterable
from pathlib import Path

import numpy as np

from ...errors import InputError
from .clock import WallClock
from .output import BYTES_PER_S, PlayedStream
from .program import Program
from .program_app import ProgramApp

NEEDED = ("pulseaudio", "pactl", "parec")
_MICROPHONE, _OTHER, _SPEAKER = "microphone", "other_microphone", "speaker"
_FAR_AWAY = 340
"""So much quieter is a voice at a microphone that is far away."""
_FORMAT = "format=s16le rate=24000 channels=1"
_MOST_WAITING = BYTES_PER_S // 10
"""So much is on its way to a program; what waits longer in a source is not recorded any more."""
_PIECE_BYTES = BYTES_PER_S // 50
_READY_WITHIN_S = 10.0
_ENDS_WITHIN_S = 2.0
_MUTES, _SUSPENDS, _SWAPS = "zeroed", "suspended", "near-silent"
"""The faults of the microphone that the system does besides: it mutes the source, suspends it, or moves the capture."""


def missing_programs() -> list[str]:
    """The programs of PulseAudio that this system does not have."""
    return [name for name in NEEDED if shutil.which(name) is None]


class PulseDevice:
    """The devices of a system with a sound server. ``output`` None: nobody listens to what the program plays."""

    needs_pipes = False

    def __init__(self, app: ProgramApp, clock: WallClock, output: PlayedStream | None) -> None:
        self._app = app
        self._clock = clock
        self._output = output
        self._folder = Path()
        self._processes: list[asyncio.subprocess.Process] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._pipes: list[int] = []
        self._unplugged = False
        """The first microphone was unplugged: the other one is too far away for a voice."""
        self._captures = 0
        self._active: frozenset[str] = frozenset()
        self._acting = asyncio.Lock()

    async def open(self) -> None:
        """Start the daemon. Raises :exc:`InputError` if it is not installed, or does not start."""
        if missing := missing_programs():
            raise InputError(
                f"--device pulse needs {', '.join(missing)}, which this system does not have; install PulseAudio "
                "(Debian: pulseaudio pulseaudio-utils), or use --device tcp"
            )
        self._folder = Path(tempfile.mkdtemp(prefix="stillthere-pulse-"))
        daemon = await self._start(
            "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes",
            "--realtime=no", "--high-priority=no", "--log-target=null", *_modules(self._folder),
        )  # fmt: skip
        async with asyncio.timeout(_READY_WITHIN_S):
            while await self._pactl("set-default-source", _MICROPHONE):
                if daemon.returncode is not None:
                    raise InputError("the PulseAudio daemon ended at once; run `pulseaudio -n` to see why")
                await asyncio.sleep(0.05)
        await self._pactl("set-default-sink", _SPEAKER)
        for name in (_MICROPHONE, _OTHER):
            self._pipes.append(os.open(self._folder / name, os.O_RDWR | os.O_NONBLOCK))
        if self._output is not None:
            monitor = await self._start(
                "parec", f"--device={_SPEAKER}.monitor", "--raw", "--format=s16le", "--rate=24000", "--channels=1",
                "--latency-msec=20",
            )  # fmt: skip
            self._watch(self._hear(monitor, self._output))
        self._watch(self._follow(await self._start("pactl", "subscribe")))
        self._app.captures.append(self._chunk)
        self._app.around.microphone.on_faults = self._faulty

    def environment(self) -> dict[str, str]:
        """Where the daemon is."""
        return {"PULSE_SERVER": f"unix:{self._folder / 'native'}", "PULSE_COOKIE": str(self._folder / "cookie")}

    def started(self, program: Program) -> None:
        """The program opens its devices by itself."""

    async def close(self) -> None:
        """End the daemon and what hangs on it."""
        for task in self._tasks:
            task.cancel()
        for process in reversed(self._processes):
            if process.returncode is None:
                process.terminate()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), _ENDS_WITHIN_S)
            if process.returncode is None:
                process.kill()
                await process.wait()
        for pipe in self._pipes:
            os.close(pipe)
        if self._folder != Path():
            shutil.rmtree(self._folder, ignore_errors=True)

    # --- sound ---

    def _chunk(self, pcm: bytes) -> None:
        """To both microphones; a source that nobody records from does not read its pipe, so what is old is dropped."""
        import fcntl
        import termios

        sounds = pcm, _far_away(pcm) if self._unplugged else pcm
        for pipe, sound in zip(self._pipes, sounds, strict=True):
            waiting = int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)
            if waiting > _MOST_WAITING:
                os.read(pipe, waiting - waiting % len(pcm))
            os.write(pipe, sound)

    async def _hear(self, monitor: asyncio.subprocess.Process, output: PlayedStream) -> None:
        assert monitor.stdout is not None
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:  # a shorter piece is hardly recognised
                output.take(await monitor.stdout.readexactly(_PIECE_BYTES))

    # --- what the program does with its devices ---

    async def _follow(self, events: asyncio.subprocess.Process) -> None:
        """A new recording stream is a capture that is opened, a new playback stream an output."""
        assert events.stdout is not None
        while line := await events.stdout.readline():
            if b"'new' on source-output" in line:
                self._captures += 1
                if self._captures > 1 and self._clock.is_started:
                    self._clock.enter()
                    self._app.reopens()
            elif b"'new' on sink-input" in line and self._clock.is_started:
                self._clock.enter()
                self._app.resumes()
        self._app.fenced("the sound server has ended, and with it microphone and speaker")

    # --- what the system does ---

    def _faulty(self, names: Iterable[str]) -> None:
        """These faults of the microphone are active now."""
        self._watch(self._act(frozenset(names)))

    async def _act(self, names: frozenset[str]) -> None:
        async with self._acting:
            before, self._active = self._active, names
            for name, command in ((_MUTES, "set-source-mute"), (_SUSPENDS, "suspend-source")):
                if (name in before) != (name in names):
                    for source in (_MICROPHONE, _OTHER):
                        await self._pactl(command, source, str(int(name in names)))
            if (_SWAPS in names) and _SWAPS not in before:
                await self._swap()

    async def _swap(self) -> None:
        """Move the program's capture to the other microphone."""
        listing = await self._start("pactl", "list", "short", "source-outputs")
        text, _ = await listing.communicate()
        sources = await self._start("pactl", "list", "short", "sources")
        numbers, _ = await sources.communicate()
        ours = {row.split("\t")[0] for row in numbers.decode().splitlines() if f"\t{_MICROPHONE}\t" in row}
        for row in text.decode().splitlines():
            number, source, *_ = row.split("\t")
            if source in ours:
                await self._pactl("move-source-output", number, _OTHER)

    # --- what a step of a page asks of the system ---

    async def set_volume(self, by: str) -> None:
        """Turn the microphone down by so many dB, such as ``-40dB``; ``0dB``: as loud as it was."""
        await self._pactl("set-source-volume", _MICROPHONE, by)

    async def unplug(self) -> None:
        """The first microphone is gone; the daemon moves what records from it to another, without an event."""
        self._unplugged = True
        await self._pactl("set-default-source", _OTHER)
        await self._swap()
        await self._pactl("suspend-source", _MICROPHONE, "1")

    async def plug_in(self) -> None:
        """The first microphone is there again, and the default one; what records goes on with the other."""
        await self._pactl("suspend-source", _MICROPHONE, "0")
        await self._pactl("set-default-source", _MICROPHONE)

    # --- processes ---

    async def _start(self, *command: str) -> asyncio.subprocess.Process:
        found = {**os.environ, **self.environment(), "HOME": str(self._folder), "XDG_RUNTIME_DIR": str(self._folder)}
        found.pop("DBUS_SESSION_BUS_ADDRESS", None)
        process = await asyncio.create_subprocess_exec(
            *command,
            env=found,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        self._processes.append(process)
        return process

    async def _pactl(self, *words: str) -> int:
        process = await self._start("pactl", *words)
        await process.communicate()
        self._processes.remove(process)
        return process.returncode or 0

    def _watch(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _modules(folder: Path) -> list[str]:
    """The daemon's options that load what it consists of."""
    lines = [
        f"module-native-protocol-unix socket={folder / 'native'} auth-anonymous=1",
        f"module-null-sink sink_name={_SPEAKER} {_FORMAT} sink_properties=device.description=Speaker",
    ]
    for name, shown in ((_MICROPHONE, "Microphone"), (_OTHER, "Other_microphone")):
        lines.append(
            f"module-pipe-source source_name={name} file={folder / name} {_FORMAT} "
            f"source_properties=device.description={shown}"
        )
    return [word for line in lines for word in ("-L", line)]


def _far_away(pcm: bytes) -> bytes:
    """What a microphone hears that is far away: as loud as the report's, at most 96 of 32768."""
    return (np.frombuffer(pcm, np.int16) // _FAR_AWAY).astype(np.int16).tobytes()

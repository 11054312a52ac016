"""Measures what it costs to read a long log: makes one of the size asked for, reads it, and prints time and memory.

python -m benchmarks.logs.memory har 200
python -m benchmarks.logs.memory jsonl 200
"""

import base64
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

MEGABYTE = 1_000_000
_CHUNK_S = 0.04


def events() -> Iterator[tuple[float, bool, dict[str, object]]]:
    """A conversation without end: time, whether the client sends it, and the event."""
    noise = np.random.default_rng(0)
    t = 0.0
    yield t, False, {"type": "session.created", "event_id": "event_0", "session": {"type": "realtime", "id": "sess_0"}}
    while True:
        turn = round(t * 1000)
        for _ in range(100):
            t += _CHUNK_S
            pcm = noise.integers(-3000, 3000, 960, dtype=np.int16).tobytes()
            yield t, True, {"type": "input_audio_buffer.append", "audio": base64.b64encode(pcm).decode()}
        names = (
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
        )
        for name in names:
            yield t, False, {"type": name, "event_id": f"event_{turn}_{name}", "item_id": f"item_{turn}"}
        response = {"id": f"resp_{turn}", "status": "completed", "output": [{"type": "message", "id": f"item_{turn}r"}]}
        yield t, False, {"type": "response.created", "event_id": f"event_{turn}c", "response": response}
        for number in range(20):
            pcm = noise.integers(-3000, 3000, 4800, dtype=np.int16).tobytes()
            yield (
                t,
                False,
                {
                    "type": "response.output_audio.delta",
                    "event_id": f"event_{turn}_{number}",
                    "response_id": f"resp_{turn}",
                    "item_id": f"item_{turn}r",
                    "delta": base64.b64encode(pcm).decode(),
                },
            )
        yield t, False, {"type": "response.done", "event_id": f"event_{turn}d", "response": response}


def write_har(path: Path, size: int) -> int:
    """Write a HAR of about so many bytes, as Chromium's DevTools do; the number of its messages."""
    written = count = 0
    with path.open("w") as file:
        file.write(
            '{"log":{"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"pages":[],"entries":[{'
        )
        file.write('"request":{"url":"wss://api.openai.com/v1/realtime"},"startedDateTime":"2026-11-28T17:12:28.212Z",')
        file.write('"_webSocketMessages":[')
        for t, sent, event in events():
            message = {
                "type": "send" if sent else "receive",
                "time": 1_795_885_948.2 + t,
                "opcode": 1,
                "data": json.dumps(event),
            }
            written += file.write(("," if count else "") + json.dumps(message))
            count += 1
            if written > size:
                break
        file.write("]}]}}")
    return count


def write_jsonl(path: Path, size: int) -> int:
    """Write a log of JSON lines of about so many bytes; the number of its lines."""
    written = count = 0
    with path.open("w") as file:
        for t, sent, event in events():
            written += file.write(
                json.dumps({"ts": 1_795_885_948.2 + t, "dir": "out" if sent else "in", "event": event}) + "\n"
            )
            count += 1
            if written > size:
                return count
    return count


def main() -> None:
    """Make the log, read it, and print what that took."""
    form, megabytes = sys.argv[1], int(sys.argv[2])
    from harness.logs.read import read_log

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"log.{form}"
        count = (write_har if form == "har" else write_jsonl)(path, megabytes * MEGABYTE)
        before = _current_mb()
        began = time.process_time()
        log = read_log(path)
        took = time.process_time() - began
        events_read = sum(len(session.events) for session in log.sessions)
        audio = sum(len(each.audio or b"") for session in log.sessions for each in session.events)
        size = path.stat().st_size / MEGABYTE
        print(f"{form}: {size:.0f} MB, {count} messages, {events_read} read, {took:.1f} s of CPU")
        print(f"  of audio {audio / MEGABYTE:.0f} MB")
        print(f"  memory: {before:.0f} MB before, {_peak_mb():.0f} MB at the peak, {_current_mb():.0f} MB after")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE


def _current_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / MEGABYTE


if __name__ == "__main__":
    main()

import asyncio
import json
import logging

import pytest

from harness import journal
from harness.journal import (
    AudioArrived,
    ConnectionClosed,
    EventByServer,
    ResponseForItem,
    UplinkAudio,
)
from harness.live.client_keys import LONGEST_TEXT
from harness.live.journal_lines import REMEMBERED_BYTES, REMEMBERED_ENTRIES, JournalLines
from harness.live.journal_writer import JournalWriter
from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.protocol.events import (
    ConversationItemDelete,
    InputAudioBufferClear,
    InputAudioBufferSpeechStarted,
    ResponseOutputAudioDelta,
)
from harness.server.session import SessionSetup
from tests.live.testing import (
    DEAF,
    PATIENCE_S,
    QUICK_VOICE,
    append,
    dial,
    pieces,
    receive,
    spoken,
    still_works,
)
from tests.world.testing import kinds


async def test_journal_of_a_turn(tmp_path):
    folder = tmp_path / "new" / "journals"
    async with (
        LiveServer(SessionSetup(voice=QUICK_VOICE), LiveSettings(journal_dir=folder)) as server,
        dial(server, "/v1/realtime?model=gpt-realtime-2") as websocket,
    ):
        await websocket.send(
            '{"type": "session.update", "session": {"type": "realtime",'
            ' "audio": {"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 500}}}}}'
        )
        for piece in pieces(spoken("speech_en_f_arctic_a0009"), 4_800):
            await websocket.send(append(piece))
        while (await receive(websocket))["type"] != "response.done":
            pass
    (path,) = folder.iterdir()
    found = journal.read(path)
    assert found.header["stage"] == "live"
    assert found.header["model"] == "gpt-realtime-2"
    assert kinds(found, "connection") == ["open", "closed"]
    assert kinds(found, "client") == ["session.update"]
    assert 1 <= len(list(found.select(AudioArrived))) < 10
    (started,) = found.events(EventByServer, InputAudioBufferSpeechStarted)
    (answered,) = found.select(ResponseForItem)
    assert found.entries.index(started) < found.entries.index(answered)
    assert kinds(found, "shadow") == ["speech_started", "speech_stopped"]
    assert not list(found.events(EventByServer, ResponseOutputAudioDelta))
    times = [entry.t for entry in found.entries if not isinstance(entry, UplinkAudio)]  # stands after what it measures
    assert times == sorted(times)
    (closed,) = found.select(ConnectionClosed)
    assert closed.code == 1000
    assert sum(entry.samples for entry in found.select(UplinkAudio)) == len(spoken("speech_en_f_arctic_a0009")) // 2
    assert all(entry.connection == 1 for entry in found.entries)


async def test_each_connection_has_its_own(tmp_path):
    async with (
        LiveServer(DEAF, LiveSettings(journal_dir=tmp_path)) as server,
        dial(server),
        dial(server),
        dial(server),
    ):
        pass
    assert len(list(tmp_path.iterdir())) == 3


async def test_one_that_cannot_be_written_is_a_warning(tmp_path, caplog):
    folder = tmp_path / "journals"
    async with LiveServer(DEAF, LiveSettings(journal_dir=folder)) as server:
        folder.rmdir()
        folder.touch()
        async with dial(server):
            pass
        await asyncio.sleep(0)
    (warning,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "cannot be written" in warning.getMessage()
    caplog.clear()


class TestMemory:
    def test_the_last_entries_stay_and_the_file_has_all(self, tmp_path):
        kept = record(path=tmp_path / "journal.jsonl")
        for number in range(3_000):
            kept.received(number, InputAudioBufferClear())
        kept.close(3_000, 1000, "", "client")
        assert kept.lines.count == 3_002  # with the opening and the end
        lines = kept.lines.document().splitlines()
        assert len(lines) == 1 + 1 + REMEMBERED_ENTRIES
        first = 3_002 - REMEMBERED_ENTRIES - 1
        missing = {"t": 0, "lane": "journal", "kind": "missing", "entries": first + 1, "until_us": first}
        assert json.loads(lines[1]) == missing, "else a reader would take it for the whole journal"
        assert json.loads(lines[2])["t"] == first
        assert len(journal.read(tmp_path / "journal.jsonl").entries) == 3_002

    @pytest.mark.parametrize("since", [0, 1_001, 1_002, 1_003, 3_000, 3_001, 9_999])
    def test_what_follows_an_index(self, since):
        kept = record()
        for number in range(1, 3_001):
            kept.received(number, InputAudioBufferClear())
        assert [entry["t"] for entry in kept.lines.entries(since)] == list(range(max(since, 1_001), 3_001))

    async def test_the_end_of_a_live_journal(self, deaf_server):
        async with dial(deaf_server) as websocket:
            following, entries = deaf_server.entries(1, 0)
            assert [entry["kind"] for entry in entries] == ["open", "session.created"]
            await websocket.send('{"type": "input_audio_buffer.clear"}')
            await receive(websocket)
            following, entries = deaf_server.entries(1, following)
            assert [entry["kind"] for entry in entries] == ["input_audio_buffer.clear", "input_audio_buffer.cleared"]
            assert deaf_server.entries(1, following) == (following, [])
            written = journal.parse(deaf_server.journal(1).decode().splitlines(), "live")
            assert len(written.entries) == following + 1  # and that the connection is still open


def record(path=None, **header):
    return JournalWriter(1, JournalLines(header, path))


def test_a_client_s_text_is_kept_in_part():
    """A name or an id can be megabytes; a journal is not."""
    kept = record()
    for _ in range(100):
        kept.received(0, ConversationItemDelete(item_id="x" * 5_000_000))
    assert len(kept.lines.document()) < 200_000
    assert len(kept.lines.entries(0)[-1]["item_id"]) == LONGEST_TEXT + 1


def test_what_is_remembered_is_bounded_in_bytes_too():
    kept = record()
    for number in range(REMEMBERED_ENTRIES):
        kept.received(number, ConversationItemDelete(item_id=f"{number:04d}" + "x" * 900))
    assert len(kept.lines.document()) <= REMEMBERED_BYTES + 200
    assert (
        kept.lines.entries(0)[-1]["item_id"].startswith(f"{REMEMBERED_ENTRIES - 1:04d}")
        and kept.lines.count == REMEMBERED_ENTRIES + 1
    )


async def test_a_journal_can_be_followed_while_the_session_lasts(tmp_path):
    """And is there if the server is killed: what happened a second ago stands in the file."""
    async with LiveServer(DEAF, LiveSettings(journal_dir=tmp_path)) as server, dial(server) as websocket:
        await still_works(websocket)
        async with asyncio.timeout(PATIENCE_S):
            while not any(b"session.update" in path.read_bytes() for path in tmp_path.iterdir()):
                await asyncio.sleep(0.05)

import asyncio
import logging

from harness import journal
from harness.live.server import LiveServer
from harness.server.session import SessionSetup
from tests.live.talking import QUICK_VOICE, append, dial, pieces, receive, spoken


async def test_journal_of_a_turn(tmp_path):
    folder = tmp_path / "new" / "journals"
    async with (
        LiveServer(SessionSetup(voice=QUICK_VOICE), journal_dir=folder) as server,
        dial(server, "/v1/realtime?model=gpt-x") as websocket,
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
    assert found.header["model"] == "gpt-x"
    assert [entry.kind for entry in found.select("connection")] == ["open", "closed"]
    assert [entry.kind for entry in found.select("client")] == ["session.update"]
    assert len(list(found.select("server", "audio_arrives"))) >= 1
    assert len(list(found.select("server", "audio_arrives"))) < 10
    turn = [entry.kind for entry in found.select("server", "input_audio_buffer.speech_started", "answers")]
    assert turn == ["input_audio_buffer.speech_started", "answers"]
    assert [entry.kind for entry in found.select("shadow")] == ["speech_started", "speech_stopped"]
    assert not list(found.select("server", "response.output_audio.delta"))
    assert [entry.t for entry in found.entries] == sorted(entry.t for entry in found.entries)
    (closed,) = found.select("connection", "closed")
    assert closed.fields["code"] == 1000


async def test_each_connection_has_its_own(tmp_path):
    async with LiveServer(SessionSetup(detector="energy"), journal_dir=tmp_path) as server:
        for _ in range(3):
            async with dial(server):
                pass
    assert len(list(tmp_path.iterdir())) == 3


async def test_one_that_cannot_be_written_is_a_warning(tmp_path, caplog):
    folder = tmp_path / "journals"
    async with LiveServer(SessionSetup(detector="energy"), journal_dir=folder) as server:
        folder.rmdir()
        folder.touch()
        async with dial(server):
            pass
        await asyncio.sleep(0)
    (warning,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "cannot be written" in warning.getMessage()
    caplog.clear()

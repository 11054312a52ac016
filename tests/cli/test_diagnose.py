"""``stillthere diagnose``: a journal in, whose fault the silence is out."""

import json
import re
from pathlib import Path

import pytest

from harness.journal import (
    ConnectionClosed,
    ConnectionOpened,
    EntriesMissing,
    Entry,
    FaultInjected,
    Journal,
    RunEnded,
    ShadowSpeechStarted,
    ShadowSpeechStopped,
    UplinkAudio,
)
from harness.live.server import LiveServer
from harness.live.settings import LiveSettings
from harness.protocol.events import (
    InputAudioBufferCommitted,
    InputAudioBufferSpeechStarted,
    InputAudioBufferSpeechStopped,
    ResponseCreated,
    ResponseDone,
    ResponseOutputAudioDone,
    SessionUpdated,
)
from harness.server.session import SessionSetup
from tests.journal.testing import by_server, entry
from tests.live.testing import QUICK_VOICE, append, dial, pieces, receive, spoken


@pytest.fixture
def played(stillthere, tmp_path: Path):
    """The journal of a shipped scenario, as ``stillthere run --out`` writes it."""

    def play(scenario: str, client: str) -> Path:
        folder = tmp_path / client
        stillthere("run", scenario, "--client", client, "--detector", "energy", "--out", folder)
        (path,) = folder.iterdir()
        return path

    return play


def test_a_silence_has_a_cause_its_words_a_time_and_evidence(stillthere, played):
    outcome = stillthere("diagnose", played("half_open_socket", "reported"))
    assert (outcome.code, outcome.err) == (1, "")
    lines = outcome.out.splitlines()
    assert lines[0] == "silent: half_open"
    assert lines[1] == "  nothing that is sent arrives any more, and nobody closed the connection"
    assert " since " in lines[2] and lines[2].endswith(" s, confidence 98%")
    assert "chunks were sent with the utterance, and nothing has arrived since" in lines[3]
    (alone,) = (line for line in lines if line.startswith("a client alone could know: "))
    assert "half_open" in alone, "the client cannot rule it out"


def test_an_answered_user_is_exit_0(stillthere, played):
    outcome = stillthere("diagnose", played("half_open_socket", "resilient"))
    assert (outcome.code, outcome.out.splitlines()[0]) == (0, "answered: there is no silence")


def test_nobody_spoke_is_exit_0(stillthere, tmp_path):
    journal = Journal({"scenario": "x"})
    journal.add(RunEnded(t=0))
    journal.save(tmp_path / "quiet.jsonl")
    outcome = stillthere("diagnose", tmp_path / "quiet.jsonl")
    assert (outcome.code, outcome.out.splitlines()[0]) == (0, "quiet: there was nothing to answer")
    assert "nobody spoke" in outcome.out


def test_json_is_one_document(stillthere, played):
    path = played("half_open_socket", "reported")
    outcome = stillthere("diagnose", path, "--json")
    document = json.loads(outcome.out)
    assert outcome.code == 1
    assert document.keys() == {
        "journal", "sha256", "state", "cause", "words", "since_s", "evidence", "confidence", "client_alone",
    }  # fmt: skip
    assert (document["state"], document["cause"], document["journal"]) == ("silent", "half_open", str(path))
    assert 0 < document["since_s"] < 60 and document["evidence"]
    assert document["client_alone"]["state"] == "silent"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a journal\n",
        '{"stillthere": 1}\n{"t": 1, "lane": "user", "kind": "speaks"}\n',
        '{"stillthere": 1}\n{"t": 1, "lane": "user", "kind": "speaks", "length_us": "long", "rms": 1}\n',
    ],
)
def test_what_is_no_journal_is_exit_2_and_one_sentence(stillthere, tmp_path, text):
    path = tmp_path / "broken.jsonl"
    path.write_text(text)
    outcome = stillthere("diagnose", path)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.count("\n") == 1 and "broken.jsonl" in outcome.err


def live(tmp_path: Path, *entries: Entry, ends_s: float = 20, loud_after: bool = False) -> Path:
    """The journal of a live connection, where the user speaks from 5 to 8 s and sends silence after it."""
    journal = Journal({"stage": "live"})
    journal.add(ConnectionOpened(t=0, connection=1))
    for half in range(2 * 20):
        rms = 3000.0 if 10 <= half < 16 or (loud_after and half >= 16) else 20.0
        sent = entry(
            half / 2, UplinkAudio, connection=1, chunks=25, samples=12_000, rms=rms, peak=round(3 * rms), zeros=0
        )
        journal.add(sent)
    for each in entries:
        journal.add(each)
    journal.add(entry(ends_s, ConnectionClosed, connection=1, code=1000, reason=""))
    journal.save(tmp_path / "live.jsonl")
    return tmp_path / "live.jsonl"


HEARD = (
    entry(5.4, ShadowSpeechStarted, connection=1, audio_start_ms=5_000),
    entry(8.5, ShadowSpeechStopped, connection=1, audio_end_ms=8_000),
)
STARTED = by_server(5.4, InputAudioBufferSpeechStarted, item_id="u")
TURN = (*HEARD, STARTED, by_server(8.5, InputAudioBufferSpeechStopped, item_id="u"))
CREATED = by_server(8.6, ResponseCreated, response_id="r")
BEGUN = (*TURN, CREATED)
DONE = by_server(9.5, ResponseDone, response_id="r", status="completed")
AUDIO = by_server(9.4, ResponseOutputAudioDone, response_id="r")


def test_a_torn_last_line_is_a_note(stillthere, tmp_path):
    path = live(tmp_path, *BEGUN, AUDIO, DONE)
    path.write_bytes(path.read_bytes()[:-15])
    outcome = stillthere("diagnose", path)
    assert (outcome.code, outcome.out.splitlines()[0]) == (0, "answered: there is no silence")
    assert outcome.err.count("\n") == 1 and "live.jsonl:50: the last line is torn and is left out" in outcome.err
    (note,) = json.loads(stillthere("diagnose", path, "--json").out)["notes"]
    assert f"stillthere: {note}\n" == outcome.err


@pytest.mark.parametrize(
    ("entries", "gap_s", "code", "first"),
    [
        ((*BEGUN, AUDIO, DONE), (0, 2), 0, "answered"),
        ((*BEGUN, AUDIO, DONE), (12, 19), 3, "unknown"),
        ((*BEGUN, AUDIO, DONE), (4, 6), 3, "unknown"),
        ((), (0, 2), 3, "unknown"),
        (TURN, (12, 19), 1, "silent: turn_lost"),
    ],
)
def test_entries_that_are_missing_are_told_and_make_nothing_better(stillthere, tmp_path, entries, gap_s, code, first):
    """What was said or answered in the gap is not known: an answer before it is not that to the last words."""
    begin, end = gap_s
    gap = entry(begin, EntriesMissing, entries=1_240, until_us=end * 1_000_000)
    outcome = stillthere("diagnose", live(tmp_path, *entries, gap))
    assert outcome.code == code and outcome.out.startswith(first)
    assert f"1240 entries are missing, of {begin}.000 s to {end}.000 s" in outcome.out
    assert "confidence 60%" in outcome.out


def test_no_file_is_exit_2(stillthere, tmp_path):
    assert stillthere("diagnose", tmp_path / "none.jsonl").code == 2


@pytest.mark.parametrize(
    ("entries", "code", "first"),
    [
        ((), 0, "quiet: there was nothing to answer"),
        (HEARD, 1, "silent: vad_deaf"),
        ((*HEARD, STARTED), 1, "silent: vad_held"),
        (TURN, 1, "silent: turn_lost"),
        (BEGUN, 1, "silent: response_stuck"),
        ((*BEGUN, DONE), 1, "silent: reply_inaudible"),
        ((*BEGUN, AUDIO, DONE), 0, "answered: there is no silence"),
    ],
)
def test_a_live_journal_shows_what_the_server_knows_and_what_is_missing(stillthere, tmp_path, entries, code, first):
    outcome = stillthere("diagnose", live(tmp_path, *entries))
    assert (outcome.code, outcome.out.splitlines()[0]) == (code, first)
    assert "a client alone: not known, because this journal has no entries of the client" in outcome.out
    if code == 0:
        assert "holds neither the user nor what the client captured, received and played" in outcome.out


def test_a_live_turn_held_by_sound_has_endless_sound(stillthere, tmp_path):
    held = (HEARD[0], STARTED)
    outcome = stillthere("diagnose", live(tmp_path, *held, loud_after=True))
    assert (outcome.code, outcome.out.splitlines()[0]) == (1, "silent: endless_sound")


def test_a_fault_injected_into_a_live_answer_is_shown(stillthere, tmp_path):
    path = live(tmp_path, *BEGUN, entry(9, FaultInjected, kind="mute", length_us=None), AUDIO, DONE)
    outcome = stillthere("diagnose", path)
    assert "the fault mute was injected at 9.000 s" in outcome.out and "confidence 60%" in outcome.out


def test_live_push_to_talk_is_judged_from_its_commit(stillthere, tmp_path):
    manual = (by_server(1, SessionUpdated, turn_detection=None),)
    committed = (*manual, by_server(8, InputAudioBufferCommitted, item_id="u"))
    outcome = stillthere("diagnose", live(tmp_path, *committed))
    assert (outcome.code, outcome.out.splitlines()[0]) == (1, "silent: client_waiting")
    answered = (*committed, CREATED, AUDIO, DONE)
    assert stillthere("diagnose", live(tmp_path, *answered)).code == 0


async def test_the_journal_of_a_real_session(stillthere, tmp_path):
    setup, settings = SessionSetup(voice=QUICK_VOICE), LiveSettings(journal_dir=tmp_path / "live")
    async with LiveServer(setup, settings) as server, dial(server) as websocket:
        for piece in pieces(spoken("speech_en_f_arctic_a0009") + bytes(48_000), 4_800):
            await websocket.send(append(piece))
        while (await receive(websocket))["type"] != "response.done":
            pass
    (path,) = (tmp_path / "live").iterdir()
    outcome = stillthere("diagnose", path)
    assert (outcome.code, outcome.out.splitlines()[0]) == (0, "answered: there is no silence")
    assert "1000 of 1000 ms of audio were written to the client's socket" in outcome.out


def test_the_picture_of_a_journal_is_written_as_a_page(stillthere, tmp_path):
    journal = Path(__file__).parent.parent / "journal" / "formats" / "2" / "live.jsonl"
    outcome = stillthere("diagnose", journal, "--html", tmp_path / "page.html")
    assert f"report: {tmp_path / 'page.html'}" in outcome.err
    assert "the journal of a live server" in (tmp_path / "page.html").read_text()


def test_a_log_is_not_drawn(stillthere, tmp_path):
    (tmp_path / "log.jsonl").write_text('{"type": "session.created"}\n')
    outcome = stillthere("diagnose", tmp_path / "log.jsonl", "--html", tmp_path / "page.html")
    assert "--html draws journals of ours" in outcome.err and not (tmp_path / "page.html").exists()


def test_a_silence_is_as_long_as_the_picture_says(stillthere, tmp_path):
    """FIELD §2: the picture said silent for 73 s, and the diagnosis only since when its evidence is."""
    played = stillthere("run", "half_open_socket", "--detector", "energy", "--out", tmp_path)
    (silent,) = set(re.findall(r"silent for \d+ s", played.out))
    told = stillthere("diagnose", *tmp_path.iterdir()).out.splitlines()[2]
    assert told.startswith(f"  {silent}, since ") and "; this cause is seen since " in told

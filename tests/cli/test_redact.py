"""``stillthere redact``: a log in, a log that can be shown to others out."""

import json
import stat

from harness.logs.read import read_log

EVENTS = [
    {"type": "session.created", "event_id": "event_a", "session": {"instructions": "Call Zanzibar."}},
    {"type": "input_audio_buffer.append", "audio": "AAAAAAAA"},
    {"type": "response.done", "response": {"id": "resp_a", "status": "completed"}},
]


def log_in(folder):
    path = folder / "log.jsonl"
    path.write_text("".join(json.dumps({"ts": 1.8e9 + n, "event": event}) + "\n" for n, event in enumerate(EVENTS)))
    return path


def test_the_log_that_is_written_is_the_same_session_without_its_texts(stillthere, tmp_path):
    outcome = stillthere("redact", log_in(tmp_path), "-o", tmp_path / "plain.jsonl")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"{tmp_path / 'plain.jsonl'}: 3 events of 1 session\n"
    text = (tmp_path / "plain.jsonl").read_text()
    assert "Zanzibar" not in text and "AAAA" not in text
    (session,) = read_log(tmp_path / "plain.jsonl").sessions
    assert [(each.type, each.t) for each in session.events] == [
        (e["type"], n * 1_000_000) for n, e in enumerate(EVENTS)
    ]


def test_voices_are_kept_for_their_owner_only(stillthere, tmp_path):
    file = tmp_path / "kept" / "voices.jsonl"
    outcome = stillthere("redact", log_in(tmp_path), "-o", file, "--keep-audio")
    assert outcome.code == 0 and "holds voices" in outcome.out
    assert "AAAAAAAA" in file.read_text()
    assert [stat.S_IMODE(each.stat().st_mode) for each in (file, file.parent)] == [0o600, 0o700]


def test_the_log_itself_is_not_overwritten(stillthere, tmp_path):
    path = log_in(tmp_path)
    before = path.read_bytes()
    outcome = stillthere("redact", path, "-o", path)
    assert outcome.code == 2 and "give -o another name" in outcome.err and path.read_bytes() == before


def test_what_is_no_log_is_told_in_one_line(stillthere, tmp_path):
    (tmp_path / "x").write_text("nothing of use\n")
    for arguments in ([tmp_path / "x"], [tmp_path], [log_in(tmp_path), "--map", "wrong"]):
        outcome = stillthere("redact", *arguments, "-o", tmp_path / "plain")
        assert outcome.code == 2 and outcome.err.count("\n") == 1 and outcome.err.startswith("stillthere: ")
    assert not (tmp_path / "plain").exists()

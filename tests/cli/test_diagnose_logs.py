"""``stillthere diagnose`` and ``stillthere import`` with logs that others recorded."""

import json
import stat
from pathlib import Path

import pytest

from harness.journal import Journal
from harness.journal.files import read
from tests.logs.sessions import Log
from tests.logs.testing import FIXTURES

CHROMIUM = FIXTURES / "chromium"


def write(folder: Path, log, name="log.jsonl") -> Path:
    path = folder / name
    lines = [
        json.dumps({"ts": 1_795_885_920 + each.t / 1e6, "event": dict(each.event)})
        for each in log.session().sessions[0].events
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_set_of_causes_with_places_and_what_to_log(stillthere):
    outcome = stillthere("diagnose", CHROMIUM / "mute.har.gz")
    assert outcome.code == 1
    lines = outcome.out.splitlines()
    assert lines[0] == "silent: vad_deaf, server_mute or half_open"
    assert lines[1] == "  HAR of Chromium's DevTools"
    assert lines[2].startswith("  since message ")
    assert "excluded:" in lines
    assert lines[-1].startswith("  - send a WebSocket ping")


def test_a_log_that_cannot_tell_exits_with_3(stillthere, tmp_path):
    outcome = stillthere("diagnose", write(tmp_path, Log().conversation()))
    assert outcome.code == 3
    assert outcome.out.startswith("unknown: this log cannot tell a silence from a user who says nothing\n")
    assert "it cannot tell a freeze from a quiet user" in outcome.out


def test_an_answered_log_exits_with_0_and_says_what_it_does_not_show(stillthere):
    outcome = stillthere("diagnose", FIXTURES / "mitmproxy.flow.gz")
    assert outcome.code == 0
    assert outcome.out.startswith("answered, as far as this log goes")
    assert "if the user heard nothing all the same: playback_suspended" in outcome.out


def test_as_json(stillthere):
    outcome = stillthere("diagnose", CHROMIUM / "failed_response.har.gz", "--json")
    document = json.loads(outcome.out)
    assert (outcome.code, document["state"]) == (1, "silent")
    assert [(each["cause"], each["confidence"]) for each in document["causes"]] == [("response_failed", "certain")]
    assert document["since"].startswith("message ")


def test_a_mapping_of_fields(stillthere, tmp_path):
    path = tmp_path / "odd.jsonl"
    events = [dict(each.event) for each in Log().conversation().session().sessions[0].events]
    path.write_text("\n".join(json.dumps({"when": number, "wire": {"x": each}}) for number, each in enumerate(events)))
    outcome = stillthere("diagnose", path, "--map", "time=when,event=wire.x")
    assert outcome.code == 3
    assert "completed" in outcome.out


@pytest.fixture
def played(stillthere, tmp_path):
    """The journal of a shipped scenario."""

    def play(scenario: str) -> Path:
        folder = tmp_path / "out"
        stillthere("run", scenario, "--client", "reported", "--detector", "energy", "--out", folder)
        (path,) = folder.iterdir()
        return path

    return play


def client_log(journal: Journal) -> Log:
    """What the client of a journal received, and nothing of what it sent."""
    log = Log()
    log._events = []
    for each in journal.entries:
        if type(each).__name__ == "EventAtClient" and each.kind.startswith(
            ("session.created", "input_audio", "response")
        ):
            fields = dict(each.fields)
            if each.kind in ("response.created", "response.done"):
                fields = {"response": {"id": fields["response_id"], "status": fields.get("status", "in_progress")}}
            log.at(each.t / 1e6, each.kind, **fields)
    return log


def test_with_the_journal_of_our_server_one_cause_is_left(stillthere, tmp_path, played):
    journal = played("half_open_socket")
    alone = stillthere("diagnose", write(tmp_path, client_log(read(journal))), "--json")
    assert len(json.loads(alone.out)["causes"]) == 3, "a client that logs no appends cannot tell"
    joined = stillthere("diagnose", write(tmp_path, client_log(read(journal))), "--join", journal, "--json")
    document = json.loads(joined.out)
    assert (joined.code, document["state"]) == (1, "silent")
    assert [each["cause"] for each in document["causes"]] == ["half_open"]
    assert any("is connection" in line for line in document["evidence"])


def test_an_imported_scenario_can_be_run_and_fails(stillthere, tmp_path):
    out = tmp_path / "made.yaml"
    outcome = stillthere("import", CHROMIUM / "dropped_response.har.gz", "-o", out)
    assert (outcome.code, outcome.out.split(",")[1]) == (0, " which replay turn_lost; play it: stillthere run "
                                                            f"{out} --client reported\n")  # fmt: skip
    assert "--cause replays another" in outcome.err
    ran = stillthere("run", out, "--client", "reported", "--detector", "energy")
    assert ran.code == 1 and "turn_lost" in ran.out


def test_voices_are_kept_for_their_owner_only(stillthere, tmp_path):
    out = tmp_path / "made.yaml"
    outcome = stillthere("import", CHROMIUM / "failed_response.har.gz", "-o", out, "--keep-audio")
    assert "can be read by their owner only" in outcome.out
    voices = sorted(tmp_path.glob("made-*.wav"))
    assert voices and all(stat.S_IMODE(each.stat().st_mode) == 0o600 for each in voices)


def test_a_name_that_is_no_scenario(stillthere, tmp_path):
    outcome = stillthere("import", CHROMIUM / "none.har.gz", "-o", tmp_path / "made.txt")
    assert outcome.code == 2
    assert "end it with .yaml" in outcome.err

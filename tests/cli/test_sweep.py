"""The command ``sweep``."""

import csv
import json
import os
import re
import shlex
from pathlib import Path

import pytest

QUIET = ("sweep", "quiet_speaker_gated_out", "--detector", "energy")


@pytest.fixture
def swept(stillthere, tmp_path):
    """A small sweep whose result is known: the gate at 0.03 removes the quiet speaker (FIELD: it fails at -42 dBFS)."""
    arguments = ("--vary", "gate_threshold=0.001|0.03", "--over", "level=-42|-30", "--out", tmp_path / "out")
    return stillthere(*QUIET, *arguments), tmp_path / "out"


def test_the_table_has_a_row_for_each_cell_and_says_what_its_columns_are(swept):
    outcome, out = swept
    assert outcome.code == 0
    rows = list(csv.DictReader((out / "sweep.csv").open()))
    found = {(row["gate_threshold"], row["level_dbfs"]): row for row in rows}
    assert found["0.03", "-42.0"]["verdict"] == "failed"
    assert found["0.03", "-42.0"]["cause"] == "gate_closed"
    assert found["0.001", "-42.0"]["verdict"] == found["0.03", "-30.0"]["verdict"] == "held"
    assert {row["how"] for row in rows} <= {"played", "computed"}
    about = json.loads((out / "sweep.json").read_text())
    assert [column["name"] for column in about["columns"]] == list(rows[0])
    (level,) = (column for column in about["columns"] if column["name"] == "level_dbfs")
    assert (level["type"], level["unit"]) == ("number", "dBFS")
    assert about["command"].startswith("stillthere sweep quiet_speaker_gated_out")
    for row in rows:
        for column in about["columns"]:
            if row[column["name"]] and column["type"] != "text":
                (int if column["type"] == "integer" else float)(row[column["name"]])


def test_the_map_shows_where_it_goes_wrong_and_how_the_cells_came(swept):
    outcome, _ = swept
    assert "quiet_speaker_gated_out at -42 dBFS, detector energy\n ·X" in outcome.out
    assert "quiet_speaker_gated_out at -30 dBFS, detector energy\n ··" in outcome.out
    assert "all of them together\n ·X" in outcome.out
    assert "4 rows (2 cells on each of 2 grounds): " in outcome.out
    assert "\x1b" not in outcome.out


def test_json_is_one_document(stillthere):
    outcome = stillthere(*QUIET, "--vary", "gate_threshold=0.03", "--json")
    document = json.loads(outcome.out)
    (row,) = document["rows"]
    assert (row["gate_threshold"], row["verdict"], row["cause"]) == (0.03, "failed", "gate_closed")
    assert sum(document["ways"].values()) == 1


def test_settings_that_do_not_vary(stillthere):
    outcome = stillthere(*QUIET, "--vary", "gate_hold_ms=0", "--set", "gate_mode=off", "--json")
    assert json.loads(outcome.out)["rows"][0]["verdict"] == "held"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--vary", "gate_treshold=0.1"), "did you mean 'gate_threshold'?"),
        (("--vary", "chunk_ms=20", "--set", "chunk_ms=40"), "--set chunk_ms: it is varied; leave one out"),
        (("--vary", "chunk_ms=20", "--sample", "lhs:3", "--refine", "1"), "--refine goes with a grid"),
        (("--vary", "chunk_ms=20", "--detector", "energy,silreo"), "silreo"),
        (("--vary", "chunk_ms=20", "--over", "level=-42..-30"), "say how many levels"),
        (("--vary", "chunk_ms=20", "--client", "no_such"), "no client is called 'no_such'"),
    ],
)
def test_a_wrong_option_is_one_sentence_and_exit_2(stillthere, arguments, told):
    outcome = stillthere("sweep", "quiet_speaker_gated_out", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert told in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_merged_values_are_told(stillthere):
    outcome = stillthere(*QUIET, "--vary", "gate_hold_ms=0..1:3")
    assert "--vary gate_hold_ms: 1 values equal another after rounding; 2 are left" in outcome.err


APP = """
import asyncio, base64, json
import numpy as np
import websockets

async def gated(mic, speaker, settings):
    url, key = "wss://api.openai.com/v1/realtime?model=gpt-realtime", {"Authorization": "Bearer sk-any"}
    async with websockets.connect(url, additional_headers=key) as socket:
        async def send():
            async for pcm in mic:
                samples = np.frombuffer(pcm, np.int16).astype(float) / 32768
                if np.sqrt(np.mean(samples**2)) < settings["my_gate"]:
                    pcm = bytes(len(pcm))
                audio = base64.b64encode(pcm).decode()
                await socket.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))
        sending = asyncio.create_task(send())
        async for text in socket:
            event = json.loads(text)
            if event["type"] == "response.output_audio.delta":
                speaker.play(base64.b64decode(event["delta"]))
            elif event["type"] == "input_audio_buffer.speech_started":
                speaker.stop()

async def fixed(mic, speaker):
    await asyncio.sleep(1)
"""


@pytest.fixture
def apps(tmp_path, monkeypatch):
    """A folder with apps, one of which has a gate."""
    (tmp_path / "swept_app.py").write_text(APP)
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
@pytest.mark.usefixtures("apps")
def test_an_app_gets_its_settings_and_each_cell_of_it_is_played(stillthere):
    """FIELD: a gate at 0.03 removes a speaker at -42 dBFS."""
    outcome = stillthere(*QUIET, "--app", "swept_app:gated", "--vary", "my_gate=0.0|0.03", "--json")
    document = json.loads(outcome.out)
    assert [(row["my_gate"], row["verdict"], row["how"]) for row in document["rows"]] == [
        (0.0, "held", "played"),
        (0.03, "failed", "played"),
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("apps")
def test_an_app_that_takes_no_settings_is_said(stillthere):
    outcome = stillthere(*QUIET, "--app", "swept_app:fixed", "--vary", "my_gate=0.0", "--json")
    assert outcome.code == 4
    (row,) = json.loads(outcome.out)["rows"]
    assert row["verdict"] == "error"
    assert "takes no settings; give it a parameter: async def app(mic, speaker, settings)" in row["error"]


@pytest.mark.slow
def test_the_command_of_a_cell_plays_that_cell(swept, stillthere):
    """Each cell's command, put together as the page does, gives the verdict of its row."""
    _, out = swept
    data = page_data(out)
    for ground in data["grounds"]:
        for place, number in enumerate(ground["rows"]):
            command = ground["words"]["0"] + data["axes"][0]["parts"][place]
            outcome = stillthere(*shlex.split(command)[1:], "--json")
            assert json.loads(outcome.out)["verdict"] == data["rows"][number][0]


def page_data(out):
    text = (out / "sweep.html").read_text()
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_the_page_has_a_picture_for_each_outcome_and_needs_no_network(swept):
    _, out = swept
    data = page_data(out)
    pictures = [data["pictures"][ground["pictures"][str(row)]] for ground in data["grounds"] for row in ground["rows"]]
    assert all("<svg" in picture["svg"] for picture in pictures)
    assert "gate_closed" in re.sub(r"<[^>]*>|&#160;", "", data["pictures"][data["grounds"][0]["pictures"]["1"]]["svg"])
    text = (out / "sweep.html").read_text()
    assert set(re.findall(r"https?://[^\\\"'\s<)]+", text)) <= {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in text


def test_the_failing_cell_at_the_border_has_a_report_with_the_command_of_the_cell(swept):
    _, out = swept
    data = page_data(out)
    (quiet,) = [number for number, ground in enumerate(data["grounds"]) if "-42" in ground["told"]]
    ((at, file),) = data["reports"].items()
    assert at == f"{quiet}/1", "the gate at 0.03, and the speaker at -42 dBFS"
    report = (out / file).read_text()
    assert "gate_closed" in report and "--set gate_threshold=0.03" in report
    assert [path.name for path in (out / "reports").iterdir()] == [Path(file).name]
    if os.name == "posix":
        assert (out / file).stat().st_mode & 0o077 == 0, "it holds a voice"
    assert "Report of this cell" in (out / "sweep.html").read_text()

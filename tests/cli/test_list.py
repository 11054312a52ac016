"""``stillthere list``."""

import json

import pytest

from harness.scenario import shipped_scenarios

CLIENT = (
    "class Base:\n"
    "    def hear(self, chunk, now): return []\n"
    "    def receive(self, event, now): return []\n"
    "    def wake(self, now): return []\n"
    "    def next_wake(self): return None\n\n\n"
    'class Mine(Base):\n    """Ours, in production."""\n\n\nclass Other:\n    pass\n\n\n'
    'raise SystemExit("not imported")\n'
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "door.yaml").write_text(
        "scenario: A door\nstory: It slams. Then nothing.\ntags: [noise]\ntimeline:\n  - {at: 1s, say: babble}\n"
    )
    (tmp_path / "my_app.py").write_text(CLIENT)
    return tmp_path


def test_it_lists_what_is_here_what_is_shipped_and_clients(stillthere, here):
    found = json.loads(stillthere("list", "--json").out)
    assert [*found] == ["scenarios", "shipped scenarios", "clients"]
    assert found["scenarios"] == [
        {"name": "scenarios/door.yaml", "title": "A door", "tags": ["noise"], "story": "It slams."}
    ]
    assert [one["name"] for one in found["shipped scenarios"]] == [path.stem for path in shipped_scenarios()]
    clients = {one["name"]: one["story"] for one in found["clients"]}
    assert clients["my_app:Mine"] == "Ours, in production." and "my_app:Base" in clients
    assert "reported" in clients and "my_app:Other" not in clients


@pytest.mark.parametrize("columns", [40, 80])
def test_no_row_is_wider_than_the_terminal(stillthere, here, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    out = stillthere("list", "pack:", "-k", "freeze or tele").out
    assert "telephone_barge_in" in out and max(map(len, out.splitlines())) <= columns


def test_it_selects_as_run_does_and_says_what_is_wrong(stillthere, here):
    assert "A door. It slams." in stillthere("list", "tag:noise").out
    assert "reported_freeze" not in stillthere("list", "clients").out
    (here / "scenarios" / "bad.yaml").write_text("scenario: bad\ntimeline:\n  - {at: 1, say: babble}\n")
    wrong = stillthere("list", "scenarios")
    assert wrong.code == 2 and wrong.err.startswith("scenarios/bad.yaml:3:10: ") and "A door" in wrong.out

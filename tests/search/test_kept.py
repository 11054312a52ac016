"""A campaign's folder: what is on disk at each moment, and what a later campaign takes up."""

import errno
import os
import stat
from dataclasses import replace

import pytest

from harness import __version__
from harness.errors import InputError
from harness.search.campaign import FailedSeed, SeedResult
from harness.search.kept import PROGRESS_FILE, CampaignFolder, CampaignPlan, plan_of
from harness.search.reached import Reached

PLAN = CampaignPlan(2, "reported", (0, 9), {"words_lost": "off"}, source="abc")
ELSEWHERE = replace(PLAN, seeds=(9, 20))
WHOLE = replace(PLAN, seeds=(0, 20))
RESULTS = [
    SeedResult(4, "failed", 5, FailedSeed(4, "one_answer", "vad_deaf", 'a “reason”\nof {"campaign":2 lines', "two")),
    SeedResult(0, "held", 7, recovery_us=3, reached=(Reached("fault", ("mute", "idle", "class")),)),
    SeedResult(2, "late", failure=FailedSeed(2, "crashed", None, "it did not return")),
]
FURTHER = [SeedResult(9, "held"), SeedResult(12, "held", warned=(FailedSeed(12, "words_lost", None, "two"),))]


@pytest.fixture
def broken_off(tmp_path):
    """The folder of a campaign that was killed after three seeds."""
    with CampaignFolder(tmp_path / "kept", PLAN, resume=False) as folder:
        for result in RESULTS:
            folder.add(result)
    return tmp_path / "kept"


def resumed(folder, plan=PLAN):
    with CampaignFolder(folder, plan, resume=True) as found:
        return found.results


def test_what_was_added_is_there_again(broken_off):
    assert resumed(broken_off) == RESULTS


@pytest.mark.parametrize("torn", [b'{"seed":5,"outc', b"\xff", b"{"])
def test_a_torn_last_line_is_left_out(broken_off, torn):
    with (broken_off / PROGRESS_FILE).open("ab") as file:
        file.write(torn)
    with CampaignFolder(broken_off, PLAN, resume=True) as folder:
        assert folder.results == RESULTS
        folder.add(SeedResult(5, "held"))
    assert resumed(broken_off) == [*RESULTS, SeedResult(5, "held")]


def test_at_every_length_that_a_kill_may_leave_the_whole_lines_are_found(broken_off):
    path = broken_off / PROGRESS_FILE
    whole = path.read_bytes()
    for length in range(0, len(whole) + 1, 7):
        path.write_bytes(whole[:length])
        lines = whole[:length].count(b"\n")
        assert resumed(broken_off) == RESULTS[: max(0, lines - 1)]


def test_a_line_that_is_damaged_is_one_sentence(broken_off):
    path = broken_off / PROGRESS_FILE
    path.write_bytes(path.read_bytes().replace(b'"seed":0', b'"seed":"0"'))
    with pytest.raises(InputError, match=rf"{PROGRESS_FILE}:3 is no result of a seed: .*; give --out another folder"):
        resumed(broken_off)


@pytest.mark.parametrize("head", [b"", b"[]", b"{}", b"\xff\xfe"])
def test_another_file_of_that_name_is_one_sentence(tmp_path, head):
    (tmp_path / PROGRESS_FILE).write_bytes(head + b"\n")
    with pytest.raises(InputError, match="1 is not the head of a campaign"):
        resumed(tmp_path)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (replace(PLAN, client="resilient"), "the client is reported there and resilient here"),
        (replace(PLAN, choices={}), "--property are words_lost=off there and none here"),
        (replace(PLAN, slow_s=20.0), "--slow is none there and 20.0 here"),
        (replace(PLAN, base="abc"), "the scenario is none there and abc here"),
        (replace(PLAN, version="0.2"), f"version of stillthere is {__version__} there and 0.2"),
        (replace(PLAN, source="abd"), "a file of the client reported has changed since"),
    ],
)
def test_results_of_another_plan_are_not_taken_up(broken_off, plan, words):
    with pytest.raises(InputError) as raised:
        resumed(broken_off, plan)
    assert words in str(raised.value) and "\n" not in str(raised.value)


def test_a_campaign_that_was_broken_off_is_not_overwritten(broken_off):
    before = (broken_off / PROGRESS_FILE).read_bytes()
    with pytest.raises(InputError, match="broken off after 3 seeds; go on with --resume"):
        CampaignFolder(broken_off, PLAN, resume=False)
    assert (broken_off / PROGRESS_FILE).read_bytes() == before


def test_one_that_came_to_its_end_gives_way_to_a_new_one_and_may_be_gone_on_with(broken_off):
    with CampaignFolder(broken_off, PLAN, resume=True) as folder:
        folder.end()
    assert resumed(broken_off) == RESULTS
    with CampaignFolder(broken_off, PLAN, resume=False) as folder:
        assert folder.results == []
    assert resumed(broken_off) == []


def test_to_go_on_where_nothing_is_begins_anew(tmp_path):
    assert resumed(tmp_path / "a" / "b") == []


def test_two_campaigns_in_one_folder_are_one_sentence(broken_off):
    pytest.importorskip("fcntl")
    with (
        CampaignFolder(broken_off, PLAN, resume=True),
        pytest.raises(InputError, match="another campaign is writing to"),
    ):
        CampaignFolder(broken_off, PLAN, resume=True)


@pytest.mark.skipif(os.name == "nt", reason="has no modes")
def test_folder_and_files_are_for_their_owner_only(broken_off):
    assert stat.S_IMODE(broken_off.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in broken_off.iterdir()} == {0o600}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no FIFOs")
def test_a_fifo_in_the_place_of_the_file_blocks_nothing(tmp_path):
    os.mkfifo(tmp_path / PROGRESS_FILE)
    with pytest.raises(InputError, match="is no regular file"):
        CampaignFolder(tmp_path, PLAN, resume=False)


def test_a_full_disk_is_one_sentence_and_what_was_kept_stays(broken_off, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with CampaignFolder(broken_off, PLAN, resume=True) as folder:
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(InputError, match=f"{PROGRESS_FILE} cannot be written: No space left"):
            folder.add(SeedResult(5, "held"))
        monkeypatch.undo()
    assert resumed(broken_off) == RESULTS


def test_the_source_of_a_users_own_client_is_part_of_the_plan(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "kept_own.py").write_text("class Mine: pass")
    __import__("kept_own")
    before = plan_of("kept_own:Mine", range(3), {})
    (tmp_path / "kept_own.py").write_text("class Mine: mended = True")
    after = plan_of("kept_own:Mine", range(3), {})
    assert before.source and after.source and before != after
    assert plan_of("reported", range(3), {}).source is None


# --- several files that are joined -----------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(tmp_path):
    """The file of another machine, which played other seeds."""
    with CampaignFolder(tmp_path / "elsewhere", ELSEWHERE, resume=False) as folder:
        for result in FURTHER:
            folder.add(result)
        folder.end()
    return (tmp_path / "elsewhere" / PROGRESS_FILE).read_bytes()


def by_seed(results):
    return sorted(results, key=lambda result: result.seed)


@pytest.mark.parametrize("other_first", [True, False])
def test_files_of_two_machines_are_joined_by_cat(broken_off, elsewhere, other_first):
    path = broken_off / PROGRESS_FILE
    here = path.read_bytes()
    path.write_bytes(elsewhere + here + elsewhere if other_first else here + elsewhere + here)
    assert by_seed(resumed(broken_off, WHOLE)) == by_seed([*RESULTS, *FURTHER])


def test_only_the_seeds_that_are_asked_for_are_counted(broken_off, elsewhere):
    path = broken_off / PROGRESS_FILE
    path.write_bytes(path.read_bytes() + elsewhere)
    assert resumed(broken_off, ELSEWHERE) == FURTHER
    assert resumed(broken_off) == RESULTS


def test_wherever_the_first_file_is_torn_the_whole_lines_of_both_are_found(broken_off, elsewhere):
    path = broken_off / PROGRESS_FILE
    whole = path.read_bytes()
    head = whole.index(b"\n") + 1
    for length in range(head, len(whole) + 1, 5):
        path.write_bytes(whole[:length] + elsewhere)
        complete = whole[:length].count(b"\n") - 1
        assert by_seed(resumed(broken_off, WHOLE)) == by_seed([*RESULTS[:complete], *FURTHER])


def test_a_file_of_another_campaign_among_them_is_one_sentence(broken_off, elsewhere):
    path = broken_off / PROGRESS_FILE
    path.write_bytes(path.read_bytes() + elsewhere.replace(b'"words_lost":"off"', b'"words_lost":"fail"'))
    with pytest.raises(InputError, match="--property are words_lost=fail there and words_lost=off here"):
        resumed(broken_off, WHOLE)

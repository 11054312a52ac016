"""The trace: its form by the rules of Chrome's trace events, and nothing of the journal is lost in it."""

import json
from pathlib import Path

import pytest

from harness.journal import AudioLevels, FaultInjected, Journal, RunEnded, read
from harness.picture.lanes import lanes
from harness.report.perfetto import trace
from harness.scenario import load
from harness.units import SECOND
from harness.world.play import play
from tests.report.testing import add, deaf, journal

SAMPLE = (
    "reported_freeze", "half_open_socket", "telephone_barge_in", "crowded_room", "greeting_heard_by_its_own_microphone",
    "every_response_fails", "black_holed_redial", "capture_fails_to_reopen",
)  # fmt: skip
OLD = sorted((Path(__file__).parents[1] / "journal" / "formats").rglob("*.jsonl"))


def events(of):
    return json.loads(trace(of, title="a title"))["traceEvents"]


def wrong(found):
    """What breaks the rules of the Trace Event Format, in words; written from its document, not from the code."""
    problems = []
    names, last = {}, 0
    open_slices: dict[tuple[int, int], list[int]] = {}
    for event in found:
        kind, ts = event.get("ph"), event.get("ts")
        if not isinstance(ts, int) or ts < 0 or not isinstance(event.get("pid"), int):
            problems.append(f"no time or process: {event}")
        if kind == "M":
            if event["name"] not in ("process_name", "thread_name", "thread_sort_index"):
                problems.append(f"unknown metadata: {event}")
            if (event["pid"], event["tid"], event["name"]) in names:
                problems.append(f"named twice: {event}")
            names[event["pid"], event["tid"], event["name"]] = event["args"]
            continue
        if ts < last:
            problems.append(f"not in the order of time: {event}")
        last = ts
        if not event.get("name"):
            problems.append(f"no name: {event}")
        if kind == "C":
            if not event["args"] or not all(isinstance(each, int | float) for each in event["args"].values()):
                problems.append(f"a counter counts numbers: {event}")
            continue
        thread = event["pid"], event["tid"]
        if (*thread, "thread_name") not in names:
            problems.append(f"a thread without a name: {event}")
        if kind == "X":
            end, stack = ts + event["dur"], open_slices.setdefault(thread, [])
            while stack and stack[-1] <= ts:
                stack.pop()
            if event["dur"] < 0 or (stack and end > stack[-1]):
                problems.append(f"not nested: {event}")
            stack.append(end)
        elif kind == "i":
            if event.get("s") not in ("t", "p", "g"):
                problems.append(f"an instant without a scope: {event}")
        else:
            problems.append(f"unknown phase: {event}")
    return problems


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLE)
def test_a_run_of_the_pack_has_the_form_and_loses_nothing(name):
    run = play(load(name), "reported", detector="energy")
    found = events(run.journal)
    assert wrong(found) == []
    instants = [{"t": each["ts"], **each["args"]} for each in found if each["ph"] == "i" and "args" in each]
    kept = [
        entry.document()
        for entry in run.journal.entries
        if not isinstance(entry, AudioLevels) and entry.lane != "media"
    ]
    assert sorted(map(str, instants)) == sorted(map(str, kept))
    slices = sum(len(lane.spans) for lane in lanes(run.journal).lanes)
    assert len([each for each in found if each["ph"] == "X"]) == slices


def test_the_same_run_gives_the_same_bytes():
    one, two = (trace(play(load("half_open_socket"), "reported", detector="energy").journal, title="x") for _ in "ab")
    assert one == two


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.name)
def test_a_journal_of_an_earlier_format_has_a_trace(path):
    assert wrong(events(read(path))) == []


def test_lanes_are_threads_in_their_order():
    found = events(deaf())
    named = {each["tid"]: each["args"] for each in found if each["name"] == "thread_name"}
    order = {each["tid"]: each["args"]["sort_index"] for each in found if each["name"] == "thread_sort_index"}
    shown = [named[tid]["name"] for tid in sorted(order, key=order.__getitem__)]
    filled = [lane.name for lane in lanes(deaf()).lanes if lane.spans]
    assert shown[: len(filled) + 1] == [*filled, "events"]
    assert all(name.startswith("journal: ") for name in shown[len(filled) + 1 :])


def test_spans_that_overlap_are_on_threads_of_their_own():
    of = journal()
    for at_s, length_s in ((1, 5), (3, 5), (6, 1), (9, 1)):
        add(of, at_s, FaultInjected, kind="app", length_us=length_s * SECOND)
    add(of, 20, RunEnded)
    found = events(of)
    assert wrong(found) == []
    names = {each["tid"]: each["args"]["name"] for each in found if each["name"] == "thread_name"}
    rows = {}
    for each in found:
        if each["ph"] == "X" and names[each["tid"]].startswith("faults"):
            rows.setdefault(names[each["tid"]], []).append(each["ts"] // SECOND)
    assert rows == {"faults": [1, 6, 9], "faults (2)": [3]}


def test_levels_are_counters_that_fall_where_audio_stops():
    found = [each for each in events(deaf()) if each["ph"] == "C" and each["name"] == "microphone dBFS"]
    assert found[0]["args"] == {"dBFS": -60.8}  # 20 log10(30 / 32768)
    assert (found[-1]["ts"], found[-1]["args"]) == (40 * SECOND, {"dBFS": -130.0})
    assert len(found) == 81  # two each second of 40 s, and the end


def test_an_empty_journal_and_a_fault_that_is_not_known_here():
    assert wrong(events(Journal({}))) == []
    of = journal()
    add(of, 1, FaultInjected, kind="of_their_own", length_us=SECOND)
    add(of, 3, RunEnded)
    (slice_,) = [each for each in events(of) if each["ph"] == "X" and "of_their_own" in each["name"]]
    assert (slice_["ts"], slice_["dur"]) == (SECOND, SECOND)


def test_the_rules_notice_what_is_wrong():
    good = events(deaf())
    for change in ({"ts": -1}, {"ph": "Z"}, {"ts": 10**12}, {"tid": 99}, {"name": ""}):
        bad = [dict(each) for each in good]
        spoilt = next(each for each in bad if each["ph"] == "X")
        spoilt |= change
        assert wrong(bad), change

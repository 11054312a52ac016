"""docs/journal.md: each lane and kind of a journal, its fields with their units, who writes it, and a line of it.

``python -m harness.report.journal_page`` prints it. The examples are entries, so mypy holds them to the classes.
"""

import ast
import inspect
import itertools
import textwrap
from collections.abc import Iterator

import msgspec

from ..journal import FORMAT, Entry, entries
from ..journal.entries import CLOSED, OPEN
from .tables import table

EXAMPLES: tuple[Entry, ...] = (
    entries.UserSpeaks(t=2_000_000, length_us=3_105_000, rms=2113.4, probe=False),
    entries.RoomNoise(t=9_000_000, kind="typing", length_us=2_000_000),
    entries.StepPlayed(t=2_000_000, step="step 1 (say)", label="asked", length_us=3_105_000),
    entries.StepMissing(t=64_000_000, step="step 4 (noise)", line=17),
    entries.PremiseMissing(t=9_000_000, step="step 2 (noise)", assumed="assistant is speaking", line=9),
    entries.FaultWithoutConnection(t=64_000_000, step="step 3 (fault)", line=12, struck_us=30_000_000),
    entries.WorldHealed(t=64_000_000),
    entries.RunEnded(t=124_000_000),
    entries.FaultInjected(t=30_000_000, kind="near-silent", length_us=None, parameters={"peak": "41 LSB"}),
    entries.MicrophoneAudio(t=2_000_000, chunks=25, samples=12_000, rms=803.117, peak=6_142, zeros=0),
    entries.UplinkAudio(t=2_000_000, chunks=25, samples=12_000, rms=803.117, peak=6_142, zeros=0, connection=1),
    entries.ConnectionDialled(t=0, connection=1),
    entries.ConnectionOpened(t=60_000, connection=1),
    entries.ConnectionDialFailed(t=5_000_000, connection=2),
    entries.UplinkFull(t=16_300_000, connection=1),
    entries.UplinkDrained(t=24_100_000, connection=1),
    entries.ConnectionClosed(t=40_000_000, connection=1, code=1006),
    entries.ConnectionFaultEnded(t=12_000_000, connection=1, fault="mute"),
    entries.CallStateChanged(t=16_300_000, connection=1, state="disconnected"),
    entries.MediaPackets(
        t=9_000_000,
        connection=1,
        up_sent=50,
        up_lost=11,
        up_made_up=2,
        down_sent=50,
        down_lost=8,
        down_made_up=1,
    ),
    entries.EventHeldBack(t=8_000_000, connection=1, number=31, event="response.done", response_id="resp_001"),
    entries.EventDelivered(t=10_000_000, connection=1, number=31, event="response.done", late_ms=2_000, damaged=False),
    entries.AudioDelivered(
        t=7_900_000,
        connection=1,
        response_id="resp_001",
        item_id="item_002",
        sent_ms=2_400,
        delivered_ms=2_400,
        audible_ms=2_100,
    ),
    entries.UplinkHeldBack(t=9_000_000, connection=1, size_bytes=130_400, audio_ms=2_040, late_ms=0),
    entries.StillOpen(t=31_000_000, connection=1),
    entries.HandsMoved(t=1_900_000, connection=1, pressed=True),
    entries.AudioArrived(t=2_021_000, connection=1, arrived_ms=1_960, captured_ms=1_980),
    entries.CommitIgnored(t=7_000_000, connection=1, buffered_ms=3_200),
    entries.CreateIgnored(t=7_000_000, connection=1),
    entries.MadeToWait(t=9_400_000, connection=1, calls=["call_001"]),
    entries.SettingIgnored(t=310_000, connection=1, setting="output_format"),
    entries.SessionWedged(t=32_000_000, connection=1, item_id="item_004"),
    entries.TurnClosed(t=32_000_000, connection=1, item_id="item_004", by="clear"),
    entries.TurnTaken(t=5_800_000, connection=1, item_id="item_001", from_ms=1_716, to_ms=5_504, speech_ms=2_944),
    entries.OnsetNotSent(t=41_000_000, connection=1, audio_start_ms=40_832),
    entries.TurnUnanswered(t=18_000_000, connection=1, item_id="item_005", active="resp_002"),
    entries.ResponseForItem(t=5_900_000, connection=1, response_id="resp_001", item_id="item_001"),
    entries.ResponseAudio(
        t=7_400_000, connection=1, response_id="resp_001", item_id="item_002", audio_ms=3_000, audible_ms=1_730
    ),
    entries.ShadowSpeechStarted(t=2_400_000, connection=1, audio_start_ms=2_016),
    entries.ShadowSpeechStopped(t=5_800_000, connection=1, audio_end_ms=5_504),
    entries.EventByServer(
        t=2_400_000,
        kind="input_audio_buffer.speech_started",
        connection=1,
        fields={"audio_start_ms": 2_016, "item_id": "item_001"},
    ),
    entries.EventAtClient(
        t=6_500_000, kind="response.done", connection=1, fields={"response_id": "resp_001", "status": "completed"}
    ),
    entries.ClientPong(t=5_100_000, connection=1),
    entries.ClientUnreadable(t=5_200_000, connection=1),
    entries.ClientDisconnects(t=90_000_000, code=1000),
    entries.ClientReopensCapture(t=36_000_000),
    entries.AudioNodeCollected(t=40_040_000, node="MediaStreamAudioSource"),
    entries.ClientTellsUser(t=80_000_000, text="The microphone delivers no sound."),
    entries.ClientLog(t=36_000_000, kind="remedy", fields={"symptom": "capture_silent", "remedy": "reopen_capture"}),
    entries.AppEnded(t=52_000_000, error="ConnectionClosedError: no close frame", place="app.py:31"),
    entries.AppFenced(t=12_000_000, what="the event loop was blocked by time.sleep(2)"),
    entries.WorldLate(t=96_450_000, worst_us=4_100, at_us=31_240_000),
    entries.StepsBegin(t=1_400_000, steady=True),
    entries.PageContext(t=12_000_000, context=1, state="suspended"),
    entries.PageNodeCreated(t=0, context=1, node="MediaStreamAudioSource"),
    entries.PageTrack(t=12_500_000, event="mute", label="Microphone"),
    entries.PageLifecycle(t=12_000_000, event="hidden"),
    entries.PageConsole(t=12_100_000, level="uncaught", text="InvalidStateError: Cannot resume an interrupted context"),
    entries.PageSocketBuffer(t=14_000_000, size_bytes=262_144),
    entries.PageNote(t=12_020_000, name="gate", values={"before": 812, "behind": 0}),
    entries.PageActed(t=12_000_000, what="another tab is in front"),
    entries.SpeakerPlaying(t=6_000_000, response_id="resp_001", item_id="item_002"),
    entries.SpeakerHeard(t=6_300_000, response_id="resp_001"),
    entries.SpeakerEnded(
        t=8_400_000, response_id="resp_001", item_id="item_002", played_ms=2_400, audible_ms=1_420, gain_db=-18.0
    ),
    entries.SpeakerStopped(
        t=7_100_000, response_id="resp_001", item_id="item_002", played_ms=1_100, audible_ms=120, garbled_ms=640
    ),
    entries.SpeakerSuspended(t=30_000_000),
    entries.SpeakerResumed(t=33_000_000),
    entries.EntriesMissing(t=41_200_000, entries=1_240, until_us=96_450_000),
)
"""One entry of each class."""

_HEAD = f"""# The journal

A journal is a file of JSON lines. The first line is the header; each other line is one thing that happened:
`t` (microseconds since the start), `lane` (who), `kind` (what) and the fields of its kind. The bytes depend only on the
scenario, the client and the seed, so the SHA-256 of a journal identifies a run.

In Python, `stillthere.read_journal(path)` reads a journal, `journal.select(CLASS, …)` gives the entries of a class, and
the classes are in `stillthere.journal`. `stillthere diagnose FILE` finds the cause of a silence in a journal.

The format has the number **{FORMAT}**, in the header as `stillthere`. New lanes, kinds and fields do not change it: a
reader keeps unknown entries as they are. The number increases when a field, kind or lane is renamed or removed, or
changes its meaning or unit; journals of all earlier formats can still be read.

| header | meaning |
|---|---|
| `stillthere` | the format |
| `version` | the version of stillthere |
| `stage` | `virtual`; `real time` for a program on the wall clock; or `live` for the sessions of one client of \
`stillthere serve` |
| `command`, `device`, `speaker`, `tls` | how a program was started, and its devices; only in real time |
| `page` | the page that a browser has opened; only of a page |
| `scenario`, `client`, `settings`, `seed` | what was played; absent in a live session |
| `detector` | the server's speech detector |
| `chunk_ms` | the length of the chunks that the client asked for; absent in a live session |
| `recover_within_us` | the time that the client has after the heal, in microseconds; absent in a live session |
| `answer_within_us` | the time in which each later utterance after the heal must be answered, in microseconds; \
absent in a live session and in journals of format 1 |
| `model` | the model; only in a live session |

All entries of a live session but those of the lane `journal` have `connection` as their first field. Under "any kind",
the kind is a name that a scenario, the protocol or the client chooses.

A line is written whole or not at all. If its writer is killed or the power fails, the last line can be torn: it is left
out when the journal is read, and `diagnose` says so. A broken line before the last is an error. If entries are missing
elsewhere, an entry `missing` of the lane `journal` stands in their place. A journal is readable by its owner only.

In a live journal the clients' keys are hidden: `[key]` stands for a key, in texts that came from the client or repeat
it. Lanes, kinds, numbers, words of the protocol and ids that the server made stay, whatever the key is.
"""


def page() -> str:
    """The page, as Markdown."""
    parts = [_HEAD]
    examples = {type(example): example for example in EXAMPLES}
    in_order = sorted((*CLOSED, *OPEN), key=lambda each: _LANES.index(each.lane))
    for lane, classes in itertools.groupby(in_order, key=lambda each: each.lane):
        parts.append(f"\n## `{lane}`\n")
        for each in classes:
            parts += _section(each, examples[each])
    return "\n".join(parts)


_LANES = (
    "user",
    "room",
    "world",
    "fault",
    "microphone",
    "uplink",
    "connection",
    "media",
    "delivery",
    "server",
    "shadow",
    "client",
    "page",
    "speaker",
    "journal",
)


def _section(entry_class: type[Entry], example: Entry) -> Iterator[str]:
    kind = "any kind" if entry_class in OPEN else f"`{example.kind}`"
    yield f"### {kind} — `{entry_class.__name__}`\n"
    yield f"{_plain(inspect.getdoc(entry_class) or '')}\n"
    yield f"Written by {entry_class.written_by}.\n"
    rows = list(_fields(entry_class))
    if rows:
        yield table(("field", "type", "meaning"), [(f"`{name}`", words, _plain(text)) for name, words, text in rows])
        yield ""
    line = msgspec.json.encode(example.document()).decode()
    yield f"```json\n{line}\n```\n"


def _fields(entry_class: type[Entry]) -> Iterator[tuple[str, str, str]]:
    """Name, type and meaning of each field but those that every entry has."""
    described: dict[str, tuple[str, str]] = {}
    for base in reversed(entry_class.__mro__):
        if issubclass(base, Entry):
            described.update(_described(base))
    for name in entry_class.__struct_fields__:
        if name not in ("t", "kind"):
            yield name, *described[name]


def _described(entry_class: type[Entry]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each field of a class with its type and the text that stands below it in the source."""
    [definition] = ast.parse(textwrap.dedent(inspect.getsource(entry_class))).body
    assert isinstance(definition, ast.ClassDef)
    for field, below in itertools.pairwise([*definition.body, ast.Pass()]):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            meaning = ast.literal_eval(below.value) if isinstance(below, ast.Expr) else ""
            yield field.target.id, (_type(ast.unparse(field.annotation)), meaning)


_TYPES = {
    "int": "integer",
    "list[str]": "list of text",
    "float": "number",
    "str": "text",
    "bool": "true or false",
    "None": "null",
    "UnsetType": "absent",
}


def _type(annotation: str) -> str:
    """``integer or null``."""
    return " or ".join(_TYPES.get(part, "object") for part in annotation.split(" | "))


def _plain(text: str) -> str:
    """The text on one line, with Markdown's backticks for those of a docstring."""
    return " ".join(text.replace("``", "`").split())


if __name__ == "__main__":
    print(page().rstrip())

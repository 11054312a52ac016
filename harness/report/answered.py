"""The page ``docs/answered.md``: what counts as an answer, and a run with the turn and the answer of each utterance.

``python -m harness.report.answered > docs/answered.md`` makes it, and so does ``make pages``.
"""

import io

from rich.console import Console

from ..picture.words import seconds
from ..scenario import loads
from ..verdict.judge import judge
from ..verdict.record import RunRecord
from ..world.play import Run, play
from .tables import table
from .terminal import picture

_WIDTH = 100
_CLIENT = "resilient"
_SCENARIO = """\
scenario: What counts as an answer
server:
  replies:
    - {turn: 2, calls: [{name: get_weather, arguments: {city: Oslo}}]}
timeline:
  - {at: 2s, say: speech_en_f_arctic_a0009}
  - {at: 12s, say: speech_en_m_arctic_a0007}
  - {at: 22s, server: mute, lasts: 8s}
  - {at: 23s, say: speech_en_f_arctic_a0009}
"""
_TEXT = """\
# What counts as an answer

The whole verdict rests on one question: which of the things that the user said were answered? There is one definition.
The simulated user, who decides what to say next, and the judges share it (`harness/world/answers.py`), for every way of
taking turns.

```text
 the user speaks        a turn carries it          a response is begun for it         the user hears it
┌───────────┐        ┌────────────────────┐        ┌──────────────────────────┐        ┌─────────────────────────┐
│ utterance │ ─────→ │ turn detection, or │ ─────→ │ by the server, by the    │ ─────→ │ 200 ms above -50 dBFS   │
│ in the    │        │ the client commits,│        │ client, or at the end of │        │ of what the server said │
│ room      │        │ or writes text     │        │ a chain of tool calls    │        │                         │
└───────────┘        └────────────────────┘        └──────────────────────────┘        └─────────────────────────┘
```

**An utterance** is what the user said in the room.

**Its turn** is whatever carried it to the model:

* a turn that turn detection took (server VAD or semantic VAD), or that the client committed (`turn_detection: null`,
  push-to-talk, turn detection in the client). It carries an utterance if the audio in it was captured while the user
  spoke: the two have at least half of the shorter one in common. When audio was captured is recognised from the audio,
  so audio that is late, or that is sent again in a new session, still counts for the utterance that it is.
* text that the client wrote. It stands for what the user said last. Items that a client creates in the first 2 s of a
  later session are its history: they stand for an utterance only if the client had been told of that one before.

The prompt of an idle timeout is no turn of the user, and neither is noise.

**A response is for that turn** if it was begun for it: by the server, by the client's `response.create`, or at the end
of a chain of tool calls. A chain goes from a response that calls a tool to the output of the call and to the response
that is asked for after it, also for parallel calls and for responses outside of the conversation. All responses of a
chain are one answer.

**It was heard** if 200 ms of it were played above -50 dBFS. An answer in which less than that is audible counts if all
of it was played. What the client plays is compared with what the server sent, the last ten minutes of it. Silence is
no answer: the cause is `reply_inaudible` if the server sent none, `output_muted` if it did. Noise is none either: a
wrong format, rate or byte order is `reply_garbled`.

An answer to an older utterance, to nobody or to an idle prompt does not count.

**In a transcription session** (`server: {session: transcription}`) nobody answers. There an utterance is answered when
the transcript of its turn, `conversation.item.input_audio_transcription.completed`, has reached the client, whatever
words are in it: the harness knows the words of its own recordings and of the script, not of others.

## The conversation after the heal

When the faults are over, the user holds a conversation of three utterances. Each is the last one of the scenario, and
of one longer than 5 s its loudest 3 s: to repeat a long recording would take up the time to recover.

| utterance | said | must be answered |
|---|---|---|
| the first | again and again, 6 s after each try | within `recover within`, from the heal: 60 s by default |
| the second and the third | once, after 6 s in which both are silent | within `answer within`, from its end; \
by default four times the time that an answer takes if nothing is wrong, at least 12 s |

The first bound gives a client time for its recovery. The later ones show that it lasts: a client that works only for a
moment after each new session cannot answer them. Each wait stands in the picture, in the sentence below it, and in the
JSON as `waits`: `since_s` is what the bound counts from, `waited_s` is null if no answer was heard. The properties that
follow from it are `never_silent_forever` and `keeps_answering`; [properties.md](properties.md) has them all.

## A run

"""


def page() -> str:
    """The page, with a newline at its end."""
    scenario = loads(_SCENARIO)
    run = play(scenario, _CLIENT)
    story = (
        "The second answer is a tool call. Then the server goes mute, and the client opens a new session.\n\n"
        f"```yaml\n{_SCENARIO}```"
    )
    drawn = f"```text\n{_drawing(run)}```"
    head = ("said at", "turn", "session", "responses", "heard at")
    explained = "Each utterance, the turns that carried it, the responses of its answer, and when it had been heard:"
    return _TEXT + "\n\n".join([story, drawn, explained, table(head, _rows(run))]) + "\n"


def _drawing(run: Run) -> str:
    console = Console(file=io.StringIO(), width=_WIDTH, no_color=True, force_terminal=False, legacy_windows=False)
    with console.capture() as drawn:
        console.print(picture(run, judge(run.journal, run.scenario), width=_WIDTH))
    return "\n".join(line.rstrip() for line in drawn.get().rstrip().splitlines()) + "\n"


def _rows(run: Run) -> list[tuple[str, ...]]:
    answers = RunRecord(run.journal).answers
    rows: list[tuple[str, ...]] = []
    for utterance in answers.utterances:
        turns = answers.carried(utterance)
        answer = answers.to(utterance)
        rows.append(
            (
                seconds(utterance.t),
                ", ".join(f"`{turn.item_id}`" for turn in turns) or "none",
                ", ".join(str(turn.connection) for turn in turns) or "none",
                " → ".join(f"`{each}`" for each in answer.chain) if answer else "none",
                seconds(answer.at_us) if answer else "never",
            )
        )
    return rows


if __name__ == "__main__":
    print(page(), end="")

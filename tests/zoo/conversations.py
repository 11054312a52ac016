"""The conversations that show the mistakes: two to four utterances, and perhaps a fault, a tool call or a barge-in."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from harness.scenario.build import app_switch, emit, inject, noise
from harness.scenario.model import Action, At, Call, Reply, ReplyRule, Say, Scenario, ServerSetup, Step, When
from harness.units import MS, SECOND

from .specimen import SeededScenario

CLIPS = ("speech_en_f_arctic_a0009", "speech_en_m_arctic_a0007")
REPLY = Reply(clip="speech_en_f_tts_hibari", lasts_us=3 * SECOND, latency_us=500 * MS, pace=2.0)
LONG_REPLY = replace(REPLY, lasts_us=None, pace=4.0)
WEATHER = Call("get_weather", '{"city": "Oslo"}')
FIRST_US = 2 * SECOND
EVERY_US = 10 * SECOND


def fault(at_s: float, name: str, lasts_s: float | None = None, **parameters: Any) -> Step:
    """A fault at a time."""
    lasts = None if lasts_s is None else round(lasts_s * SECOND)
    return Step(At(round(at_s * SECOND)), inject(name, lasts=lasts, **parameters))


def action(at_s: float, do: Action) -> Step:
    """Anything else at a time."""
    return Step(At(round(at_s * SECOND)), do)


def background(at_s: float, lasts_s: float, **parts: Any) -> Step:
    """The user switches to another app and comes back."""
    return action(at_s, app_switch(lasts=round(lasts_s * SECOND), **parts))


def loud_typing(at_s: float, lasts_s: float) -> Step:
    """Somebody types beside the microphone."""
    return action(at_s, noise("keyboard", lasts=round(lasts_s * SECOND), level=-20.0))


def hum(at_s: float, lasts_s: float) -> Step:
    """A machine hums beside the microphone."""
    return action(at_s, noise("hum", lasts=round(lasts_s * SECOND), level=-18.0))


def server_error(at_s: float) -> Step:
    """The server reports an error that needs no reaction."""
    error = {"type": "server_error", "code": None, "message": "The server had an error.", "param": None}
    return action(at_s, emit({"type": "error", "error": error}))


def talk(
    name: str,
    *steps: Step,
    turns: int = 3,
    every_us: int = EVERY_US,
    ends_s: float = 8,
    reply: Reply = REPLY,
    replies: tuple[ReplyRule, ...] = (),
    detector: str = "energy",
    detection: Mapping[str, Any] | None = None,
) -> SeededScenario:
    """A conversation of so many utterances. A seed moves each step by up to 0.3 s, and changes levels."""

    def of_seed(seed: int) -> Scenario:
        rng = np.random.default_rng(seed)

        def moved(step: Step) -> Step:
            if not isinstance(step.trigger, At):
                return step
            return replace(step, trigger=At(step.trigger.at_us + int(rng.integers(0, 300)) * MS))

        spoken = [
            Step(At(FIRST_US + turn * every_us), Say(CLIPS[turn % 2], level_dbfs=float(rng.integers(-24, -17))))
            for turn in range(turns)
        ]
        server = ServerSetup(detector=detector, turn_detection=dict(detection or {}), reply=reply, replies=replies)
        ends = FIRST_US + (turns - 1) * every_us + round(ends_s * SECOND)
        return Scenario(name, tuple(map(moved, [*spoken, *steps])), server=server, lasts_us=ends)

    return of_seed


def speaks_over(response: int, by_us: int = 1_500 * MS, lasts_us: int = 1_500 * MS) -> Step:
    """The user speaks while an answer is played."""
    return Step(When("response.created", response, by_us), Say(CLIPS[1], level_dbfs=-19.0, lasts_us=lasts_us))


PLAIN = talk("A plain conversation")
REAL_EAR = talk("A plain conversation, with the detector that knows voices", turns=2, detector="silero")
TWO_TURNS = talk("Two utterances", turns=2)
BARGE_IN = talk(
    "The user speaks over the second answer",
    speaks_over(2, 3 * SECOND),
    turns=2,
    every_us=14 * SECOND,
    ends_s=16,
    reply=LONG_REPLY,
)
TALKED_OVER = talk(
    "The user speaks long over the second answer",
    speaks_over(2, 2 * SECOND, 3_500 * MS),
    turns=2,
    every_us=14 * SECOND,
    ends_s=16,
    reply=replace(LONG_REPLY, lasts_us=8 * SECOND),
)
CUT_AND_TALKED_OVER = talk(
    "The connection is cut, and the user speaks long over the next answer",
    fault(14, "reset", 1),
    Step(When("response.created", 2, 2 * SECOND), Say(CLIPS[1], level_dbfs=-19.0, lasts_us=3_500 * MS)),
    turns=2,
    every_us=16 * SECOND,
    ends_s=18,
    reply=replace(LONG_REPLY, lasts_us=8 * SECOND),
)
QUIET_FOR_A_WHILE = talk("The user is quiet for a while", turns=2, every_us=24 * SECOND)
CUT_IN_SPEECH = talk("The connection is cut while the user speaks", fault(13, "reset", 1.5), ends_s=10)
CUT_BETWEEN = talk("The connection is cut between two utterances", fault(10, "reset", 1))
CUT_AS_SPEECH_BEGINS = talk("The connection is cut as the user begins to speak", fault(11.6, "reset", 1), ends_s=10)
CUT_OFTEN = talk(
    "The connection is cut five times", *[fault(at, "reset", 0.5) for at in (4, 12, 22, 34, 54)], ends_s=34
)
CUT_THROUGH_SPEECH = talk("The connection is gone for a whole utterance", fault(11, "reset", 5.5), ends_s=10)
CUT_IN_RESPONSE = talk(
    "The connection is cut during a response",
    Step(When("response.created", 2, 900 * MS), inject("reset", lasts=SECOND)),
    reply=replace(REPLY, pace=1.25),
)
CUT_AT_COMMIT = talk(
    "The connection is cut where a turn was committed",
    Step(When("committed", 2, 30 * MS), inject("reset", lasts=SECOND)),
)
SHORT_OUTAGE = talk("The network is gone for 2.5 s", fault(9.5, "reset", 2.5))
CUT_TWICE = talk("The connection is cut twice", fault(10, "reset", 1), fault(20, "reset", 1))
CUT_LATE = talk("The connection is cut at the end", fault(19, "reset", 1), turns=2, ends_s=9)
CUT_BEHIND_AN_ANSWER = talk(
    "The connection is cut behind an answer, and the user is quiet for a while",
    fault(10, "reset", 1),
    every_us=15 * SECOND,
)
OUTAGE = talk("The network is gone for 12 s", fault(10, "reset", 12), ends_s=10)
LONG_OUTAGE = talk("The network is gone for 45 s", fault(10, "reset", 45), turns=2, ends_s=36)
CLOSED_NORMALLY = talk("The server closes the connection with code 1000", fault(10, "closed", code=1000))
AWAY = talk("The app goes to the background", background(9, 6, playback="suspended"))
AWAY_IN_ANSWER = talk("The app goes to the background during an answer", background(7, 5, playback="suspended"))
AWAY_TWICE = talk(
    "The app goes to the background twice",
    background(9, 2, playback="suspended"),
    background(16, 4, playback="suspended"),
)
AUDIO_LOST = talk("All audio of answers is lost", fault(9.5, "dropped-events", events="response.output_audio.delta"))
MUTED = talk("The track is muted for good", fault(9.5, "zeroed"))
STOPPED = talk("The capture stops for good", fault(9.5, "suspended"))
STOPPED_TWICE = talk("The capture stops twice", fault(9.5, "suspended"), fault(19.5, "suspended"))
TYPING = talk("Somebody types beside the microphone", loud_typing(9, 2.5))
CALL = Reply(clip="none", calls=(WEATHER,))
EVERY_TURN_A_TOOL = talk("Each question needs a tool", turns=2, replies=(ReplyRule(CALL, heard=".+"),))
ONE_TOOL = talk("The second question needs a tool", turns=2, replies=(ReplyRule(CALL, turn=2),))
ONE_TOOL_AND_TIME = talk(
    "The second question needs a tool, and nobody speaks for a while",
    turns=2,
    ends_s=52,
    replies=(ReplyRule(CALL, turn=2),),
)
TWO_TOOLS = talk(
    "The second question needs two tools",
    turns=2,
    replies=(ReplyRule(replace(CALL, calls=(WEATHER, WEATHER)), turn=2),),
)
SLOW_START = talk("Answers begin 2 s after the turn", reply=replace(REPLY, latency_us=2 * SECOND))
BARGE_IN_LATE_START = talk(
    "The user speaks over an answer that began late",
    speaks_over(2, 4 * SECOND),
    turns=2,
    every_us=14 * SECOND,
    ends_s=16,
    reply=replace(LONG_REPLY, latency_us=2 * SECOND),
)
SPEAKS_DURING_A_TOOL = talk(
    "The user says more while a tool runs",
    Step(When("response.done", 2, 1_500 * MS), Say(CLIPS[1], level_dbfs=-19.0, lasts_us=1_800 * MS)),
    turns=2,
    every_us=12 * SECOND,
    ends_s=18,
    replies=(ReplyRule(Reply(clip="none", calls=(WEATHER,)), turn=2),),
)
PREAMBLE = talk(
    "The assistant says that it looks up the weather",
    turns=2,
    replies=(ReplyRule(replace(REPLY, calls=(WEATHER,)), turn=2),),
)

FOR_THE_CORRECT: tuple[SeededScenario, ...] = (
    PLAIN, REAL_EAR, BARGE_IN, CUT_IN_SPEECH, CUT_BETWEEN, CUT_TWICE, OUTAGE, AWAY_IN_ANSWER, MUTED, STOPPED, TYPING,
    EVERY_TURN_A_TOOL, TWO_TOOLS, PREAMBLE,
)  # fmt: skip
"""Conversations in which a correct client of any design breaks no property."""

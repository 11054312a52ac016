"""A scenario that replays what a log shows: who spoke when, how the server answered, and the fault that was found.

Nothing of what was said is in it. Speech and answers are recordings of stillthere's own, as long and as loud as in the
log; the user's own audio is used only if that is asked for.
"""

import io
import wave
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..audio.formats import SAMPLE_RATE_HZ, Samples
from ..audio.resampling import resample
from ..causes import Cause
from ..errors import SettingError
from ..scenario.model import App, At, Reply, ReplyRule, Say, Scenario, ServerSetup, Step
from ..units import MS, SECOND, dbfs
from .answer import LogDiagnosis
from .conversation import SeenResponse, SeenSession
from .logged import SessionLog
from .replayed_faults import REPLAYS, CauseReplay
from .uplink import Stretch

_CLIPS = (
    ("speech_en_f_arctic_a0009", 3_095), ("speech_en_m_arctic_a0007", 4_000), ("speech_en_m_jfk1961", 11_000),
)  # fmt: skip
"""Recordings of speech and their lengths in ms, the shortest first."""
_ANSWERS = (("speech_en_f_tts_hibari", 5_450), ("speech_en_m_jfk1961", 11_000))
_SHORTEST_MS = 1_200
"""Less of a recording may be the silence before its first word."""
_USUAL_MS = 3_000
_FIRST_US = 1_500 * MS
"""Nobody speaks before a session is open."""
_BEFORE_US = 300 * MS
_ASSUMED_AFTER_US = 1_500 * MS
_LAST_US = 6 * SECOND
_MOST_UTTERANCES = 200
_DETECTION = (
    "type", "threshold", "prefix_padding_ms", "silence_duration_ms", "create_response", "interrupt_response",
    "idle_timeout_ms", "eagerness",
)  # fmt: skip
_MARGIN_MS = 150
_ROOM_DBFS = -62.0


@dataclass(frozen=True, slots=True)
class Imported:
    """A scenario made of a log."""

    scenario: Scenario
    audio: Mapping[str, bytes]
    """WAV files that belong beside it, by name: voices."""
    cause: Cause | None
    """What it replays; None: no fault."""
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Utterance:
    at_us: int
    length_ms: int
    level_dbfs: float | None
    span: Stretch | None = None


def scenario_of(
    log: SessionLog, found: LogDiagnosis, *, name: str, cause: str | None = None, keep_audio: bool = False
) -> Imported:
    """The scenario of a log and its diagnosis. ``cause`` chooses one of those that are not excluded.

    ``name`` begins the names of the audio files. Raises :exc:`SettingError` if the cause does not fit the log.
    """
    session = next((each for each in log.sessions if each.name == found.session), None)
    session = session or next((each for each in reversed(log.sessions) if each.events), None)
    if session is None:
        raise SettingError("the log has no session with events; there is nothing to replay")
    seen = SeenSession(session)
    chosen, notes = _chosen(found, cause)
    replay = REPLAYS[chosen]() if chosen is not None else CauseReplay()
    shift = -(session.opened_us if session.opened_us is not None and seen.has_times else min(seen.times, default=0))
    spoken = _spoken(seen, shift)
    if not seen.has_times:
        notes.append("the log has no times: the utterances follow each other every 8 s")
        spoken = [replace(each, at_us=2 * SECOND + 8 * SECOND * number) for number, each in enumerate(spoken)]
    if spoken and spoken[0].at_us < _FIRST_US:
        later = _FIRST_US - spoken[0].at_us
        shift += later
        spoken = [replace(each, at_us=each.at_us + later) for each in spoken]
    answers = _answered(seen, shift, spoken)
    steps, audio = _steps(seen, spoken, replay if chosen is not None else None, answers, name, keep_audio, notes)
    reply, rules = _replies(seen)
    if seen.settings.input.rate_hz != SAMPLE_RATE_HZ:
        notes.append(
            f"the session's audio is {seen.settings.input.name}; the scenario's client sends what it is set to"
        )
    server = ServerSetup(turn_detection={**_detection(seen), **replay.detection}, reply=reply, replies=rules)
    scenario = Scenario(
        name=f"A log: {chosen.replace('_', ' ') if chosen is not None else 'no silence'}",
        timeline=tuple(steps),
        story=_story(found, chosen),
        source=log.form,
        server=server,
        room_dbfs=_room(seen),
        lasts_us=_last(steps) + _LAST_US,
    )
    return Imported(scenario, audio, chosen, tuple(notes))


def _chosen(found: LogDiagnosis, cause: str | None) -> tuple[Cause | None, list[str]]:
    fits = [each.cause for each in (*found.suspects, *found.also, *found.unseen)]
    if cause is not None:
        chosen = next((each for each in fits if each == cause), None)
        if chosen is None:
            raise SettingError(f"--cause {cause} does not fit this log; choose one of {', '.join(fits) or 'none'}")
        if chosen not in REPLAYS:
            raise SettingError(f"--cause {cause} cannot be replayed by a fault; choose one of {', '.join(REPLAYS)}")
        return chosen, []
    if found.state in ("answered", "quiet"):
        return None, []
    leading = [each.cause for each in found.suspects]
    replayed = next((each for each in leading if each in REPLAYS), None)
    if replayed is None:
        why = f"no fault replays {', '.join(leading) or 'what the log shows'}: the conversation is replayed without one"
        return None, [why]
    others = [each for each in leading if each != replayed]
    note = f"the log does not tell {replayed} from {', '.join(others)}; --cause replays another" if others else ""
    return replayed, [note] if note else []


# --- what was said --------------------------------------------------------------------------------------------------


def _spoken(seen: SeenSession, shift: int) -> list[_Utterance]:
    """What the user said: from the audio, else from the turns that the server took."""
    uplink = seen.uplink
    if uplink.has_audio and uplink.speeches:
        return [
            _Utterance(
                uplink.time_of(each.begin_ms) + shift,
                each.end_ms - each.begin_ms,
                round(dbfs(uplink.loudest(each)), 1) - 3,
                each,
            )
            for each in uplink.speeches[:_MOST_UTTERANCES]
        ]
    said = []
    for turn in seen.turns[:_MOST_UTTERANCES]:
        begin, end = turn.start_ms, turn.end_ms
        length = (turn.last.t - turn.first.t) // MS
        if begin is not None and end is not None:
            length = end - begin - seen.settings.padding_ms
        length = max(_SHORTEST_MS, length) if turn.is_over else _USUAL_MS
        said.append(_Utterance(turn.first.t + shift - _BEFORE_US, length, None))
    return said


def _answered(seen: SeenSession, shift: int, spoken: list[_Utterance]) -> tuple[int, int]:
    """When the last answer with sound had arrived, and when it has been played, in the scenario's time."""
    whole = [each for each in seen.responses if each.deltas and each.done is not None and each.audible_ms != 0]
    if not whole:
        return 0, 0
    if not seen.has_times:
        at = spoken[min(len(whole), len(spoken)) - 1].at_us + 6 * SECOND if spoken else 0
        return at, at
    last = whole[-1]
    began = (last.first_audio or last.first).t
    return last.last.t + shift, max(last.last.t, began + int((last.audio_ms or 0) * MS)) + shift


def _steps(
    seen: SeenSession, spoken: list[_Utterance], replay: CauseReplay | None, answers: tuple[int, int], name: str,
    keep_audio: bool, notes: list[str],
) -> tuple[list[Step], dict[str, bytes]]:  # fmt: skip
    audio: dict[str, bytes] = {}
    answered, played = answers
    failing = [each for each in spoken if each.at_us > answered]
    if replay is not None and not failing:
        at = played + _ASSUMED_AFTER_US + (3 * SECOND if isinstance(replay.action, App) else 0)
        failing = [_Utterance(at, _USUAL_MS, None)]
        spoken = [*spoken, *failing]
        notes.append("no speech is in the log after the last answer: the scenario assumes that the user spoke again")
    steps = []
    for number, each in enumerate(spoken, 1):
        level = each.level_dbfs
        if replay is not None and replay.level_dbfs is not None and each in failing:
            level = replay.level_dbfs
        say = _say(each, level)
        if keep_audio and each.span is not None:
            file = f"{name}-{number}.wav"
            audio[file] = _wav(_samples(seen, each.span))
            say = Say(file, level if each in failing and replay is not None and replay.level_dbfs is not None else None)
        steps.append(Step(At(max(0, each.at_us)), say, label=f"said-{number}"))
    if replay is not None and replay.action is not None:
        at = max(answered + 200 * MS, failing[0].at_us - (3 * SECOND if isinstance(replay.action, App) else _BEFORE_US))
        because = "as the log shows, or leaves open"
        steps.append(Step(At(min(at, failing[0].at_us)), replay.action, label="fault", because=because))
    steps.sort(key=lambda step: step.trigger.at_us if isinstance(step.trigger, At) else 0)
    if not steps:
        steps = [Step(At(2 * SECOND), Say(_CLIPS[0][0]), label="said-1")]
        notes.append("nobody speaks in the log, as far as it shows: the scenario lets the user speak once")
    return steps, audio


def _say(each: _Utterance, level: float | None) -> Say:
    length_ms = max(_SHORTEST_MS, each.length_ms)
    clip, whole_ms = next((one for one in _CLIPS if one[1] >= length_ms), _CLIPS[-1])
    lasts_us = None if length_ms >= whole_ms else length_ms // 10 * 10 * MS
    return Say(clip, level, lasts_us)


def _samples(seen: SeenSession, span: Stretch) -> Samples:
    rate = seen.settings.input.rate_hz
    begin = max(0, span.begin_ms - _MARGIN_MS) * rate // 1000
    end = (span.end_ms + _MARGIN_MS) * rate // 1000
    piece: Samples = seen.uplink.samples[begin:end]
    return piece if rate == SAMPLE_RATE_HZ else resample(piece, rate, SAMPLE_RATE_HZ)


def _wav(samples: Samples) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE_HZ)
        out.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


def _last(steps: list[Step]) -> int:
    return max((step.trigger.at_us for step in steps if isinstance(step.trigger, At)), default=0)


# --- the server -----------------------------------------------------------------------------------------------------


def _detection(seen: SeenSession) -> dict[str, Any]:
    shown = seen.settings.detection or {}
    return {key: shown[key] for key in _DETECTION if shown.get(key) is not None}


def _replies(seen: SeenSession) -> tuple[Reply, tuple[ReplyRule, ...]]:
    """The answers as long, as late and as fast as those of the log; a later one is like the last."""
    made = []
    for turn in seen.turns:
        found = next((each for each in seen.answers(turn) if each.deltas and each.audio_ms), None)
        if found is not None and found.done is not None:
            made.append(_reply(seen, found, turn.last.t))
    rules = tuple(ReplyRule(reply, turn=number) for number, reply in enumerate(made[:20], 1))
    return (made[-1] if made else Reply()), rules if len({*made}) > 1 else ()


def _reply(seen: SeenSession, response: SeenResponse, ended: int) -> Reply:
    length_ms = int(response.audio_ms or 0) // 10 * 10
    clip, whole_ms = next((one for one in _ANSWERS if one[1] >= length_ms), _ANSWERS[-1])
    lasts_us = None if length_ms >= whole_ms else max(_SHORTEST_MS, length_ms) * MS
    if not seen.has_times or response.first_audio is None:
        return Reply(clip=clip, lasts_us=lasts_us)
    took_us = max(1, (response.spoken or response.last).t - response.first_audio.t)
    pace = min(20.0, max(1.0, round(length_ms * MS / took_us, 1)))
    latency_us = max(50 * MS, min(30 * SECOND, (response.first_audio.t - ended) // (10 * MS) * 10 * MS))
    return Reply(clip=clip, lasts_us=lasts_us, latency_us=latency_us, pace=pace)


def _room(seen: SeenSession) -> float:
    """The level of the room in the pauses; the usual one where the log does not have it."""
    if not seen.uplink.has_audio or not len(seen.uplink.levels):
        return _ROOM_DBFS
    quiet = seen.uplink.levels[:, 0]
    quiet = quiet[quiet > 1]
    level = dbfs(float(np.percentile(quiet, 20))) if len(quiet) else _ROOM_DBFS
    return round(min(-45.0, max(-80.0, level)), 0)


def _story(found: LogDiagnosis, chosen: Cause | None) -> str:
    if chosen is None:
        return "Made from a log of a session. What was said and answered is replayed in length, level and time."
    others = [each.cause for each in found.suspects if each.cause != chosen]
    told = f" The log does not tell it from {' or '.join(others)}." if others else ""
    return f"Made from a log of a session, whose diagnosis was {chosen}.{told} Speech and answers are recordings."

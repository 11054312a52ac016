"""A run in words: the remedies of the client, the verdict in a sentence, the command that plays the run again.

All texts are free of line breaks and control characters, even if the scenario or the client wrote some.
"""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from ..causes import CAUSES
from ..journal import (
    REAL_TIME,
    VIRTUAL_APP,
    ClientLog,
    ClientReopensCapture,
    ConnectionDialled,
    FaultInjected,
    Journal,
    UserSpeaks,
    WorldHealed,
    WorldLate,
)
from ..quantities import digits
from ..scenario.model import Scenario
from ..shipped import scenarios
from ..units import MS, SECOND
from ..verdict.judge import Verdict
from ..verdict.liveness import answered_at, waits
from ..verdict.record import Wait
from ..world.play import Run

REMEDIES: dict[str, str] = {
    "reopen_capture": "reopened the capture",
    "resume_playback": "resumed playback",
    "open_gate": "opened its gate",
    "raise_gate": "raised its gate over the noise",
    "clear": "cleared the input audio",
    "clear_ends_speech": "cleared the input audio and treated that as the end of speech",
    "detection_off_on": "turned turn detection off and on",
    "end_speech": "ended the speech by itself",
    "commit_and_create": "committed the input audio and asked for a response",
    "cancel_response": "cancelled the response",
    "cancel_and_truncate": "cancelled the response and stopped playback",
    "ask_for_response": "asked for a response",
    "reconnect": "reconnected",
    "renew": "renewed the capture, the output and the session",
    "tell_user": "told the user",
}
"""What a client did, for each ``remedy``; to be read after "the client"."""

SYMPTOMS: dict[str, str] = {
    "capture_stopped": "no audio was captured",
    "capture_garbled": "the captured audio did not sound like a room",
    "capture_silent": "only near-silence was captured",
    "playback_stuck": "playback stood still",
    "speech_stuck": "the server stayed in speech while nobody spoke",
    "speech_in_noise": "the server took noise for speech without end",
    "speech_endless": "the server stayed in one speech without end",
    "voice_gated": "the gate removed a voice",
    "voice_unheard": "a voice was sent and the server did not react",
    "response_stuck": "a response made no progress",
    "reply_failed": "a response failed",
    "reply_silent": "a reply had no sound",
    "turn_unanswered": "a turn got no response",
    "peer_lost": "a ping was not answered",
    "nothing_heard": "the assistant was not heard for a long time",
}
"""Why a client acted, for each ``symptom``; to be read after "because"."""


OUTCOMES: dict[str, str] = {"failed": "failed", "vacuous": "proves nothing"}
"""The verdict as a verb, for a run without a cause; to be read after "the run"."""


def plain(text: object) -> str:
    """The text on one line; characters that cannot be printed become �."""
    return "".join(c if c.isprintable() else "�" for c in " ".join(str(text).split()))


def seconds(us: int) -> str:
    """``33.750 s``."""
    return f"{us / SECOND:.3f} s"


def roughly(us: int) -> str:
    """``33.8 s``."""
    return f"{us / SECOND:.1f} s"


def remedy(entry: ClientLog) -> str:
    """What the client did, such as "reopened the capture"; unknown names are shown as they are."""
    name = str(entry.fields.get("remedy", "a remedy"))
    return REMEDIES.get(name) or f"used {plain(name.replace('_', ' '))}"


def symptom(entry: ClientLog) -> str | None:
    """Why the client did it, such as "only near-silence was captured"."""
    name = entry.fields.get("symptom")
    return None if name is None else SYMPTOMS.get(str(name)) or plain(str(name).replace("_", " "))


def remedies(journal: Journal, *, after: int = 0) -> str | None:
    """All remedies from ``after`` (microseconds) on in one phrase, repeated ones counted; None if there was none."""
    if journal.is_of_app:
        return _seen_remedies(journal, after)
    used = [entry for entry in journal.select(ClientLog) if entry.kind == "remedy" and entry.t >= after]
    phrases = []
    for done, group in groupby(used, key=remedy):
        entries = list(group)
        times = (
            f" {len(entries)} times from {roughly(entries[0].t)} on"
            if len(entries) > 1
            else f" at {roughly(entries[0].t)}"
        )
        reason = symptom(entries[0])
        phrases.append(f"{done}{times}" + (f", because {reason}" if reason else ""))
    return "; then it ".join(phrases) or None


def no_remedy(journal: Journal) -> str:
    """That none was needed, as far as is known."""
    if journal.is_of_app:
        return "the app neither connected again nor reopened the capture"
    return "the client logged no remedy"


def _seen_remedies(journal: Journal, after: int) -> str | None:
    """What an app was seen to do, which logs nothing here."""
    reopened = [entry.t for entry in journal.select(ClientReopensCapture) if entry.t >= after]
    dialled = [entry.t for entry in list(journal.select(ConnectionDialled))[1:] if entry.t >= after]
    done = [("reopened the capture", reopened), ("connected again", dialled)]
    phrases = []
    for what, times in sorted((each for each in done if each[1]), key=lambda each: each[1][0]):
        often = f" {len(times)} times from {roughly(times[0])} on" if len(times) > 1 else f" at {roughly(times[0])}"
        phrases.append(what + often)
    return "; then it ".join(phrases) or None


def held(journal: Journal) -> str:
    """How a run was held: "answered 0.7 s after the user had spoken, …", and each later utterance's wait."""
    answered = answered_at(journal)
    heals = [entry.t for entry in journal.select(WorldHealed)]
    if answered is None or not heals:
        return "every premise and every expectation was met"
    before = [entry.end for entry in journal.select(UserSpeaks) if entry.t < answered]
    waited = answered - before[-1]
    when = f"{roughly(waited)} after the user had spoken" if waited >= 0 else "while the user still spoke"
    allowed = journal.header.get("recover_within_us")
    limit = f" ({allowed / SECOND:g} s were allowed)" if isinstance(allowed, int) else ""
    first = f"answered {when}, {roughly(answered - heals[-1])} after the heal{limit}"
    return first + _later(waits(journal)[1:])


def _later(following: Sequence[Wait]) -> str:
    """How long the later utterances waited: ", then 0.9 s and 1.0 s after the next utterances (…)"."""
    if not following:
        return ""
    waited = [wait.waited_us for wait in following]
    times = " and ".join("never" if us is None else roughly(us) for us in waited)
    allowed = f"({following[0].within_us / SECOND:g} s were allowed)"
    return f", then {times} after the next utterance{'s' if len(following) > 1 else ''} {allowed}"


def again(run: Run, choices: Mapping[str, str] | None = None) -> str:
    """The command that plays the run again; ``choices`` are those that were given with ``--property``."""
    header = run.journal.header
    return command(
        run.scenario,
        _option(run),
        seed=run.seed,
        detector=run.detector,
        settings=header.get("settings") or {},
        choices=choices or {},
        program=header.get("command") or (),
    )


def command(
    scenario: Scenario,
    option: Iterable[str],
    *,
    seed: int,
    detector: str,
    settings: Mapping[str, Any],
    choices: Mapping[str, str],
    program: Sequence[str] = (),
) -> str:
    """The command that plays a scenario with what ``option`` names, such as ``--client mine``."""
    words = ["stillthere", "run", place(scenario), *option, "--seed", str(seed)]
    if detector != scenario.server.detector:
        words += ["--detector", detector]
    if scenario.transport != "websocket":
        words += ["--transport", scenario.transport]
    for name, value in settings.items():
        if name not in scenario.client or scenario.client[name] != value:
            words += ["--set", f"{name}={_written(value)}"]
    for name, choice in choices.items():
        words += ["--property", f"{name}={choice}"]
    if program:
        words += ["--", *program]
    return shlex.join(map(plain, words))


def _written(value: Any) -> str:
    """The value of a setting, as ``--set`` reads it."""
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return digits(value) if isinstance(value, float) else str(value)


def _program_options(header: Mapping[str, Any]) -> list[str]:
    """The options of a program in real time, or of a page, without those that are the default."""
    if page := header.get("page"):
        words = ["--page", str(page), *(("--setup", str(header["setup"])) if "setup" in header else ())]
        device, default = header.get("device", "none"), ""
    else:
        words, device, default = [], header.get("device", "tcp"), "tcp"
    speaker = header.get("speaker", "device")
    words += [] if device == default else ["--device", device]
    words += ["--speaker", speaker] if speaker != "device" and device != "none" else []
    return [*words, "--tls"] if header.get("tls") and not page else words


def elapsed(run: Run) -> str:
    """How long a run was, in which time, and what must be known of a run in real time."""
    header = run.journal.header
    if header.get("stage") != REAL_TIME:
        return f"{roughly(run.virtual_us)} of virtual time"
    worst_us = max((entry.worst_us for entry in run.journal.select(WorldLate)), default=0)
    facts = f"{roughly(run.virtual_us)} of real time, at most {worst_us / MS:.0f} ms late"
    if header.get("speaker") == "inferred":
        facts += "; nobody listened to the speaker: what arrived at the program counts as heard"
    return facts


def _option(run: Run) -> tuple[str, ...]:
    """How the command line names what was under test, before the other options."""
    stage = run.journal.header.get("stage")
    if stage == VIRTUAL_APP:
        hosts = (word for host in run.journal.header.get("hosts", ()) for word in ("--host", str(host)))
        return ("--app" if ":" in run.client else "--script", run.client, *hosts)
    if stage == REAL_TIME:
        return tuple(_program_options(run.journal.header))
    return "--client", run.client


def place(scenario: Scenario) -> str:
    """The scenario on the command line: the name of a shipped one, the path of a file, or else its title."""
    path = scenario.path
    if path is None:
        return scenario.name
    return path.stem if path.parent == scenarios() else path.as_posix()


def explanation(runs: Iterable[tuple[Run, Verdict]]) -> str:
    """What went wrong and what helped, one sentence for each run."""
    return " ".join(_sentence(run, verdict) for run, verdict in runs)


def _sentence(run: Run, verdict: Verdict) -> str:
    name = f"“{plain(run.client)}”"
    if verdict.cause is not None and verdict.broken == "never_silent_forever":
        return f"With {name} {CAUSES[verdict.cause]}, and the client stays deaf for ever."
    if verdict.name != "held":
        return f"With {name} the run {OUTCOMES[verdict.name]}: {plain(verdict.findings[0].reason)}."
    first_fault = min((entry.t for entry in run.journal.select(FaultInjected)), default=0)
    helped = remedies(run.journal, after=first_fault)
    did = f"The client {name} {helped}, and" if helped else f"With {name}"
    return f"{did} the user was {held(run.journal)}."

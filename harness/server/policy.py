"""What the server does where the service's behaviour is unknown: each open question is a named switch.

A default is the reading with the best evidence; ``KNOWN`` says what that evidence is. Evidence words: documented,
captured (a published wire log), reported (an issue or thread), inferred, assumed.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args, get_type_hints

from harness.errors import SettingError, did_you_mean


@dataclass(frozen=True, slots=True)
class ServerPolicy:
    """The switches. Each field's type lists its variants; the first is the default."""

    clear_during_speech: Literal["reset", "buffer_only", "wedge"] = "reset"
    """``input_audio_buffer.clear`` while speech is active: detection goes idle and the open turn is orphaned;
    or only the bytes go and the turn stays open; or detection never reacts again in this session."""

    commit_during_speech: Literal["idle", "active"] = "idle"
    """After a manual commit during speech: detection goes idle, or waits for the end of the same turn."""

    update_during_speech: Literal["keep", "reset"] = "keep"
    """``session.update`` of ``turn_detection`` while speech is active: the open turn goes on, or is orphaned. One that
    switches detection off orphans it in either case (assumed)."""

    clock_on_clear: Literal["keep", "restart"] = "keep"
    """Whether ``clear`` restarts the clock that ``audio_start_ms`` and ``audio_end_ms`` are measured on."""

    prefix_in_start: Literal["yes", "no"] = "yes"
    """Whether ``audio_start_ms`` includes ``prefix_padding_ms``."""

    cancel_chain: Literal["full", "done_only"] = "full"
    """A response cancelled in mid-output closes its parts and item first, or sends ``response.done`` alone."""

    rate_limits: Literal["after_done", "after_created", "never"] = "after_done"
    """Where ``rate_limits.updated`` stands in a response."""

    conversation_created: Literal["never", "after_session"] = "never"
    """Whether ``conversation.created`` follows ``session.created``."""

    semantic_end: Literal["complete", "waits_longest"] = "complete"
    """How ``semantic_vad`` judges every turn: as a complete sentence, which it waits on briefly, or as one that may go
    on, which it waits on for the longest time of its eagerness."""

    idle_clock: Literal["audio", "wall"] = "audio"
    """Whether ``idle_timeout_ms`` counts appended audio, so that it stands still where nothing is appended, or time."""

    idle_on_vad_off: Literal["reset", "stale"] = "reset"
    """Whether switching turn detection off stops the idle timer; a stale one fires as soon as it is on again."""

    idle_on_clear: Literal["keep", "restart"] = "keep"
    """Whether ``clear`` starts the idle timer anew."""

    transcription: Literal["after_commit", "during_speech"] = "after_commit"
    """Where the first transcription deltas come; only scripted words can come while the user still speaks."""

    odd_byte: Literal["carry", "drop"] = "carry"
    """An append that ends inside a sample: the rest of the sample leads the next append, or is dropped."""

    reply: Literal["speaks", "stalls", "never_starts"] = "speaks"
    """A response speaks to its end; or stops in mid-output without an end; or is never created for a turn."""

    def changed(self, **changes: str) -> "ServerPolicy":
        """A policy with some switches set, checked by :func:`check_policy`."""
        check_policy(changes)
        return replace(self, **changes)  # type: ignore[arg-type]


KNOWN: dict[str, str] = {
    "clear_during_speech": "unknown; open-source servers differ, and none of them sends speech_stopped",
    "commit_during_speech": "captured: no speech_stopped follows; whether detection stays active is unknown",
    "update_during_speech": "unknown",
    "clock_on_clear": "inferred from the documented wording, 'all audio written to the buffer during the session'",
    "prefix_in_start": "documented and captured; three captures of 2024-10 to 2025-02 lack the padding",
    "cancel_chain": "documented that parts are closed on cancellation; the inner order is inferred",
    "rate_limits": "captured (GA: after response.done; beta: after response.created)",
    "conversation_created": "in the schema, in no GA capture",
    "semantic_end": "documented: a wait by probability, at most 8, 4 or 2 s; the short wait of an eighth is assumed",
    "idle_clock": "unknown; the documents' own example is on the 32 ms grid of audio",
    "idle_on_vad_off": "reported stale over WebRTC (openai-agents-js #1208); reset is what is meant",
    "idle_on_clear": "unknown; one unmerged change to a client assumes a restart (openai-agents-js #1346)",
    "transcription": "captured both ways; documented: it begins when the buffer is committed",
    "odd_byte": "unknown",
    "reply": "documented that response.done always comes; reported that it sometimes does not",
}
"""How the default of each switch is known."""


def variants(name: str) -> tuple[str, ...]:
    """The variants of a switch, default first. Raises :exc:`SettingError` for an unknown switch."""
    hints = get_type_hints(ServerPolicy)
    if name not in hints:
        raise SettingError(f"no server policy is called {name!r}; {did_you_mean(name, hints)}")
    return get_args(hints[name])


def names() -> tuple[str, ...]:
    """All switches, in the order of the class."""
    return tuple(field.name for field in fields(ServerPolicy))


def check_policy(changes: dict[str, Any]) -> None:
    """Raise :exc:`SettingError` if a switch or its variant is unknown."""
    for name, value in changes.items():
        known = variants(name)
        if value not in known:
            raise SettingError(f"server policy {name} has no variant {value!r}; {did_you_mean(str(value), known)}")

"""What the server does where the service's behaviour is unknown: each open question is a named switch.

A default is the reading with the best evidence; ``KNOWN`` says what that evidence is. Evidence words: documented,
captured (a published wire log), reported (an issue or thread), inferred, assumed.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args, get_type_hints

from ..errors import SettingError, did_you_mean


@dataclass(frozen=True, slots=True)
class ServerPolicy:
    """The switches. Each field's type lists its variants; the first is the default."""

    clear_during_speech: Literal["reset", "buffer_only", "wedge"] = "reset"
    """``input_audio_buffer.clear`` while speech is active: detection goes idle and the open turn is dropped;
    or only the bytes go and the turn stays open; or detection never reacts again in this session."""

    commit_during_speech: Literal["idle", "active"] = "idle"
    """After a manual commit during speech: detection goes idle, or waits for the end of the same turn."""

    manual_commit: Literal["taken", "ignored"] = "taken"
    """The client's ``input_audio_buffer.commit`` is answered; or it has no effect and no answer, not even an error."""

    manual_create: Literal["taken", "ignored", "ignored_after_tool"] = "taken"
    """The client's ``response.create`` is answered; or it has no effect and no answer, not even an error; or only one
    that follows a tool's result has none."""

    open_calls: Literal["speaks", "mute"] = "speaks"
    """While a tool call has no result: turns and requests are answered as ever; or nothing is answered, and no event
    tells of it, until every call of the conversation has its result."""

    interruption: Literal["ends", "stays_busy"] = "ends"
    """The user's speech ends the active response, and ``response.done`` is sent; or the response stops without it and
    stays the active one, so that turns get no answer and requests are refused, until the client cancels it."""

    ignored_setting: Literal[
        "none", "turn_detection", "create_response", "interrupt_response", "input_format", "output_format",
        "voice", "instructions", "tools", "output_modalities",
    ] = "none"  # fmt: skip
    """A setting that ``session.updated`` shows as the client asked, and that keeps the value before the update."""

    create_during_cancel: Literal["refused", "accepted"] = "refused"
    """A response that the client cancels sends nothing more and ends a little later; a ``response.create`` before its
    end is refused. Or it ends at once."""

    turn_end: Literal["commits", "discards"] = "commits"
    """The end of a turn commits it; or drops it with its audio: no ``speech_stopped``, no commit, no response."""

    onset: Literal["tells", "sticky"] = "tells"
    """Every start of a turn is sent; or none while an earlier start still counts. A sticky start counts until
    ``speech_stopped`` is sent, the client commits, or detection is switched off; it outlives a turn that is discarded,
    cleared or dropped. A turn whose start is not sent has no event at all, and interrupts nothing. Alone the switch
    changes nothing while every turn ends by its stop; with ``turn_end: discards`` detection is deaf for good."""

    update_during_speech: Literal["keep", "reset"] = "keep"
    """``session.update`` of ``turn_detection`` while speech is active: the open turn goes on, or is dropped. One that
    switches detection off drops it in either case (assumed)."""

    update_error: Literal["atomic", "partial"] = "atomic"
    """A ``session.update`` with a bad field changes nothing; or the fields before it, in the order of the document, are
    applied. In either case the only answer is the error."""

    clock_on_clear: Literal["keep", "restart"] = "keep"
    """Whether ``clear`` restarts the clock that ``audio_start_ms`` and ``audio_end_ms`` are measured on."""

    prefix_in_start: Literal["yes", "no"] = "yes"
    """Whether ``audio_start_ms`` includes ``prefix_padding_ms``."""

    cancel_chain: Literal["full", "done_only"] = "full"
    """A response cancelled in mid-output closes its parts and item first, or sends ``response.done`` alone."""

    rate_limits: Literal["recorded", "after_done", "after_created", "never"] = "recorded"
    """Where ``rate_limits.updated`` stands: after ``response.done``, but not of a response that was cancelled, and not
    of one that answers the result of a tool; or after each ``response.done``; or after ``response.created``."""

    conversation_created: Literal["never", "after_session"] = "never"
    """Whether ``conversation.created`` follows ``session.created``."""

    content_part: Literal["once", "twice"] = "once"
    """The ``response.content_part.*`` events have the part as ``part``; or as ``content`` too, as on Azure."""

    turn_edges: Literal["openai", "azure"] = "openai"
    """A turn counts from its first frame of speech, and its silence is rounded up to whole frames; or it counts from
    the fourth frame of speech in a row, and its silence is rounded down, as on Azure."""

    semantic_end: Literal["complete", "waits_longest"] = "complete"
    """How ``semantic_vad`` judges every turn: as a complete sentence, which it waits on briefly, or as one that may go
    on, which it waits on for the longest time of its eagerness."""

    idle_clock: Literal["audio", "wall"] = "audio"
    """Whether ``idle_timeout_ms`` counts appended audio, so that it stands still where nothing is appended, or time."""

    idle_on_vad_off: Literal["reset", "stale"] = "reset"
    """Whether switching turn detection off stops the idle timer; a stale one fires as soon as it is on again."""

    idle_prompt: Literal["system_item", "none"] = "system_item"
    """Whether the user's silence is told to the model by a system message, which goes before the empty turn."""

    idle_on_clear: Literal["keep", "restart"] = "keep"
    """Whether ``clear`` restarts the idle timer."""

    transcription: Literal["by_model", "after_commit", "during_speech"] = "by_model"
    """When the first transcription deltas are sent: while the user still speaks if the model streams
    (``gpt-realtime-whisper``, ``gpt-live-transcribe``), else after the commit; or one of the two whatever the model."""

    translated_silence: Literal["sent", "omitted"] = "sent"
    """What a translation session sends while it has nothing to say: silent audio, frame by frame, or nothing."""

    rtp_gap: Literal["silence", "standing"] = "silence"
    """Over WebRTC, while no packets of the microphone arrive: silence is appended in their place, or nothing, so that
    the voice clock stands still."""

    idle_rtp: Literal["silence", "nothing"] = "silence"
    """Over WebRTC, while nothing plays: packets of silence are sent, or none."""

    data_channel_closed: Literal["goes_on", "ends_call"] = "goes_on"
    """Over WebRTC, when the data channel alone is closed: the call goes on without events, or it ends."""

    odd_byte: Literal["carry", "drop"] = "carry"
    """An append that ends inside a sample: the rest of the sample leads the next append, or is dropped."""

    reply: Literal[
        "speaks", "stalls", "never_starts", "text_only", "endless", "loses_tail", "fails", "silent"
    ] = "speaks"  # fmt: skip
    """A response speaks to its end; or stops in mid-output until the switch changes; or is never created for a turn; or
    writes although audio was asked for; or goes on in silent audio, with no more words, until it is cancelled; or the
    last two fifths of its audio deltas, at least one, are not sent, but all else is; or it fails once it is created;
    or all of its audio has its full length and no amplitude."""

    def changed(self, **changes: str) -> "ServerPolicy":
        """A policy with some switches set, checked by :func:`check_policy`."""
        check_policy(changes)
        return replace(self, **changes)  # type: ignore[arg-type]


KNOWN: dict[str, str] = {
    "clear_during_speech": "unknown; open-source servers differ, and none of them sends speech_stopped",
    "commit_during_speech": "captured: no speech_stopped follows; whether detection stays active is unknown",
    "manual_commit": "documented; reported that commits stop being answered (openai-realtime-console #556)",
    "manual_create": "documented; reported that a response.create gets no answer (sonichi/sutando #3716)",
    "open_calls": "documented: a call keeps nothing else waiting; reported of another API's provider (agents-js #2249)",
    "interruption": "documented and captured; reported of a provider of another API (livekit/livekit #4484)",
    "ignored_setting": "documented: what session.updated shows is in force; reported otherwise (livekit/agents #2598)",
    "create_during_cancel": "reported (openai-agents-python #2760, #1907, openai-agents-js #1127); the time is assumed",
    "turn_end": "documented; reported of an open-source server (LocalAI) that it drops turns without an event",
    "onset": "documented; reported of an open-source server (LocalAI), whose 'started' outlives a dropped turn",
    "update_during_speech": "unknown",
    "update_error": "captured: one bad field discards the whole update; speaches applies the others",
    "clock_on_clear": "inferred from the documented wording, 'all audio written to the buffer during the session'",
    "prefix_in_start": "documented and captured; three captures of 2024-10 to 2025-02 lack the padding",
    "cancel_chain": "documented that parts are closed on cancellation; the inner order is inferred",
    "rate_limits": "recorded 2026-07/08: at most one in a tool round, none after a cancelled response; a later one "
    "that goes on after a tool round has a second; beta: after response.created",
    "conversation_created": "in the schema, in no GA capture",
    "content_part": "captured: OpenAI's recordings have the part once, Azure's twice",
    "turn_edges": "captured for OpenAI; of Azure one recording is known, and the rule that fits it is inferred",
    "semantic_end": "documented: a wait by probability, at most 8, 4 or 2 s; the short wait of an eighth is assumed",
    "idle_clock": "unknown; the documents' own example is on the 32 ms grid of audio",
    "idle_on_vad_off": "reported stale over WebRTC (openai-agents-js #1208); reset is what was intended",
    "idle_prompt": "captured once (gpt-realtime-2.1-mini, 2026-09); documented without",
    "idle_on_clear": "unknown; one unmerged change to a client assumes a restart (openai-agents-js #1346)",
    "transcription": "captured: gpt-realtime-whisper begins during speech, gpt-4o-mini-transcribe after the commit",
    "translated_silence": "reported: output audio at the pace of time, of which a client plays what is loud enough",
    "rtp_gap": "unknown; documented, loosely, that speech_stopped comes when the local audio stops",
    "idle_rtp": "unknown",
    "data_channel_closed": "unknown",
    "odd_byte": "unknown",
    "reply": "documented that response.done always comes, with all of the answer; each failure is reported",
}
"""How the default of each switch is known."""


_VARIANTS: dict[str, tuple[str, ...]] = {name: get_args(hint) for name, hint in get_type_hints(ServerPolicy).items()}


def variants(name: str) -> tuple[str, ...]:
    """The variants of a switch, default first. Raises :exc:`SettingError` for an unknown switch."""
    if name not in _VARIANTS:
        raise SettingError(f"no server policy is called {name!r}; {did_you_mean(name, _VARIANTS)}")
    return _VARIANTS[name]


def names() -> tuple[str, ...]:
    """All switches, in the order of the class."""
    return tuple(field.name for field in fields(ServerPolicy))


def check_policy(changes: dict[str, Any]) -> None:
    """Raise :exc:`SettingError` if a switch or its variant is unknown."""
    for name, value in changes.items():
        known = variants(name)
        if value not in known:
            raise SettingError(f"server policy {name} has no variant {value!r}; {did_you_mean(str(value), known)}")

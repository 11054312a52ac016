"""Failures that the server and its network show on demand."""

from ..server.policy import variants
from .behaviour import OURS, SPECIFICATION, STANDARD, Behaviour

FAILURE_ROWS = (
    Behaviour(
        "reply-speaks", "6.1",
        "A reply speaks to its end.",
        "documented", SPECIFICATION,
        "reply=speaks",
    ),
    Behaviour(
        "reply-stalls", "6.1",
        "A reply stops in mid-output and stays the active one; it goes on where it was when the switch is set back, or "
        "else no end ever comes.",
        "reported", "openai-realtime-console #62; that it goes on after 16 s: langwatch/scenario #792",
        "reply=stalls",
    ),
    Behaviour(
        "reply-never-starts", "6.1",
        "A turn is committed, and no response is made; `response.create` still works.",
        "reported", "livekit-examples/realtime-playground #21",
        "reply=never_starts",
    ),
    Behaviour(
        "reply-text-only", "6.1",
        "A reply that was asked for in audio is text; its `response.created` still says audio.",
        "reported", "livekit/agents #2471, #2694",
        "reply=text_only",
    ),
    Behaviour(
        "reply-endless", "6.1",
        "A reply goes on in `response.output_audio.delta` of silence, with no more words, until it is cancelled.",
        "reported", "community.openai.com topic 1141330",
        "reply=endless",
    ),
    Behaviour(
        "reply-loses-tail", "6.1",
        "The last two fifths of the `response.output_audio.delta`, at least one, never come; words, ends and usage are "
        "those of the whole.",
        "reported", "community.openai.com topic 1094267; how much is lost is ours",
        "reply=loses_tail",
    ),
    Behaviour(
        "reply-fails", "6.1",
        "After `response.created` comes `response.done`, failed, `server_error`; in mid-output what is open is closed "
        "first.",
        "reported", "twilio-node #37, openai-realtime-api-beta #116, pipecat #1963",
        "reply=fails",
    ),
    Behaviour(
        "reply-silent", "6.1",
        "A reply has its words, its events and its full length in audio, and every sample of that is zero.",
        "reported", "google-gemini/gemini-live-api-examples #40",
        "reply=silent",
    ),
    Behaviour(
        "turn-end-commits", "6.1",
        "The end of a turn stops and commits it.",
        "documented", SPECIFICATION,
        "turn_end=commits",
    ),
    Behaviour(
        "turn-end-discards", "6.1",
        "The end of a turn drops it and its audio: no `input_audio_buffer.speech_stopped`, no commit, no response.",
        "reported", "LocalAI's own list of failure modes, no. 4",
        "turn_end=discards",
    ),
    Behaviour(
        "onset-tells", "6.1",
        "Every start of a turn is sent, however the turn before ended.",
        "documented", SPECIFICATION,
        "onset=tells",
    ),
    Behaviour(
        "onset-sticky", "6.1",
        "After a turn that was discarded, cleared or dropped, no start is sent, and no other event of those turns, "
        "until a commit, or until detection was off.",
        "reported", "LocalAI's own list of failure modes, no. 4; what ends it is ours",
        "onset=sticky",
    ),
    Behaviour(
        "commit-taken", "6.1",
        "Every `input_audio_buffer.commit` is answered, if by an error.",
        "documented", SPECIFICATION,
        "manual_commit=taken",
    ),
    Behaviour(
        "commit-ignored", "6.1",
        "Nothing comes of an `input_audio_buffer.commit`, no error either; the audio stays in the buffer.",
        "reported", "openai-realtime-console #556",
        "manual_commit=ignored",
    ),
    Behaviour(
        "create-taken", "6.1",
        "Every `response.create` is answered, if by an error.",
        "documented", SPECIFICATION,
        "manual_create=taken",
    ),
    Behaviour(
        "create-ignored", "6.1",
        "Nothing comes of a `response.create`, no error either; turns are answered as usual.",
        "reported", "sonichi/sutando #3716",
        "manual_create=ignored",
    ),
    Behaviour(
        "create-after-tool-ignored", "6.1",
        "Nothing comes of a `response.create` that follows the result of a tool call; any other is answered.",
        "reported", "sonichi/sutando #3716",
        "manual_create=ignored_after_tool",
    ),
    Behaviour(
        "open-calls-speak", "6.1",
        "A tool call without a result keeps nothing else waiting.",
        "documented", SPECIFICATION,
        "open_calls=speaks",
    ),
    Behaviour(
        "open-calls-mute", "6.1",
        "While a tool call has no result, no turn and no `response.create` gets an answer, not even an error.",
        "reported", "livekit/agents-js #2249 and livekit/agents #6785, of a provider of another API",
        "open_calls=mute",
    ),
    Behaviour(
        "interruption-ends", "6.1",
        "The user's speech cancels the active response at once.",
        "documented", SPECIFICATION,
        "interruption=ends",
    ),
    Behaviour(
        "interruption-stays-busy", "6.1",
        "The user's speech stops the active response without its `response.done`; it stays the active one until the "
        "client cancels it or the switch is set back.",
        "reported", "livekit/livekit #4484, of a provider of another API; what ends it is ours",
        "interruption=stays_busy",
    ),
    Behaviour(
        "settings-in-force", "6.1",
        "What `session.updated` shows is in force.",
        "documented", SPECIFICATION,
        "ignored_setting=none",
    ),
    *(
        Behaviour(
            f"ignored-{name.replace('_', '-')}", "6.1",
            f"`session.updated` shows the new `{name}`, and the session goes on with the one before.",
            "reported", "livekit/agents #2598, PatterAI/Patter #154; which settings can be so is ours",
            f"ignored_setting={name}",
        )
        for name in variants("ignored_setting")[1:]
    ),
    Behaviour(
        "expires-now", "6.1",
        "A session can be made to expire at any moment, in the same words.",
        "reported", "reachy_mini #134, pipecat #3170",
    ),
    Behaviour(
        "replaced", "6.1",
        "Another detector can decide in place of the session's own, over the same frames.",
        "assumed", OURS,
    ),
    Behaviour(
        "late-created", "6.1",
        "A script can have `response.created` come late.",
        "reported", "livekit/agents #2552, #6222",
    ),
    Behaviour(
        "mute", "6.1",
        "Fault `mute`: everything is taken, PINGs are answered, and no event comes.",
        "reported", "community.openai.com topic 1374520",
    ),
    Behaviour(
        "held-active", "6.1",
        "Fault `held-active`: a turn starts and never stops.",
        "reported", "twilio-python #6, hermes-live-voice #55",
    ),
    Behaviour(
        "held-idle", "6.1",
        "Fault `held-idle`: speech starts no turn.",
        "reported", "livekit/agents PR #6871, of Azure",
    ),
    Behaviour(
        "half-open", "6.2",
        "Fault `half-open`: nothing arrives either way, and nothing says so.",
        "reported", "multica #8524, cloudflare/agents #2242 and others",
    ),
    Behaviour(
        "stall", "6.2",
        "Fault `stall`: everything waits, and comes in order when it ends.",
        "inferred", "networks do so",
    ),
    Behaviour(
        "black-hole", "6.2",
        "Fault `black-holed`: a dial into it is lost; one that still waits at its end connects when TCP sends its SYN "
        "again, 1, 3, 7, 15 s … after the first.",
        "inferred", "RFC 6298: an initial time-out of 1 s that doubles, as Linux has it until 6.4",
    ),
    Behaviour(
        "no-code", "6.2",
        "Fault `closed` with code 1005: a Close frame without a code; both sides see 1005.",
        "documented", f"{STANDARD}, section 7.1.5; reported in community.openai.com topic 1365511",
    ),
    Behaviour(
        "reset", "6.2",
        "Fault `reset`: the connection breaks off without a Close (1006).",
        "reported", "livekit/agents #2774",
    ),
)  # fmt: skip

"""Responses: how many at a time, what they are made with, how they run and end."""

from .behaviour import BETA_CAPTURES, GA_CAPTURES, GUIDES, OURS, RECORDINGS, SPECIFICATION, Behaviour

RESPONSE_ROWS = (
    Behaviour(
        "single-active", "4.5",
        "One response at a time in the default conversation: another `response.create` gets "
        "`conversation_already_has_active_response` and neither `response.created` nor `response.done`.",
        "reported", "openai-agents-python #1466, livekit/agents #1056, verbatim",
    ),
    Behaviour(
        "out-of-band", "4.5",
        "Responses with `conversation` none run beside it.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "no-trace", "4.5",
        "They write no items into the conversation, and their `conversation_id` is null.",
        "documented", GUIDES,
    ),
    Behaviour(
        "response-input", "4.5",
        "`input` gives a response its own items, and references to those of the conversation.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "response-fields", "4.5",
        "Modalities, format, voice and token limit of a `response.create` hold for that response; null means the "
        "session's.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "response-wrong-field", "4.5",
        "A wrong or unknown field makes no response.",
        "inferred", "as `session.update` is known to refuse them",
    ),
    Behaviour(
        "metadata", "4.5",
        "`metadata`, up to 16 pairs of 64 and 512 characters, is echoed in `response.created` and `response.done`.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "cancel-nothing", "4.5",
        "`response.cancel` with nothing to cancel: `response_cancel_not_active`, and the session is as before.",
        "documented", f"{SPECIFICATION}; code and text reported (pipecat #3755)",
    ),
    Behaviour(
        "cancel-by-id", "4.5",
        "With a `response_id` it ends that response; without, the default conversation's.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "cancel-too-early", "4.5",
        "Sent before `response.created`, it is lost: the response comes all the same.",
        "reported", "livekit/agents PR #6244",
    ),
    Behaviour(
        "failed", "4.5",
        "A failure is a `response.done` with status `failed` and an error inside; the session goes on.",
        "reported", "twilio-node #37, openai-realtime-api-beta #116, pipecat #1963",
    ),
    Behaviour(
        "incomplete", "4.5",
        "A response may end as `incomplete`, for `max_output_tokens` or `content_filter`.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "token-limit", "4.5",
        "`max_output_tokens` cuts an answer short, calls included, by our count of its tokens.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "faster", "4.5",
        "Audio is sent faster than it plays.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "pace", "4.5",
        "Five times as fast, 400 ms after `response.created`, 100 ms in a delta; the script can change it.",
        "assumed", f"{OURS}; of a text turn a first delta after 476 ms is captured",
    ),
    Behaviour(
        "late-shell", "4.5",
        "A server that was busy sends all that was due, in order.",
        "assumed", OURS,
    ),
    # --- truncation ---
    Behaviour(
        "truncate", "4.5",
        "`conversation.item.truncate` cuts an assistant's audio: `conversation.item.truncated`, and the transcript "
        "goes, for good even if the response still runs.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "truncate-too-late", "4.5",
        "Beyond the audio that was sent it is refused, in the service's words.",
        "reported", "openai-agents-python #1999, twilio-python #45, verbatim",
    ),
    Behaviour(
        "truncate-what", "4.5",
        "Only assistant items can be cut, only their part 0; the sentences are ours.",
        "documented", SPECIFICATION,
    ),
    # --- what follows ---
    Behaviour(
        "limits-recorded", "4.5",
        "`rate_limits.updated` follows `response.done`, but not of a cancelled response (2 of 2), and in a tool round "
        "only the first.",
        "captured", f"{RECORDINGS}; a later one that goes on after its tool round has a second",
        "rate_limits=recorded",
    ),
    Behaviour(
        "limits-after-done", "4.5",
        "`rate_limits.updated` follows `response.done` by 43 ms, with tokens alone.",
        "captured", f"{GA_CAPTURES}; {SPECIFICATION} says 'at the beginning'",
        "rate_limits=after_done",
    ),
    Behaviour(
        "limits-after-created", "4.5",
        "`rate_limits.updated` follows `response.created`.",
        "captured", BETA_CAPTURES,
        "rate_limits=after_created",
    ),
    Behaviour(
        "limits-never", "4.5",
        "`rate_limits.updated` does not come.",
        "captured", f"some turns of the {GA_CAPTURES}",
        "rate_limits=never",
    ),
    Behaviour(
        "limits-figures", "4.5",
        "Its figures are always the same: nothing is counted.",
        "assumed", OURS,
    ),
    Behaviour(
        "usage-details", "4.5",
        "Its details have images and what was cached of each kind, in a cancelled response too; nothing is cached.",
        "captured", RECORDINGS,
    ),
    Behaviour(
        "reasoning-tokens", "4.5",
        "`reasoning_tokens` are named if there are any, and counted with the text; the script says how many.",
        "captured", f"{RECORDINGS}, gpt-realtime-2.1",
    ),
    Behaviour(
        "text-has-audio", "4.5",
        "A response in text shows the format and the voice of the audio that it does not have.",
        "captured", f"{RECORDINGS}: 9 of 9",
    ),
    Behaviour(
        "custom-voice", "4.5",
        "A custom voice of one response, an object with its id, is shown as it was sent.",
        "assumed", OURS,
    ),
    Behaviour(
        "usage-audio", "4.5",
        "Usage: a token for 100 ms of the user's audio, one for 50 ms of the assistant's.",
        "documented", "Realtime cost guide",
    ),
    Behaviour(
        "usage-text", "4.5",
        "A token for each word of input or output, one for four characters of arguments; none is cached.",
        "assumed", OURS,
    ),
    Behaviour(
        "usage-of-context", "4.5",
        "The input of a response is all of the conversation, each time; instructions and tools are not counted.",
        "documented", "Realtime cost guide; what is left out is ours",
    ),
)  # fmt: skip

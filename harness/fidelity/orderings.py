"""In what order events come: spoken turns, text, tools."""

from .behaviour import (
    BETA_CAPTURES,
    GA_CAPTURES,
    GA_PROBES,
    GUIDES,
    OURS,
    RECORDINGS,
    SPECIFICATION,
    Behaviour,
)

ORDERING_ROWS = (
    # --- a spoken turn ---
    Behaviour(
        "turn-order", "3.1",
        "`input_audio_buffer.speech_started`, `input_audio_buffer.speech_stopped`, `input_audio_buffer.committed`, "
        "`conversation.item.added`, `conversation.item.done`.",
        "captured", GA_CAPTURES,
    ),
    Behaviour(
        "reply-order", "3.1",
        "`response.created`, `response.output_item.added`, `conversation.item.added`, `response.content_part.added`; "
        "`response.output_audio_transcript.delta` and `response.output_audio.delta` mixed; "
        "`response.output_audio.done`, `response.output_audio_transcript.done`, `response.content_part.done`, "
        "`conversation.item.done`, `response.output_item.done`, `response.done`, `rate_limits.updated`.",
        "captured", GA_CAPTURES,
    ),
    Behaviour(
        "one-item-id", "3.1",
        "Start, stop, commit and item of a turn have one item id, unless a manual commit comes between.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "user-item", "3.1",
        "A spoken turn's item is `completed` when it is added, with one part `input_audio` whose transcript is null.",
        "captured", GA_CAPTURES,
    ),
    Behaviour(
        "one-response-id", "3.1",
        "All events of a response have its id, and a turn ends after it began.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "previous-item-id", "3.1",
        "`previous_item_id`: null for the first item, then the item before; but null in `conversation.item.done` of "
        "what the assistant put out, if it is the second item of the conversation.",
        "captured", f"{RECORDINGS}: 32 of 32",
    ),
    Behaviour(
        "start-before-last-end", "3.1",
        "A turn may start, by its padding, before the last one ended.",
        "captured", f"{BETA_CAPTURES}, three times",
    ),
    Behaviour(
        "no-acknowledgement", "3.1",
        "`input_audio_buffer.append` is never acknowledged.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "words-ahead", "3.1",
        "The transcript runs ahead of the audio; three words come before the first of it.",
        "captured", RECORDINGS,
    ),
    Behaviour(
        "words-by-word", "3.1",
        "One delta for each word; the words are over at 70 % of the audio.",
        "assumed", OURS,
    ),
    # --- text and tools ---
    Behaviour(
        "text-turn", "3.3",
        "`conversation.item.create` is answered by added and done; after `response.create` the reply has "
        "`response.output_text.delta` and `response.output_text.done` in the place of the audio's events.",
        "captured", GA_PROBES,
    ),
    Behaviour(
        "tool-round", "3.4",
        "A call: `response.output_item.added`, `conversation.item.added`, `response.function_call_arguments.delta`, "
        "`response.function_call_arguments.done`, `conversation.item.done`, `response.output_item.done`, "
        "`response.done`.",
        "captured", GA_CAPTURES,
    ),
    Behaviour(
        "tool-silence", "3.4",
        "After a call nothing comes until the client itself sends `response.create`.",
        "documented", GUIDES,
    ),
    Behaviour(
        "tool-output", "3.4",
        "The client's `function_call_output` is answered by added and done, like any item.",
        "captured", GA_CAPTURES,
    ),
    Behaviour(
        "words-then-call", "3.4",
        "A response may speak and then call.",
        "documented", GUIDES,
    ),
    Behaviour(
        "words-closed-late", "3.4",
        "Of `gpt-realtime-2.1`: the call is added, with all `response.function_call_arguments.delta`, before the "
        "message before it is closed; then its `response.function_call_arguments.done`.",
        "captured", RECORDINGS,
    ),
    Behaviour(
        "several-calls", "3.4",
        "A response may make several calls, each an item; arguments come 16 characters at a time.",
        "assumed", OURS,
    ),
    Behaviour(
        "call-interrupted", "3.4",
        "A call that is cancelled keeps the arguments it has, with status `incomplete`.",
        "inferred", f"{SPECIFICATION}: `done` events come when a response is cancelled, too",
    ),
)  # fmt: skip

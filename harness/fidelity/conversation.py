"""What is said: the user's words, the items of the conversation, the script."""

from .behaviour import GA_CAPTURES, GA_PROBES, GUIDES, OURS, RECORDINGS, SPECIFICATION, Behaviour

CONVERSATION_ROWS = (
    # --- transcription ---
    Behaviour(
        "transcription-asked", "4.8",
        "Transcription events come only in a session that asked for them.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "transcription-after-commit", "4.8",
        "`conversation.item.input_audio_transcription.delta` follows the commit, "
        "`conversation.item.input_audio_transcription.completed` comes beside the reply. So do `gpt-4o-transcribe` and "
        "its mini.",
        "documented", f"{SPECIFICATION}; {GA_PROBES}",
        "transcription=by_model",
    ),
    Behaviour(
        "transcription-during-speech", "4.8",
        "The first deltas of `gpt-realtime-whisper` and `gpt-live-transcribe` come while the user still speaks, under "
        "the id of the start. Audio that is appended faster than time is transcribed after its commit.",
        "captured", f"{GA_CAPTURES}, 2026-07/08, with gpt-realtime-whisper",
        "transcription=by_model",
    ),
    Behaviour(
        "transcription-never-early", "4.8",
        "Whatever the model, the deltas follow the commit.",
        "reported", "clients of gpt-4o-transcribe and its mini",
        "transcription=after_commit",
    ),
    Behaviour(
        "transcription-always-early", "4.8",
        "Whatever the model, the first deltas come while the user still speaks.",
        "assumed", OURS,
        "transcription=during_speech",
    ),
    Behaviour(
        "transcription-delay", "4.8",
        "`delay` is how long a model that streams listens before its first words: 150 to 2400 ms, and 1200 ms where it "
        "is not set.",
        "documented", f"the setting in the vendor's types; {RECORDINGS}, where it is not set; the other times are ours",
    ),
    Behaviour(
        "transcription-leading-space", "4.8",
        "The first delta of a model that streams begins with a space; that of others does not, and no transcript does.",
        "captured", RECORDINGS,
    ),
    Behaviour(
        "transcription-streamed-end", "4.8",
        "`conversation.item.input_audio_transcription.completed` of a model that streams comes 600 ms after the commit "
        "or later.",
        "captured", f"{RECORDINGS}: 565 and 856 ms",
    ),
    Behaviour(
        "transcription-whole", "4.8",
        "`whisper-1` sends one `conversation.item.input_audio_transcription.delta` with all words, right before "
        "`conversation.item.input_audio_transcription.completed`, 2 s after the commit.",
        "captured", f"{RECORDINGS}; that it is 2 s is ours",
    ),
    Behaviour(
        "transcription-times", "4.8",
        "Of the other models, 250 ms from the commit to the first delta, 20 ms from one to the next.",
        "assumed", OURS,
    ),
    Behaviour(
        "transcription-manual", "4.8",
        "A manual commit is transcribed, too.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "transcription-failed", "4.8",
        "It may fail: `conversation.item.input_audio_transcription.failed`, apart from `error`. The sentence of a "
        "`server_error` is the service's.",
        "documented", f"{SPECIFICATION}; the sentence is captured on Azure",
    ),
    Behaviour(
        "transcription-words", "4.8",
        "The words are the script's, or those of the shipped recordings that are recognised in the turn; others are "
        "empty.",
        "assumed", OURS,
    ),
    Behaviour(
        "transcription-usage", "4.8",
        "Its usage is in tokens: one for 100 ms heard, one for each word.",
        "captured", f"{GA_PROBES}: the fields, with gpt-4o-mini-transcribe; how they are counted is ours",
    ),
    Behaviour(
        "transcription-usage-duration", "4.8",
        "That of `gpt-realtime-whisper`, `gpt-live-transcribe` and `whisper-1` is of type `duration`: whole `seconds` "
        "of the turn, rounded up, also if nothing was said.",
        "captured", f"{GA_CAPTURES}, 2026-07/08; that it is rounded up is reported",
    ),
    Behaviour(
        "transcription-logprobs", "4.8",
        "If `include` asks for them, deltas and the whole have `logprobs`, of models "
        "with usage in tokens; each word is a token, and all are as sure.",
        "documented", f"{SPECIFICATION}; the values are ours",
    ),
    Behaviour(
        "transcription-in-item", "4.8",
        "Afterwards the item has its transcript.",
        "inferred", "openai-agents in Python and JavaScript retrieve the item for it",
    ),
    Behaviour(
        "transcription-deleted", "4.8",
        "It is also sent for an item that was deleted meanwhile.",
        "assumed", OURS,
    ),
    Behaviour(
        "transcription-settings", "4.8",
        "Its settings are checked and echoed; model and language change nothing.",
        "documented", SPECIFICATION,
    ),
    # --- transcription sessions ---
    Behaviour(
        "transcription-session", "4.11",
        "`/v1/realtime?intent=transcription` is a session of its own, of type `transcription`: no model, instructions "
        "or output; of turn detection it shows four fields. Transcription is off until `session.update` names a model.",
        "captured", GA_PROBES,
    ),
    Behaviour(
        "transcription-session-url", "4.11",
        "A `model` in that URL is refused with `invalid_model`, 4000, in the service's sentences; where any model is "
        "admitted, it is the model that transcribes.",
        "reported", "seven clients that were refused, 2025 to 2026-09",
    ),
    Behaviour(
        "transcription-session-other-models", "4.11",
        "A model that transcribes or translates is no model of a conversation: `invalid_model`, 4000. Two reports say "
        "that the service opens a conversation with it, which then refuses the update.",
        "assumed", "ours: a conversation with such a model would be a mistake that nobody sees",
    ),
    Behaviour(
        "transcription-session-order", "4.11",
        "A turn is as in a conversation, up to the user's item: then come the words, and no `response.created`.",
        "captured", GA_PROBES,
    ),
    Behaviour(
        "transcription-session-silent", "4.11",
        "It never answers, whatever `create_response` says; `response.create` is refused with `invalid_value`. The "
        "code and the sentence are ours.",
        "documented", GUIDES,
    ),
    Behaviour(
        "transcription-session-items", "4.11",
        "Items can be created, retrieved and deleted as in a conversation; what the service does with them is unknown.",
        "assumed", OURS,
    ),
    Behaviour(
        "transcription-session-kinds", "4.11",
        "Neither kind takes the other one's update: `invalid_value` on `session.type`. The beta's "
        "transcription_session.update is no event.",
        "captured", f"{GA_PROBES}; one of the two sentences is reported",
    ),
    Behaviour(
        "transcription-session-rate", "4.11",
        "PCM of less than 24 kHz is refused, with the whole update.",
        "captured", GA_PROBES,
    ),
    Behaviour(
        "transcription-session-models", "4.11",
        "A model that streams takes no turn detection: `invalid_value`. One that is chosen without a word about turn "
        "detection switches it off (inferred). An unknown model: `invalid_model`.",
        "documented", f"{SPECIFICATION}; the sentences are reported",
    ),
    Behaviour(
        "transcription-session-streams", "4.11",
        "Without turn detection, the words of a model that streams come as the user speaks, under the id of the item "
        "that the next commit makes.",
        "documented", f"{GUIDES}; that the id is that of the commit is inferred",
    ),
    # --- translation sessions ---
    Behaviour(
        "translation-session", "4.12",
        "`/v1/realtime/translations?model=gpt-realtime-translate` is a session of its own, of type `translation`. Its "
        "target language is `en` until the client sets one (assumed).",
        "documented", f"{GUIDES}; {SPECIFICATION}",
    ),
    Behaviour(
        "translation-session-refused", "4.12",
        "Its client events are `session.update`, `session.input_audio_buffer.append` and `session.close`; any other is "
        "answered by `invalid_value`, with these three as the supported ones (assumed). Of the session only the target "
        "language, transcription and noise reduction can be set: else `unknown_parameter`.",
        "documented", f"{SPECIFICATION}; a client reports that the source's language is refused",
    ),
    Behaviour(
        "translation-frames", "4.12",
        "Audio is taken in frames of 200 ms, however it is appended, and each gives 200 ms of output with its "
        "`elapsed_ms`. While nothing is appended nothing is said.",
        "documented", f"{SPECIFICATION}; that output keeps pace with input is reported",
    ),
    Behaviour(
        "translation-words", "4.12",
        "Phrases are found by the ear, with 500 ms of silence at their end. The script's answer is their translation, "
        "after the phrase, its words beside its audio. The source's words come while they are spoken, if "
        "transcription is set.",
        "assumed", "ours; that they are deltas which only add is documented",
    ),
    Behaviour(
        "translated-silence-sent", "4.12",
        "With nothing to say it sends silent audio.",
        "reported", "clients that play only what is loud enough",
        "translated_silence=sent",
    ),
    Behaviour(
        "translated-silence-omitted", "4.12",
        "With nothing to say it sends nothing.",
        "assumed", OURS,
        "translated_silence=omitted",
    ),
    Behaviour(
        "translation-close", "4.12",
        "`session.close` takes what was appended for whole, says the rest at once, and sends `session.closed`; the "
        "client closes the connection.",
        "documented", GUIDES,
    ),
    # --- items ---
    Behaviour(
        "item-ids", "4.9",
        "An item keeps the id that the client gave it, or gets one; its status is `completed`.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "phases", "4.9",
        "An assistant's message of `gpt-realtime-2.1` has a `phase`: `commentary` before a call, else `final_answer`.",
        "captured", RECORDINGS,
    ),
    Behaviour(
        "phase-kept", "4.9",
        "The `phase` of a message that a client creates is kept, with any model.",
        "captured", RECORDINGS,
    ),
    Behaviour(
        "output-status", "4.9",
        "The output of a call has no status.",
        "captured", f"{RECORDINGS}; {SPECIFICATION} has one",
    ),
    Behaviour(
        "item-place", "4.9",
        "`previous_item_id`: absent is the end, `root` the beginning, an id the place behind it.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "item-refused", "4.9",
        "An unknown `previous_item_id`: `item_create_invalid_item_id`; an id used twice: "
        "`item_create_duplicate_item_id`.",
        "assumed", "ours, after the codes of retrieve and delete",
    ),
    Behaviour(
        "item-schema", "4.9",
        "An item must have the fields of its type, and a message the content of its role; other fields are dropped.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "item-vendor-types", "4.9",
        "An item that the vendor's types do not allow is refused.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "item-nulls", "4.9",
        "A null `id`, `object` or `status` is as good as none; fields of other items are dropped.",
        "assumed", OURS,
    ),
    Behaviour(
        "item-audio", "4.9",
        "The audio that a client puts into an item is in `conversation.item.retrieved`, not in "
        "`conversation.item.added` and `conversation.item.done`.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "item-picture", "4.9",
        "A picture is in `conversation.item.added` and `conversation.item.done` without its address.",
        "captured", RECORDINGS,
    ),
    Behaviour(
        "item-long-text", "4.9",
        "A text of more than 256 000 characters: `string_above_max_length`, in the service's words.",
        "captured", RECORDINGS,
    ),
    Behaviour(
        "item-assistant-audio", "4.9",
        "An assistant's audio cannot be created; a transcript without audio can.",
        "documented", f"{SPECIFICATION}, as a limitation; that it is refused is inferred",
    ),
    Behaviour(
        "item-retrieve", "4.9",
        "`conversation.item.retrieve` and `conversation.item.delete` are answered by `conversation.item.retrieved` and "
        "`conversation.item.deleted`.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "item-unknown", "4.9",
        "Of an unknown item: `item_retrieve_invalid_item_id`, `item_delete_invalid_item_id`, "
        "`item_truncate_invalid_item_id`; the sentences are ours.",
        "reported", "issues of clients",
    ),
    Behaviour(
        "item-deleted", "4.9",
        "An answer deleted while it is spoken stays deleted; its response still ends.",
        "assumed", OURS,
    ),
    # --- the script ---
    Behaviour(
        "script", "4.10",
        "There is no model: what is answered is a script, by the number of the response in the conversation, by what "
        "the user said or typed, by its instructions and its tools, by what a tool gave, or the same for all.",
        "assumed", OURS,
    ),
    Behaviour(
        "speech", "4.10",
        "Its speech is a recording, or babble of 350 ms for each word, in the format asked for.",
        "assumed", OURS,
    ),
    Behaviour(
        "cut-answers", "4.10",
        "A failed answer says nothing and an incomplete one half of it, unless the script says how much.",
        "assumed", OURS,
    ),
    Behaviour(
        "empty-answer", "4.10",
        "An answer without anything completes with no output.",
        "assumed", OURS,
    ),
)  # fmt: skip

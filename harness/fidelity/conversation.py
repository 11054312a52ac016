"""What is said: the user's words, the items of the conversation, the script."""

from .behaviour import GA_CAPTURES, OURS, SPECIFICATION, Behaviour

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
        "`conversation.item.input_audio_transcription.completed` comes beside the reply.",
        "documented", f"{SPECIFICATION}; {GA_CAPTURES}",
        "transcription=after_commit",
    ),
    Behaviour(
        "transcription-during-speech", "4.8",
        "The first deltas come while the user still speaks, under the id of the start; scripted words only.",
        "captured", GA_CAPTURES,
        "transcription=during_speech",
    ),
    Behaviour(
        "transcription-times", "4.8",
        "250 ms from the commit to the first delta, 20 ms from one to the next.",
        "assumed", OURS,
    ),
    Behaviour(
        "transcription-manual", "4.8",
        "A manual commit is transcribed, too.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "transcription-failed", "4.8",
        "It may fail: `conversation.item.input_audio_transcription.failed`, apart from `error`.",
        "documented", SPECIFICATION,
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
        "assumed", OURS,
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
    # --- items ---
    Behaviour(
        "item-ids", "4.9",
        "An item keeps the id that the client gave it, or gets one; its status is `completed`.",
        "documented", SPECIFICATION,
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
        "There is no model: what is answered is a script, by the number of the response in the conversation, by the "
        "user's words, or the same for all.",
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

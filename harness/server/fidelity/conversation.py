"""What is said: the user's words, the items of the conversation, the script."""

from harness.server.fidelity.behaviour import GA_CAPTURES, OURS, SPECIFICATION, Behaviour

CONVERSATION = (
    # --- transcription ---
    Behaviour(
        "transcription-asked", "4.8",
        "Transcription events come only in a session that asked for them.",
        "documented", SPECIFICATION,
        ("tests/server/test_transcripts.py::test_nobody_asked_and_nothing_is_told",),
    ),
    Behaviour(
        "transcription-after-commit", "4.8",
        "`conversation.item.input_audio_transcription.delta` follows the commit, "
        "`conversation.item.input_audio_transcription.completed` comes beside the reply.",
        "documented", f"{SPECIFICATION}; {GA_CAPTURES}",
        (
            "tests/server/test_transcripts.py::test_transcription_runs_beside_the_answer",
            "tests/server/test_transcripts.py::test_turns_have_their_words_in_order",
            "tests/server/test_transcripts.py::test_the_deltas_are_the_transcript",
        ),
        "transcription=after_commit",
    ),
    Behaviour(
        "transcription-during-speech", "4.8",
        "The first deltas come while the user still speaks, under the id of the start; scripted words only.",
        "captured", GA_CAPTURES,
        (
            "tests/server/test_transcripts.py::test_words_may_come_while_the_user_speaks",
            "tests/server/test_transcripts.py::test_a_turn_that_is_dropped_has_no_more_words",
        ),
        "transcription=during_speech",
    ),
    Behaviour(
        "transcription-times", "4.8",
        "250 ms from the commit to the first delta, 20 ms from one to the next.",
        "assumed", OURS,
        ("tests/server/test_transcripts.py::test_how_soon_the_words_come",),
    ),
    Behaviour(
        "transcription-manual", "4.8",
        "A manual commit is transcribed, too.",
        "documented", SPECIFICATION,
        ("tests/server/test_transcripts.py::test_a_manual_commit_is_transcribed",),
    ),
    Behaviour(
        "transcription-failed", "4.8",
        "It may fail: `conversation.item.input_audio_transcription.failed`, apart from `error`.",
        "documented", SPECIFICATION,
        ("tests/server/test_transcripts.py::test_a_transcription_can_fail",),
    ),
    Behaviour(
        "transcription-words", "4.8",
        "The words are the script's, or those of the shipped recordings that are recognised in the turn; others are "
        "empty.",
        "assumed", OURS,
        (
            "tests/server/test_transcripts.py::test_recordings_are_recognised",
            "tests/server/test_chunking.py::test_each_turn_has_its_own_words",
            "tests/server/test_transcripts.py::test_noise_says_nothing",
        ),
    ),
    Behaviour(
        "transcription-usage", "4.8",
        "Its usage is in tokens: one for 100 ms heard, one for each word.",
        "assumed", OURS,
        ("tests/server/test_transcripts.py::test_transcription_runs_beside_the_answer",),
    ),
    Behaviour(
        "transcription-in-item", "4.8",
        "Afterwards the item has its transcript.",
        "inferred", "openai-agents in Python and JavaScript retrieve the item for it",
        ("tests/server/test_transcripts.py::test_the_item_has_its_words_afterwards",),
    ),
    Behaviour(
        "transcription-deleted", "4.8",
        "Of an item that was deleted meanwhile it is still told.",
        "assumed", OURS,
        ("tests/server/test_transcripts.py::test_a_deleted_item_is_still_told",),
    ),
    Behaviour(
        "transcription-settings", "4.8",
        "Its settings are checked and echoed; model and language change nothing.",
        "documented", SPECIFICATION,
        ("tests/server/test_transcripts.py::test_a_wrong_transcription_is_refused",),
    ),
    # --- items ---
    Behaviour(
        "item-ids", "4.9",
        "An item keeps the id that the client gave it, or gets one; its status is `completed`.",
        "documented", SPECIFICATION,
        ("tests/server/test_conversation.py::test_an_item_gets_an_id_or_keeps_its_own",),
    ),
    Behaviour(
        "item-place", "4.9",
        "`previous_item_id`: absent is the end, `root` the beginning, an id the place behind it.",
        "documented", SPECIFICATION,
        (
            "tests/server/test_conversation.py::test_where_an_item_goes",
            "tests/server/test_conversation.py::test_the_order_after_inserting",
        ),
    ),
    Behaviour(
        "item-refused", "4.9",
        "An unknown `previous_item_id`: `item_create_invalid_item_id`; an id used twice: "
        "`item_create_duplicate_item_id`.",
        "assumed", "ours, after the codes of retrieve and delete",
        (
            "tests/server/test_conversation.py::test_an_item_behind_an_unknown_one_is_refused",
            "tests/server/test_conversation.py::test_an_id_can_be_used_once",
        ),
    ),
    Behaviour(
        "item-schema", "4.9",
        "An item must have the fields of its type, and a message the content of its role; other fields are dropped.",
        "documented", SPECIFICATION,
        ("tests/server/test_conversation.py::test_an_item_must_be_one_of_the_schema",),
    ),
    Behaviour(
        "item-vendor-types", "4.9",
        "An item that the vendor's types do not allow is refused.",
        "documented", SPECIFICATION,
        (
            "tests/server/test_conversation.py::test_what_the_vendor_s_types_do_not_allow_is_refused",
            "tests/server/test_conversation.py::test_items_of_mcp_can_be_put_into_the_conversation",
        ),
    ),
    Behaviour(
        "item-nulls", "4.9",
        "A null `id`, `object` or `status` is as good as none; fields of other items are dropped.",
        "assumed", OURS,
        ("tests/server/test_conversation.py::test_fields_of_other_items_are_dropped_and_null_is_as_good_as_nothing",),
    ),
    Behaviour(
        "item-audio", "4.9",
        "The audio that a client puts into an item is told by `conversation.item.retrieved`, not by "
        "`conversation.item.added` and `conversation.item.done`.",
        "documented", SPECIFICATION,
        ("tests/server/test_conversation.py::test_audio_of_an_item_is_told_when_it_is_retrieved_and_not_before",),
    ),
    Behaviour(
        "item-assistant-audio", "4.9",
        "An assistant's audio cannot be created; a transcript without audio can.",
        "documented", f"{SPECIFICATION}, as a limitation; that it is refused is inferred",
        ("tests/server/test_conversation.py::test_an_assistant_s_audio_cannot_be_created",),
    ),
    Behaviour(
        "item-retrieve", "4.9",
        "`conversation.item.retrieve` and `conversation.item.delete` are answered by `conversation.item.retrieved` and "
        "`conversation.item.deleted`.",
        "documented", SPECIFICATION,
        ("tests/server/test_conversation.py::test_retrieve_and_delete",),
    ),
    Behaviour(
        "item-unknown", "4.9",
        "Of an unknown item: `item_retrieve_invalid_item_id`, `item_delete_invalid_item_id`, "
        "`item_truncate_invalid_item_id`; the sentences are ours.",
        "reported", "issues of clients",
        (
            "tests/server/test_conversation.py::test_retrieve_and_delete",
            "tests/server/test_error_table.py::test_a_known_error_comes_from_its_cause",
        ),
    ),
    Behaviour(
        "item-deleted", "4.9",
        "An answer deleted while it is spoken stays deleted; its response still ends.",
        "assumed", OURS,
        (
            "tests/server/test_response.py::test_a_deleted_answer_stays_deleted",
            "tests/server/test_conversation.py::test_a_deleted_item_does_not_come_back",
        ),
    ),
    # --- the script ---
    Behaviour(
        "script", "4.10",
        "There is no model: what is answered is a script, by the number of the response in the conversation, by the "
        "user's words, or the same for all.",
        "assumed", OURS,
        (
            "tests/server/test_script.py::test_answers_by_turn",
            "tests/server/test_script.py::test_a_response_out_of_band_is_no_turn_of_the_script",
            "tests/server/test_script.py::test_a_tool_s_output_is_answered_by_words",
            "tests/server/test_script.py::test_answers_by_what_was_said",
            "tests/server/test_script.py::test_answers_to_a_scripted_transcript",
            "tests/server/test_transcripts.py::test_a_rule_hears_what_was_said",
        ),
    ),
    Behaviour(
        "speech", "4.10",
        "Its speech is a recording, or babble of 350 ms for each word, in the format asked for.",
        "assumed", OURS,
        (
            "tests/server/test_script.py::test_synthesised_speech_has_the_length_of_its_words",
            "tests/server/test_response.py::test_the_deltas_hold_the_whole_utterance",
        ),
    ),
    Behaviour(
        "cut-answers", "4.10",
        "A failed answer says nothing and an incomplete one half of it, unless the script says how much.",
        "assumed", OURS,
        (
            "tests/server/test_script.py::test_a_failure_before_any_output",
            "tests/server/test_script.py::test_a_failure_in_mid_output_closes_what_is_open",
            "tests/server/test_script.py::test_an_incomplete_answer",
        ),
    ),
    Behaviour(
        "empty-answer", "4.10",
        "An answer without anything completes with no output.",
        "assumed", OURS,
        ("tests/server/test_script.py::test_an_answer_without_anything",),
    ),
)  # fmt: skip

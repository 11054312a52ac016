"""The 57 events of the dialect, and the objects that they carry."""

from .behaviour import GA_CAPTURES, GA_PROBES, OURS, RECORDINGS, SPECIFICATION, Behaviour

EVENT_ROWS = (
    # --- from the client ---
    Behaviour(
        "client-events", "2.2",
        "Eleven events are known, with all their fields: `session.update`, `input_audio_buffer.append`, "
        "`input_audio_buffer.commit`, `input_audio_buffer.clear`, `output_audio_buffer.clear`, "
        "`conversation.item.create`, `conversation.item.delete`, `conversation.item.retrieve`, "
        "`conversation.item.truncate`, `response.create`, `response.cancel`.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "event-id", "2.2",
        "Any of them may carry an `event_id`; an `error` that it causes repeats it, or says null.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "unknown-event-field", "2.2",
        "A field that an event does not have is ignored.",
        "assumed", OURS,
    ),
    Behaviour(
        "output-clear", "2.2",
        "`output_audio_buffer.clear` is refused on a WebSocket, as an unknown event is.",
        "inferred", f"{GA_PROBES}: absent from the endpoint's list of supported events",
        events="refused",
    ),
    # --- from the server ---
    Behaviour(
        "server-events", "2.3",
        "All 46 server events are there, with the fields of the vendor's own types.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "scripted-mcp", "2.3",
        "Events of MCP can be sent by a script, but are not simulated: `mcp_list_tools.in_progress`, "
        "`mcp_list_tools.completed`, `mcp_list_tools.failed`, `response.mcp_call.in_progress`, "
        "`response.mcp_call.completed`, `response.mcp_call.failed`, `response.mcp_call_arguments.delta`, "
        "`response.mcp_call_arguments.done`.",
        "documented", SPECIFICATION,
        events="scripted",
    ),
    Behaviour(
        "scripted-telephone", "2.3",
        "Of telephone calls, `input_audio_buffer.dtmf_event_received` can be sent by a script, but is not simulated. "
        "It alone has no `event_id`.",
        "documented", SPECIFICATION,
        events="scripted",
    ),
    Behaviour(
        "scripted-playback", "2.3",
        "Of WebRTC and SIP, `output_audio_buffer.started`, `output_audio_buffer.stopped` and "
        "`output_audio_buffer.cleared` can be sent by a script on a WebSocket, where they never come by themselves.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "scripted-segments", "2.3",
        "Of diarised transcription, `conversation.item.input_audio_transcription.segment` can be sent by a script, but "
        "is not simulated.",
        "documented", SPECIFICATION,
        events="scripted",
    ),
    Behaviour(
        "scripted-item-created", "2.3",
        "`conversation.item.created`, which the GA schema still has, can be sent by a script; a GA session never sends "
        "it.",
        "captured", f"absent from all {GA_CAPTURES}",
        events="scripted",
    ),
    Behaviour(
        "no-response-cancelled", "2.3",
        "There is no `response.cancelled`, which a guide names: `response.done` with status `cancelled` says it.",
        "documented", f"{SPECIFICATION}; absent from every capture",
    ),
    Behaviour(
        "always-done", "2.3",
        "Every `response.created` is followed by exactly one `response.done`, however the response ends; so are its "
        "open parts and items by theirs.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "obfuscation", "2.3",
        "Deltas of text and transcripts carry an `obfuscation`, of which the schema knows only in "
        "`response.mcp_call_arguments.delta`.",
        "captured", GA_CAPTURES,
    ),
    Behaviour(
        "obfuscation-length", "2.3",
        "A delta and its `obfuscation` have a multiple of 16 characters together; deltas of arguments have one, too.",
        "assumed", OURS,
    ),
    Behaviour(
        "no-object", "2.3",
        "Items that the server makes have no `object` field; one that a client gives is kept.",
        "captured", f"{GA_CAPTURES}, in which they often lack it",
    ),
    Behaviour(
        "part-types", "2.3",
        "The part of `response.content_part.added` and `response.content_part.done` is of type `audio` or `text`, "
        "where the item's content says `output_audio` or `output_text`.",
        "documented", f"{SPECIFICATION}; {GA_CAPTURES}",
    ),
    Behaviour(
        "ids", "2.3",
        "Ids are a prefix (`event_`, `item_`, `resp_`, `conv_`, `sess_`) and 21 base62 characters, the first of which "
        "are ordered in time; after `call_` there are 16.",
        "captured", f"{GA_CAPTURES}; {RECORDINGS}",
    ),
    Behaviour(
        "session-object", "2.3",
        "The session of `session.created`: its fields, their order and their defaults.",
        "documented", f"the example in {SPECIFICATION}; {GA_CAPTURES}",
    ),
    Behaviour(
        "response-object", "2.3",
        "The response object: its fields, their order, null for what is not known yet.",
        "documented", f"{SPECIFICATION}, whose example has real ids",
    ),
    Behaviour(
        "status-details", "2.3",
        "A response that did not complete says why: `turn_detected`, `client_cancelled`, `max_output_tokens`, "
        "`content_filter`, or an error.",
        "documented", SPECIFICATION,
    ),
)  # fmt: skip

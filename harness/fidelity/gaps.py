"""What of the service is not modelled and what a client gets instead; and bounds that keep the server small."""

from .behaviour import OURS, Behaviour, Gap

GAPS = (
    Gap(
        "SIP",
        "WebSockets and WebRTC only.",
    ),
    Gap(
        "A model that understands",
        "The script answers; its rules may look at instructions, offered tools and results. Reasoning and prompts are "
        "checked, echoed, and change nothing.",
    ),
    Gap(
        "MCP servers",
        "Tools of type `mcp` are checked and echoed, no server is called; a script can send the events.",
    ),
    Gap(
        "The separate Live API, and translation or transcription over WebRTC",
        "Its events are unknown ones, its paths 404.",
    ),
    Gap(
        "HTTP routes of the service that are not about realtime",
        "404, in its words.",
    ),
    Gap(
        "Noise reduction",
        "Its setting is echoed; what is heard is what was appended.",
    ),
    Gap(
        "Voices and `speed`",
        "Echoed; the script's audio sounds the same.",
    ),
    Gap(
        "The audio of a retrieved item, which is documented",
        "`conversation.item.retrieved` has no audio of what was appended or spoken.",
    ),
    Gap(
        "Images",
        "Stored in items, and otherwise ignored.",
    ),
    Gap(
        "The context window and `truncation`; 16,384 tokens of instructions and tools",
        "No item is ever dropped, nothing is measured.",
    ),
    Gap(
        "`languages` of transcriptions, diarised segments; `prompt` and `keywords`, which some models refuse",
        "These never come by themselves; the settings are echoed.",
    ),
    Gap(
        "Rate limits, quotas, prices",
        "The figures are always the same; failures can be scripted.",
    ),
    Gap(
        "The meaning of what is said, for `semantic_vad`",
        "Every turn is taken for complete, or for unfinished: `semantic_end`.",
    ),
    Gap(
        "A service that drops TCP without answering a Close, as livekit/agents #6336 reports",
        "A Close is answered.",
    ),
    Gap(
        "What the service does with a client that does not read",
        "It is not read from, and cut after 40 s.",
    ),
    Gap(
        "The beta's events, and so those of Azure's preview",
        "Only GA events; those of Azure's GA on both of its paths.",
    ),
)  # fmt: skip

LIMIT_ROWS = (
    Behaviour(
        "largest-message", "5",
        "A message above 40 MiB closes with 1009: room to refuse 20 MiB of audio in words.",
        "assumed", OURS,
    ),
    Behaviour(
        "shared-memory", "5",
        "Messages of all clients, their large items and what they do not read share 192 MiB; beyond that, Close 1013.",
        "assumed", OURS,
    ),
    Behaviour(
        "slow-reader", "5",
        "While a client does not read, it is not read from; after 40 s without a byte it is cut.",
        "assumed", OURS,
    ),
    Behaviour(
        "unanswered-close", "5",
        "A client that does not answer a Close within 10 s is cut.",
        "assumed", OURS,
    ),
    Behaviour(
        "most-items", "5",
        "A client can create no more items once the conversation holds 10,000, or 64 MiB of what it has created: "
        "`conversation_full`.",
        "assumed", OURS,
    ),
    Behaviour(
        "longest-id", "5",
        "The id of an item has 1 to 512 characters.",
        "assumed", OURS,
    ),
    Behaviour(
        "most-parallel", "5",
        "64 responses at a time out of band: `too_many_active_responses`.",
        "assumed", OURS,
    ),
)  # fmt: skip

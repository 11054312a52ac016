"""What of the service is not modelled, and what a client meets instead."""

from harness.server.fidelity.behaviour import Gap

GAPS = (
    Gap(
        "WebRTC and SIP, with the truncation that the server does there by itself",
        "WebSockets only; their events can be said by a script.",
    ),
    Gap(
        "A model that understands",
        "The script answers. Instructions, tools, temperature, reasoning and prompts are checked, echoed, and change "
        "nothing.",
    ),
    Gap(
        "MCP servers",
        "Tools of type `mcp` are checked and echoed, nobody is called; the events can be said by a script.",
    ),
    Gap(
        "Transcription-only sessions",
        "An update of that type is refused; `intent=transcription` in the URL is passed over.",
    ),
    Gap(
        "Transcription models that take no turn detection",
        "`turn_detection` stays as it is, whatever model transcribes.",
    ),
    Gap(
        "Translation sessions and the separate Live API",
        "Their events are unknown ones, their paths 404.",
    ),
    Gap(
        "Attaching to a call by `call_id`",
        "The parameter is passed over, so such a dial is refused with `missing_model`.",
    ),
    Gap(
        "Client secrets and the other HTTP endpoints",
        "404; any key is good, or those that are named.",
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
        "Taken into items, not looked at.",
    ),
    Gap(
        "The context window and `truncation`; 16,384 tokens of instructions and tools",
        "No item is ever dropped, nothing is measured.",
    ),
    Gap(
        "`logprobs` and `languages` of transcriptions, diarised segments",
        "`include` is echoed; these never come by themselves.",
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
        "Azure's dialects",
        "The beta dialect comes near.",
    ),
    Gap(
        "The `phase` of an item (commentary, final answer)",
        "Never said.",
    ),
)  # fmt: skip

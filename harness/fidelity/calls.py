"""What is different over WebRTC: the output buffer, and a microphone that is a media track."""

from .behaviour import BETA_CAPTURES, GUIDES, OURS, SPECIFICATION, Behaviour

CALL_ROWS = (
    Behaviour(
        "call-no-audio-events", "4.13",
        "`response.output_audio.delta` is not sent, `response.output_audio.done` is: the audio goes out as media.",
        "reported", "the sources of the vendor's and other clients",
    ),
    Behaviour(
        "call-buffer-events", "4.13",
        "`output_audio_buffer.started` comes when audio begins to go out, after `response.content_part.added`; "
        "`output_audio_buffer.stopped` when the buffer has drained, after `response.done`.",
        "documented", f"{SPECIFICATION}; the buffer sends 20 ms at a time, which is the codec's",
    ),
    Behaviour(
        "call-server-truncates", "4.13",
        "Speech while audio goes out, be it generated or not: `input_audio_buffer.speech_started`, "
        "`output_audio_buffer.cleared`, `conversation.item.truncated` at what went out, by the server itself.",
        "captured", f"{BETA_CAPTURES}; {GUIDES}; that they come before a cancelled response is closed is assumed",
    ),
    Behaviour(
        "call-no-interruption", "4.13",
        "With `interrupt_response` off, speech leaves the buffer as it is.",
        "inferred", SPECIFICATION,
    ),
    Behaviour(
        "call-clear", "4.13",
        "`output_audio_buffer.clear` cuts the audio off: `output_audio_buffer.cleared`. That the server truncates the "
        "item as well, and drops what is generated later of that response, is assumed; nothing in the buffer: no "
        "answer, assumed too.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "call-cancel-alone", "4.13",
        "After `response.cancel` alone, what is in the buffer goes out.",
        "documented", f"{SPECIFICATION} asks for `output_audio_buffer.clear` behind it",
    ),
    Behaviour(
        "call-gap-silence", "4.13",
        "While no packets of the microphone arrive, silence is heard, and so a turn ends.",
        "inferred", f"{GUIDES}, loosely: `input_audio_buffer.speech_stopped` comes when the local audio stops",
        "rtp_gap=silence",
    ),
    Behaviour(
        "call-gap-standing", "4.13",
        "While no packets of the microphone arrive, nothing is heard: the voice clock stands still.",
        "assumed", "two open-source servers, pipecat #4124 and #5230",
        "rtp_gap=standing",
    ),
    Behaviour(
        "call-idle-silence", "4.13",
        "While nothing plays, packets of silence are sent.",
        "assumed", OURS,
        "idle_rtp=silence",
    ),
    Behaviour(
        "call-idle-nothing", "4.13",
        "While nothing plays, no packets are sent.",
        "assumed", OURS,
        "idle_rtp=nothing",
    ),
    Behaviour(
        "call-channel-closed", "4.13",
        "When the data channel alone is closed, the call goes on without events.",
        "assumed", "ours; browsers leave the media running",
        "data_channel_closed=goes_on",
    ),
    Behaviour(
        "call-channel-ends", "4.13",
        "When the data channel alone is closed, the call ends.",
        "assumed", OURS,
        "data_channel_closed=ends_call",
    ),
    Behaviour(
        "call-format", "4.13",
        "A call has one codec, Opus; a session format other than PCM changes what is heard as that format would.",
        "assumed", OURS,
    ),
)  # fmt: skip

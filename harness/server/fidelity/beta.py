"""The beta dialect: what becomes of those who ask for it, and how it differs."""

from harness.server.fidelity.behaviour import BETA_CAPTURES, GA_PROBES, OURS, SPECIFICATION, Behaviour

BETA = (
    Behaviour(
        "sunset", "2.4",
        "A client that asks for the beta by header gets `beta_api_shape_disabled` and Close 4000 (`--dialect sunset`, "
        "the default).",
        "captured", f"{GA_PROBES}, two sources",
        (
            "tests/live/test_admission.py::test_refused",
            "tests/live/test_admission.py::test_sentence_of_the_beta_is_the_captured_one",
            "tests/live/test_server.py::TestAdmission::test_beta",
        ),
    ),
    Behaviour(
        "dialects", "2.4",
        "Or it gets beta events (`--dialect beta`), as Azure and old services give them, or GA ones (`--dialect ga`).",
        "assumed", OURS,
        (
            "tests/live/test_admission.py::TestDialects::test_beta_to_those_who_ask",
            "tests/live/test_admission.py::TestDialects::test_ga_to_everybody",
        ),
    ),
    Behaviour(
        "beta-asked", "2.4",
        "The header `OpenAI-Beta: realtime=v1`, or the subprotocol `openai-beta.realtime-v1`, asks for it.",
        "documented", "Realtime guides of the beta",
        (
            "tests/live/test_admission.py::TestDialects::test_header_is_a_list",
            "tests/live/test_admission.py::TestDialects::test_beta_to_those_who_ask",
        ),
    ),
    Behaviour(
        "beta-client-events", "2.4",
        "It takes the GA's eleven events, and `transcription_session.update`.",
        "documented", SPECIFICATION,
        ("tests/protocol/test_beta.py::test_the_twelve_client_events",),
    ),
    Behaviour(
        "beta-server-events", "2.4",
        "It has 34 server events: `response.audio.delta`, `response.audio_transcript.delta`, `response.text.delta` and "
        "their `done` in place of the `output_` ones, `conversation.item.created` in place of added and done; none of "
        "MCP, DTMF, segments and idle timeouts.",
        "documented", SPECIFICATION,
        (
            "tests/protocol/test_beta.py::test_every_ga_server_event_is_one_of_the_beta_or_is_left_out",
            "tests/protocol/test_beta_requests.py::test_events_that_only_the_ga_has_are_not_sent",
        ),
    ),
    Behaviour(
        "beta-session", "2.4",
        "The flat session: its fields and their order, `alloy`, temperature 0.8, modalities audio and text.",
        "captured", f"{BETA_CAPTURES}",
        ("tests/protocol/test_beta.py::test_a_new_session_as_captured",),
    ),
    Behaviour(
        "beta-fields", "2.4",
        "Its fields and formats (`pcm16`, `g711_ulaw`, `g711_alaw`) are translated both ways, in sessions and "
        "responses.",
        "documented", SPECIFICATION,
        (
            "tests/protocol/test_beta.py::test_the_session_shows_what_was_asked_for",
            "tests/protocol/test_beta_requests.py::test_a_response_of_its_own_making",
        ),
    ),
    Behaviour(
        "beta-content", "2.4",
        "What the assistant says is content of type `audio` or `text`; items say `object`.",
        "documented", SPECIFICATION,
        (
            "tests/protocol/test_beta_requests.py::test_what_the_assistant_said_is_written_as_text",
            "tests/protocol/test_beta.py::test_the_order_of_a_spoken_turn",
        ),
    ),
    Behaviour(
        "beta-temperature", "2.4",
        "A temperature from 0.6 to 1.2 is remembered and echoed; it has no effect.",
        "documented", SPECIFICATION,
        (
            "tests/protocol/test_beta.py::test_a_wrong_update_is_refused_with_the_paths_of_the_beta",
            "tests/protocol/test_beta_requests.py::test_a_refused_response_leaves_no_temperature_behind",
        ),
    ),
    Behaviour(
        "beta-modalities", "2.4",
        "Modalities are text, or audio and text; audio alone is refused.",
        "reported", "issues of beta clients; the text verbatim",
        ("tests/protocol/test_beta.py::test_modalities_are_text_or_both",),
    ),
    Behaviour(
        "beta-paths", "2.4",
        "Errors name fields as the beta client wrote them; GA names are unknown to it.",
        "inferred", f"{SPECIFICATION}",
        (
            "tests/protocol/test_beta.py::test_a_wrong_update_is_refused_with_the_paths_of_the_beta",
            "tests/protocol/test_beta_requests.py::test_contents_of_the_ga_are_refused",
            "tests/protocol/test_beta_requests.py::test_an_unknown_type_gets_the_events_of_the_beta",
        ),
    ),
    Behaviour(
        "beta-transcription-session", "2.4",
        "`transcription_session.update` is refused in a session that speaks, as the GA refuses its counterpart.",
        "inferred", f"{GA_PROBES}, of the GA",
        ("tests/protocol/test_beta.py::test_a_transcription_session_is_not_one_of_speech",),
    ),
    Behaviour(
        "beta-turn", "3.2",
        "The order of a spoken turn: as in the GA, but one `conversation.item.created` for each item, and "
        "`rate_limits.updated`, with requests and tokens, behind `response.created`.",
        "captured", BETA_CAPTURES,
        (
            "tests/protocol/test_beta.py::test_the_order_of_a_spoken_turn",
            "tests/live/test_openai_sdk_beta.py::test_a_beta_client_holds_a_spoken_turn_and_is_told_its_own_words",
        ),
    ),
)  # fmt: skip

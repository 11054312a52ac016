"""Correct clients of other designs hold on the whole pack, and no run is vacuous, but for the exceptions below.

Each scenario is played with one design, in turn; ``pytest --all-designs tests/zoo/test_pack.py`` plays it with all.
"""

from dataclasses import dataclass

import pytest

import stillthere
from harness.scenario import load, shipped_scenarios

from . import DESIGNS

CLIENTS = {client.rpartition(":")[2]: client for client in (*DESIGNS, "push_to_talk")}
PACK = {path.stem: path for path in shipped_scenarios() if load(path).transport == "websocket"}
"""These designs take the assistant's audio from events, of which a call has none."""


@dataclass(frozen=True)
class Other:
    """What happens instead, and why that is no mistake."""

    verdict: str
    """Its text, or only its name."""
    because: str
    clients: frozenset[str] = frozenset(CLIENTS)


NO_DETECTION = frozenset({"PushToTalk", "ClientSideDetection", "push_to_talk"})
ASKS = NO_DETECTION | {"CreatesItsReplies"}
OWN_EAR = frozenset(CLIENTS) - {"PushToTalk", "push_to_talk"}
"""Only the energy of the microphone tells these clients that the user spoke."""
DETECTED = frozenset(CLIENTS) - NO_DETECTION

KNOCKED_LATE = frozenset({"PushToTalk", "push_to_talk", "CreatesItsReplies", "BuffersTheUplink"})

WAITS_FOR_DETECTION = Other("vacuous", "The scenario waits for an event of the server's turn detection.", NO_DETECTION)
TOO_SLOW = Other("failed", "The scenario asks for a reconnect sooner than 8 s.", frozenset({"WaitsEightSeconds"}))
DEAD_CAPTURE = Other(
    "failed: capture_dead",
    "The capture stays near silent, and the client only knows digital silence.",
    OWN_EAR | {"PushToTalk"},
)
NOISE_FOR_A_VOICE = Other(
    "failed", "The capture delivers loud noise until it is reopened, which the client takes for a voice.", OWN_EAR
)
NEVER_AUDIBLE = Other("failed", "The server itself sends no audible answer, in any session.")
NEVER_GREETS = Other("vacuous", "The scenario needs a client that greets.")
EXCEPTIONS: dict[str, tuple[Other, ...]] = {
    **dict.fromkeys(
        (
            "crowded_room", "endless_typing_holds_the_turn", "frozen_audio_clock", "interrupted_context",
            "keyboard_in_assistant_tail", "mute_mid_speech", "short_false_starts_in_a_row", "silero_v4_flapping",
            "vad_held_then_cleared", "no_packets_in_silence", "one_packet_every_five_seconds",
        ),
        (WAITS_FOR_DETECTION,),
    ),
    **dict.fromkeys(
        (
            "closed_without_a_code", "closed_without_a_code_in_mid_answer", "electron_sleep",
            "going_away_while_answering", "hang_up_during_playback", "page_frozen_loses_socket",
        ),
        (TOO_SLOW,),
    ),
    **dict.fromkeys(("bluetooth_headset_switch", "reported_freeze", "second_microphone"), (DEAD_CAPTURE,)),
    **dict.fromkeys(("odd_byte", "wrong_audio_format"), (NOISE_FOR_A_VOICE,)),
    **dict.fromkeys(("nearly_silent_replies", "silent_replies"), (NEVER_AUDIBLE,)),
    **dict.fromkeys(("greeting_heard_by_its_own_microphone", "said_over_the_greeting"), (NEVER_GREETS,)),
    "burst_after_tunnel": (
        Other("failed", "The audio arrives after the button was released.", NO_DETECTION - {"ClientSideDetection"}),
    ),
    "busy_after_interruption": (
        Other("vacuous", "Without detection nobody interrupts the answer, so it ends.", NO_DETECTION),
    ),
    "clipped_voice": (
        Other("failed", "An ear for energy hears no pause in it.", frozenset({"ClientSideDetection"})),
    ),
    "closed_in_mid_speech": (WAITS_FOR_DETECTION, TOO_SLOW),
    "cough_after_user_turn": (
        Other("vacuous", "The knock comes too late to interrupt a response.", KNOCKED_LATE),
    ),
    "echo_interrupts_the_assistant": (
        Other("vacuous", "Echo interrupts nobody who has a button.", NO_DETECTION - {"ClientSideDetection"}),
    ),
    "gate_closed_by_echo": (Other("vacuous", "The scenario is about a client with a gate."),),
    "interrupted_call_mutes_the_session": (
        Other("vacuous", "The client gives the result of each call.", frozenset(CLIENTS) - {"push_to_talk"}),
    ),
    "muted_softly_silero_v4": (
        WAITS_FOR_DETECTION,
        Other(
            "failed: one_capture",
            "It sends the words that were not heard again on the same connection, in pieces that look like a capture.",
            frozenset({"BuffersTheUplink"}),
        ),
    ),
    "output_format_ignored": (
        Other("vacuous", "The scenario asks for an answer sooner than 8 s.", frozenset({"WaitsEightSeconds"})),
    ),
    "refusal_after_the_done": (
        Other(
            "failed", "The client does not expect a refusal that comes so late, and does not ask again.",
            frozenset(CLIENTS) - {"PromptsIdleUsers"},
        ),
    ),
    "stale_level": (
        Other("vacuous", WAITS_FOR_DETECTION.because, NO_DETECTION),
        Other("failed", NOISE_FOR_A_VOICE.because, DETECTED),
    ),
    "static_hum_above_threshold": (
        Other("vacuous", WAITS_FOR_DETECTION.because, NO_DETECTION),
        Other("failed", "A hum above the threshold needs a gate, or another threshold.", DETECTED),
    ),
    "telephone_formats_lost": (
        Other("failed", "The scenario asks for an answer sooner than 8 s.", frozenset({"WaitsEightSeconds"})),
    ),
    "tool_results_never_answered": (
        Other("failed: turn_lost", "Only a new session answers, and the client keeps the one it has.", DETECTED - ASKS),
    ),
    "turn_detection_shown_off_and_on": (
        Other(
            "failed: one_answer", "The session takes turns although the client has switched that off.",
            frozenset({"PushToTalk", "ClientSideDetection"}),
        ),
    ),
    "turn_during_uninterruptible_answer": (
        Other("vacuous", "The client itself asks for the response.", NO_DETECTION),
        Other("failed", "The client does not know that speech does not interrupt.", DETECTED - ASKS),
    ),
    "turn_without_response": (Other("vacuous", "The client itself asks for the response.", ASKS),),
}  # fmt: skip
"""By scenario: what it demands that a correct client need not do."""


def expected(scenario: str, client: str) -> str:
    """The verdict on a run."""
    return next((other.verdict for other in EXCEPTIONS.get(scenario, ()) if client in other.clients), "held")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One client for each scenario, or all of them."""
    if "scenario" in metafunc.fixturenames:
        names, everything = list(CLIENTS), metafunc.config.getoption("all_designs")
        pairs = [
            (scenario, client)
            for number, scenario in enumerate(PACK)
            for client in (names if everything else [names[number % len(names)]])
        ]
        metafunc.parametrize(("scenario", "client"), pairs)


@pytest.mark.slow
def test_a_correct_client_holds(scenario: str, client: str) -> None:
    played = load(PACK[scenario])
    verdict = stillthere.judge(stillthere.play(played, CLIENTS[client]).journal, played)
    assert expected(scenario, client) in (verdict.name, str(verdict)), verdict.findings


def test_exceptions_are_of_scenarios_and_clients_that_exist() -> None:
    assert set(EXCEPTIONS) <= set(PACK)
    for scenario, others in EXCEPTIONS.items():
        clients = [client for other in others for client in other.clients]
        assert set(clients) <= set(CLIENTS) and len(set(clients)) == len(clients), scenario
        assert all(other.because.endswith(".") and other.verdict != "held" for other in others), scenario

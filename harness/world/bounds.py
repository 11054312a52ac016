"""How soon an utterance must be answered while nothing is faulty."""

from ..scenario.model import Reply, Scenario
from ..server.models import model_of
from ..units import MS, SECOND
from .speaker import HEARD_US

LEAST_US = 12 * SECOND
"""No answer is late before this: a client may take a few seconds for a tool, or to connect again."""
HONEST_TIMES = 4
"""An answer is late after this many times the honest answer time."""
_SEMANTIC_US = 4 * SECOND
"""The longest that semantic turn detection is taken to wait."""


def answer_within_us(scenario: Scenario) -> int:
    """The time from the end of an utterance in which its answer must be heard, in microseconds.

    As the scenario says with ``answer within``; else four times the honest answer time, at least 12 s.
    """
    if scenario.answer_within_us is not None:
        return scenario.answer_within_us
    return max(LEAST_US, HONEST_TIMES * honest_answer_us(scenario))


def honest_answer_us(scenario: Scenario) -> int:
    """How long the slowest answer of a scenario's server takes if nothing is wrong: until it has been heard."""
    replies = [scenario.server.reply, *(rule.reply for rule in scenario.server.replies)]
    slowest = max(map(_until_heard_us, replies))
    tools = max((_until_heard_us(reply) for reply in replies if reply.calls), default=0)
    round_trips = 4 if tools else 2
    network_us = round_trips * (scenario.latency_us + scenario.jitter_us)
    return _silence_us(scenario) + slowest + tools + network_us


def _until_heard_us(reply: Reply) -> int:
    return reply.created_after_us + reply.latency_us + round(HEARD_US / min(1.0, reply.pace))


def _silence_us(scenario: Scenario) -> int:
    """The silence that ends a turn."""
    detection = {**scenario.server.turn_detection, **scenario.client}
    if detection.get("type") == "semantic_vad":
        return _SEMANTIC_US
    chosen_ms = detection.get("silence_duration_ms")
    return int(model_of(scenario.server.model).silence_duration_ms if chosen_ms is None else chosen_ms) * MS

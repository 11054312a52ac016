"""Scenarios in Python. The builder can express everything that a scenario file can.

::

    from stillthere.builder import ScenarioBuilder, answer, inject, s, say

    scenario = (
        ScenarioBuilder("A dead line")
        .at(2 * s, say("speech_en_f_arctic_a0009"), label="asked")
        .at(10 * s, inject("half-open"))
        .expect(answer.after("asked").within(6 * s))
        .build()
    )
"""

from ._lazy import check_not_shadowed

check_not_shadowed()

from harness.scenario import build as _source
from harness.scenario.build import *
from harness.scenario.model import Call, Reply, ReplyRule, ServerSetup
from harness.server.asked import ResultPattern
from harness.server.policy import ServerPolicy

__all__: list[str] = ["Call", "Reply", "ReplyRule", "ResultPattern", "ServerPolicy", "ServerSetup"]
__all__ += _source.__all__

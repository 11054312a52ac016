"""The verdict on a case in virtual time, and over aiortc."""

from harness.verdict.judge import judge
from harness.world.play import staged

from .cases import Case
from .jumping import run
from .real_call import play_over_aiortc
from .results import Verdicts


def compare(case: Case) -> Verdicts:
    """Play it both ways."""
    verdicts = []
    for real in (False, True):
        prepared = staged(case.scenario(), case.client, transport="webrtc")
        if real:
            run(play_over_aiortc(prepared))
        else:
            prepared.run()
        verdicts.append(str(judge(prepared.world.journal, prepared.scenario)))
    return Verdicts(case.name, case.client, *verdicts)

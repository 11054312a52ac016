"""The server closes the connection with a code of its choice, while the client is in the midst of something."""

from dataclasses import dataclass

from harness.faults.parameters import CLOSE_CODE, REASON, parameter
from harness.faults.seams import WireFault


@dataclass(frozen=True, slots=True)
class Closed(WireFault):
    """The server closes the connection with a code and a reason."""

    name = "closed"
    actor = "server"
    reports = ("community 1163317", "community 1082530")
    causes = ("client_waiting",)
    kills = True

    code: int = parameter(1000, CLOSE_CODE, "The code of the Close.")
    reason: str = parameter("", REASON, "The text that goes with it.")

    @property
    def close_code(self) -> int:
        return self.code

    @property
    def close_reason(self) -> str:
        return self.reason

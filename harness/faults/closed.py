"""The server closes the connection with any code, at any time."""

from dataclasses import dataclass

from .parameters import CLOSE_CODE, REASON, parameter
from .seams import WireFault


@dataclass(frozen=True, slots=True)
class ClosedByServer(WireFault):
    """The server closes the connection with a code and a reason."""

    name = "closed"
    actor = "server"
    reports = ("community 1163317", "community 1082530")
    causes = ("client_waiting",)
    kills = True

    code: int = parameter(1000, CLOSE_CODE, "The code of the Close frame.")
    reason: str = parameter("", REASON, "The reason of the Close.")

    @property
    def close_code(self) -> int:
        return self.code

    @property
    def close_reason(self) -> str:
        return self.reason

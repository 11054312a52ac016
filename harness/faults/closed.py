"""The server closes the connection with any code, or with none, at any time."""

from dataclasses import dataclass

from ..errors import SettingError
from .parameters import CLOSE_CODE, NO_CODE, REASON, parameter
from .seams import WireFault


@dataclass(frozen=True, slots=True)
class ClosedByServer(WireFault):
    """The server closes the connection with a code and a reason."""

    name = "closed"
    actor = "server"
    reports = ("community 1163317", "community 1082530", "community 1365511")
    causes = ("client_waiting",)
    transports = ("websocket",)
    kills = True

    code: int = parameter(1000, CLOSE_CODE, "The code of the Close frame; 1005: it has none.")
    reason: str = parameter("", REASON, "The reason of the Close.")

    def __post_init__(self) -> None:
        if self.code == NO_CODE and self.reason:
            raise SettingError(
                f"a Close without a code (1005) has no reason either (got {self.reason!r}); leave 'reason' out, or "
                "choose another code"
            )

    @property
    def close_code(self) -> int:
        return self.code

    @property
    def close_reason(self) -> str:
        return self.reason

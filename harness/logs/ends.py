"""How the connection of a log ended, and whether the client came back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..causes import Cause
from .answer import LogDiagnosis, Suspect
from .conversation import SeenSession
from .logged import LoggedClose, LoggedSession

_NORMAL = (1000, 1001, 1005, None)


def session_without_events(seen: SeenSession) -> LogDiagnosis | None:
    """A session in which the server said nothing at all."""
    told = list(seen.of_server())
    if told and all(each.type == "error" for each in told) and not seen.uplink.pieces:
        error = told[-1].event.get("error")
        code = error.get("code") or error.get("type") if isinstance(error, Mapping) else None
        if not code:
            return None
        said = f"no session was created: the server answered with an error ({code}; {seen.words(told[-1])})"
        return LogDiagnosis("silent", (said,), (Suspect("unreachable", "likely", said),), since_us=told[-1].t)
    if told:
        return None
    if not seen.marks:
        said = "a connection was opened, and nothing came on it"
        return LogDiagnosis("silent", (said,), (Suspect("unreachable", "possible", "no session was created"),))
    said = "the log holds no event of the server; either none came, or they were not logged"
    suspects = tuple(Suspect(cause, "possible", said) for cause in ("server_mute", "half_open", "unreachable"))
    return LogDiagnosis("unknown", (said,), suspects, since_us=seen.times[0] if seen.has_times else None)


def not_come_back(seen: SeenSession, later: Sequence[LoggedSession], found: LogDiagnosis) -> LogDiagnosis | None:
    """The connection ended, and the log shows no other with a session; None if it did not, or the end was in order."""
    close = seen.session.close
    came_back = [each for each in later if any(not one.by_client for one in each.events)]
    silent = [each for each in later if each.close is None and all(one.by_client for one in each.events)]
    if came_back or (close is None and not silent):
        return None
    if close is None:
        close = LoggedClose(None, None)
    at = f" at {seen.at(close.t)}" if close.t is not None and seen.has_times else ""
    code = f" with {close.code}" if close.code is not None else ""
    reason = f" ({close.reason})" if close.reason else ""
    by = "the client closed the connection" if close.by_client else "the connection ended"
    said = f"{by}{at}{code}{reason}, and no other session followed in the log"
    if close.by_client:
        if found.state != "silent":
            return replace(found, evidence=(*found.evidence, said))
        left = Suspect("client_left", "likely", said)
        return replace(found, evidence=(*found.evidence, said), suspects=(left, *found.suspects[:2]))
    if silent:
        at_us = silent[-1].opened_us
        since = f"a connection was opened{f' at {seen.at(at_us)}' if at_us is not None else ''}, and nothing came on it"
        causes: tuple[Cause, ...] = ("half_open", "server_mute", "unreachable")
        suspects = tuple(Suspect(cause, "possible", since) for cause in causes)
        return LogDiagnosis("silent", (*found.evidence, said, since), suspects, since_us=at_us)
    waits = Suspect("client_waiting", "likely", "the client does not dial, as far as the log shows")
    tried = Suspect("unreachable", "likely" if later else "possible", "dials that fail are not in such a log")
    gone = (tried, waits) if later else (waits, tried)
    if found.state == "silent" and found.suspects and found.since_us is not None and close.t is not None:
        return replace(found, evidence=(*found.evidence, said), suspects=(*gone[:1], *found.suspects[:2]))
    if close.code in _NORMAL and found.state != "silent" and not _has_expired(seen, close):
        return replace(found, evidence=(*found.evidence, said))
    return LogDiagnosis("silent", (*found.evidence, said), gone, since_us=close.t if seen.has_times else None)


def _has_expired(seen: SeenSession, close: LoggedClose) -> bool:
    """Whether the service ended the session because it had lasted for its longest time."""
    errors = (each.event.get("error") for each in seen.of_server() if each.type == "error")
    codes = {str(error.get("code")) for error in errors if isinstance(error, Mapping)}
    return "session_expired" in codes or "maximum duration" in close.reason

"""What a connection looks like from outside, at this moment."""

from harness.audio.formats import FORMATS
from harness.live.connection import Connection
from harness.live.controlled import SessionView, TurnState
from harness.live.refused import Refused
from harness.server.session import Session
from harness.units import SECOND
from harness.vad.turn import State


def session_view(connection: Connection, opened_at: float, peer: str) -> SessionView:
    """A connection with a session."""
    session = connection.session
    response = session.response
    detection = session.config.turn_detection
    code, reason = connection.ending or (None, "")
    echo = session.config.echo
    output_format = FORMATS[echo["audio"]["output"]["format"]["type"]]
    return SessionView(
        number=connection.number,
        id=echo["id"],
        model=echo["model"],
        dialect=connection.dialect.name,
        state="open" if connection.ending is None else "closed",
        opened_at=opened_at,
        open_s=connection.open_us / SECOND,
        turn_detection=None if detection is None else detection["type"],
        turn=_turn(session),
        response_id=None if response is None or connection.ending is not None else response.id,
        audio_in_s=connection.record.heard_us / SECOND,
        audio_out_s=output_format.duration_us(connection.audio_out_bytes) / SECOND,
        events_in=connection.events_in,
        events_out=connection.events_out,
        faults=tuple(struck.fault.name for struck in connection.faults),
        peer=peer,
        close_code=code,
        close_reason=reason,
        entries=connection.record.count,
    )


def refused_view(refused: Refused, opened_at: float, peer: str) -> SessionView:
    """A connection that got no session."""
    code, reason = refused.ending or (None, "")
    return SessionView(
        number=refused.number,
        id="",
        model=refused.dial.model or "",
        dialect="beta" if refused.dial.asks_for_beta else "ga",
        state="open" if refused.ending is None else "closed",
        opened_at=opened_at,
        open_s=0.0,
        turn_detection=None,
        turn="off",
        response_id=None,
        audio_in_s=0.0,
        audio_out_s=0.0,
        events_in=0,
        events_out=1,
        faults=(),
        peer=peer,
        close_code=code,
        close_reason=reason,
        entries=refused.record.count,
    )


def _turn(session: Session) -> TurnState:
    turn = session.hearing.turn
    if not session.hearing.listening:
        return "off"
    if turn.state is State.WEDGED:
        return "wedged"
    return "speaking" if turn.speaking else "idle"

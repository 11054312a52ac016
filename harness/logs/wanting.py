"""What a log does not show: the causes that stay possible for that, and what to log next time."""

from ..causes import Cause
from .answer import LogDiagnosis, Suspect
from .conversation import SeenSession

_UNSEEN: tuple[tuple[Cause, str], ...] = (
    ("capture_dead", "the microphone may deliver nothing"),
    ("half_open", "the connection may be dead"),
    ("server_mute", "events of the server may not arrive"),
    ("gate_closed", "the client's gate may remove the voice"),
    ("vad_deaf", "the server may not notice the voice"),
    ("audio_garbled", "what is sent may be no voice"),
    ("uplink_late", "the audio may arrive late"),
    ("events_lost", "single events may be lost"),
)
"""The first three are those that are reported most, and look the same."""
_FROZEN: tuple[tuple[Cause, str], ...] = (
    ("clock_frozen", "the client may have stopped appending"),
    ("capture_graph_collected", "in a page, a collected audio graph looks the same"),
)


def quiet_suspects(seen: SeenSession, kind: str) -> tuple[Suspect, ...]:
    """If the user did speak after the last answer: what fits a tail of this kind; ``unseen`` if the log has none."""
    if kind == "zeros":
        muted = "exact zeros, where there was a room before; a mute button looks the same"
        return (Suspect("gate_closed", "likely", muted), Suspect("capture_dead", "likely", muted))
    if kind == "hushed":
        why = "next to nothing is left of the room that was heard before"
        return (Suspect("capture_dead", "likely", why), Suspect("gate_closed", "possible", "a gate may do it too"))
    if kind == "repeated":
        why = "a microphone does not deliver the same samples twice"
        return (Suspect("audio_garbled", "likely", why), Suspect("capture_dead", "likely", why))
    if kind == "usual zeros":
        why = "this client sends zeros while the user is silent; a voice that does not pass looks the same"
        return (Suspect("gate_closed", "possible", why), Suspect("capture_dead", "possible", why))
    if kind == "faint":
        why = "so little is a quiet room or a dead microphone"
        return (Suspect("capture_dead", "possible", why), Suspect("gate_closed", "possible", why))
    if kind == "sound":
        why = "there is sound in which no detector hears a voice"
        endless = "sound that does not end holds any turn detection"
        return (
            Suspect("audio_garbled", "possible", why),
            Suspect("endless_sound", "possible", endless),
            Suspect("capture_dead", "possible", "the voice may be missing from the sound"),
        )
    found = [*_UNSEEN]
    if not seen.uplink.pieces:
        found += _FROZEN
    if not seen.settings.detection_is_known or seen.settings.detection is None:
        found.append(("client_waiting", "without turn detection the client is to commit, and may not have"))
    return tuple(Suspect(cause, "possible", why) for cause, why in found)


def playback(seen: SeenSession) -> tuple[Suspect, ...]:
    """What may have become of an answer after it arrived: no log of events shows what was played."""
    last = seen.responses[-1] if seen.responses else None
    if last is not None and last.out_ended is not None:
        return ()
    marks = [each for each in seen.session.telephone if each.kind == "mark"]
    played = [each for each in marks if each.by_twilio]
    if last is not None and marks:
        if played and (played[-1].t or 0) >= (last.first.t if seen.has_times else 0):
            return ()
        sent = f"the app sent a mark behind the answer ({marks[-1].place}), and Twilio did not return it"
        return (Suspect("playback_suspended", "likely", sent),)
    why = "the log does not show what was played"
    if last is not None and last.out_began is not None:
        why = f"output_audio_buffer.started came ({seen.words(last.out_began)}), and nothing says that it ended"
        return (Suspect("playback_suspended", "likely", why),)
    found: tuple[Cause, ...] = ("playback_suspended", "output_muted", "reply_garbled")
    return tuple(Suspect(cause, "possible", why) for cause in found)


def beyond(seen: SeenSession) -> tuple[Suspect, ...]:
    """What may have come after the last message of the log, if the session went on: nothing was appended any more."""
    if seen.session.close is not None or not seen.uplink.pieces:
        return ()
    why = f"if the session went on after {seen.words(seen.marks[-1])}, nothing was appended any more"
    return tuple(Suspect(cause, "possible", why) for cause, _ in _FROZEN)


def what_to_log(seen: SeenSession | None, found: LogDiagnosis | None = None) -> tuple[str, ...]:
    """What would leave less open, one sentence each."""
    if seen is None or found is None:
        return ("log every message of the WebSocket in both directions, with its time",)
    wants: list[str] = []
    if not any(each.t is not None for each in seen.session.events):
        wants.append("log the time of each event")
    if not seen.uplink.pieces:
        wants.append("log input_audio_buffer.append events: without them a freeze looks like a quiet user")
    elif not seen.uplink.has_audio:
        wants.append(
            "log the audio of the appends, or the peak and RMS of each: they tell a dead microphone and a gate"
        )
    if seen.responses and not any(each.audible_ms is not None for each in seen.responses):
        wants.append("log the audio of the deltas, or its level: it tells a silent answer from an audible one")
    causes = set(found.causes)
    if {"server_mute", "half_open"} <= causes:
        wants.append("send a WebSocket ping every few seconds and log the pongs and the close code: they tell a dead "
                     "connection from a mute server")  # fmt: skip
    if any(each.cause == "playback_suspended" for each in (*found.unseen, *found.suspects)):
        wants.append("log when playback begins and ends, and the state of the AudioContext")
    if causes & {"gate_closed", "capture_dead"}:
        wants.append("log the level of the microphone before the gate, and when the user mutes it")
    return tuple(wants)

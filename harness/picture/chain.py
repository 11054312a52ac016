"""The chain from what was said to what was heard, with the link that broke, for a reader."""

import re
from collections.abc import Iterable
from typing import Any

from ..causes import CAUSES, Cause
from ..units import MS, SECOND
from ..verdict.links import CHAIN, ChainLink, Diagnosis
from .words import plain

BREAKS: dict[Cause, ChainLink] = {
    "capture_dead": "captured",
    "capture_graph_collected": "captured",
    "clock_frozen": "sent",
    "audio_garbled": "sent",
    "gate_closed": "sent",
    "endless_sound": "sent",
    "unreachable": "sent",
    "client_left": "sent",
    "app_ended": "sent",
    "half_open": "arrived",
    "uplink_late": "arrived",
    "media_lost": "arrived",
    "vad_held": "heard",
    "vad_deaf": "heard",
    "turn_lost": "answered",
    "response_stuck": "answered",
    "response_failed": "answered",
    "reply_inaudible": "answered",
    "client_waiting": "answered",
    "server_mute": "delivered",
    "events_lost": "delivered",
    "reply_garbled": "played",
    "output_muted": "played",
    "playback_suspended": "played",
}
"""The link at which each cause breaks the chain, unless the diagnosis says more: :func:`_broken`."""
_BOTH_WAYS = ("events_lost", "media_lost")

_MOMENT = re.compile(r"\b(?:at|since|from|of) (\d+\.\d{3}) s(?![\w])")


def chain(found: Diagnosis, *, heard_by_user: bool = True) -> list[dict[str, str]]:
    """Each link with its state: ``works``, ``broken``, ``after`` (nothing reaches it), or ``unknown``.

    Only what was seen to work has that state. ``heard_by_user`` False: the journal is a server's, which does not know
    what was played, and what was spoken and captured only if speech arrived.
    """
    if found.state != "silent" or found.cause is None:
        state = "works" if found.state == "answered" else "unknown"
        last = state if heard_by_user else "unknown"
        return [{"link": link, "state": last if link == "played" else state} for link in CHAIN]
    broken = CHAIN.index(_broken(found, found.cause))
    works = min(broken, 0 if found.works_until is None else CHAIN.index(found.works_until) + 1)
    states = ["works"] * works + ["unknown"] * (broken - works) + ["broken"] + ["after"] * (len(CHAIN) - broken - 1)
    if not heard_by_user and found.works_until == "sent":
        states[:2] = ["unknown"] * 2
    return [{"link": link, "state": state} for link, state in zip(CHAIN, states, strict=True)]


def _broken(found: Diagnosis, cause: Cause) -> ChainLink:
    """A client can wait at any link, and messages are lost on the way up or down."""
    if found.works_until is not None and cause == "client_waiting":
        return CHAIN[CHAIN.index(found.works_until) + 1]
    if found.works_until is not None and cause in _BOTH_WAYS:
        return "arrived" if found.works_until == "sent" else "delivered"
    return BREAKS[cause]


def evidence(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Each sentence of the evidence, with the moment that it names, in milliseconds; null if it names none."""
    return [{"text": plain(line), "at": moment(line)} for line in lines]


def moment(line: str) -> int | None:
    """The first moment that a sentence names, in milliseconds."""
    found = _MOMENT.search(line)
    return None if found is None else round(float(found.group(1)) * SECOND / MS)


def diagnosis(found: Diagnosis, *, heard_by_user: bool = True) -> dict[str, Any]:
    """A diagnosis as a part of the document; ``heard_by_user`` as for :func:`chain`."""
    return {
        "state": found.state,
        "cause": found.cause,
        "words": CAUSES[found.cause] if found.cause is not None else None,
        "since": None if found.since_us is None else found.since_us // MS,
        "confidence": found.confidence,
        "evidence": evidence(found.evidence),
        "chain": chain(found, heard_by_user=heard_by_user),
    }

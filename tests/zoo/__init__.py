"""A zoo of client mistakes, and correct clients of other designs: what the judges and the diagnosis are measured on.

The clients use the interface of a client and nothing else of the product, and none is made of the client kit. Each
specimen names the harm that must be reported, and the cause if the harm is a silence.
"""

from . import (
    answers,
    barge_ins,
    designs,
    kit,
    renewals,
    sessions,
    silent_connection,
    silent_output,
    silent_turns,
    silent_uplink,
    streams,
    tools,
)
from .conversations import FOR_THE_CORRECT
from .healthy import Healthy
from .specimen import Specimen

__all__ = ["DESIGNS", "FOR_THE_CORRECT", "ZOO", "Specimen"]

ZOO: tuple[Specimen, ...] = tuple(
    vars(client)["specimen"]
    for room in (
        silent_uplink,
        silent_connection,
        silent_turns,
        silent_output,
        answers,
        sessions,
        streams,
        tools,
        barge_ins,
        renewals,
        kit,
    )
    for client in vars(room).values()
    if isinstance(client, type) and "specimen" in vars(client)
)
"""Clients with one mistake each."""
DESIGNS: tuple[str, ...] = tuple(
    f"{client.__module__}:{client.__name__}"
    for client in (
        Healthy,
        designs.CreatesItsReplies,
        designs.PushToTalk,
        designs.ClientSideDetection,
        designs.WaitsEightSeconds,
        designs.LongChunks,
        designs.BuffersTheUplink,
        designs.PromptsIdleUsers,
        designs.Semantic,
        designs.FinishesThePreamble,
    )
)
"""Correct clients, as ``module:Class``."""

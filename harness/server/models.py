"""What depends on the model that a session is dialled with."""

from dataclasses import dataclass

from .transcription_models import is_transcriber, is_translator

_FAMILIES = ("gpt-realtime", "gpt-4o-realtime", "gpt-4o-mini-realtime")
"""A model is one of these or begins with one and a dash (documented names and dated snapshots)."""


@dataclass(frozen=True, slots=True)
class Model:
    """How the models whose name begins alike differ from the others."""

    voice: str = "alloy"
    """The voice of a new session."""
    silence_duration_ms: int = 200
    """The default of turn detection. 200 is recorded of gpt-realtime; the prose of the documents says 500."""
    has_phases: bool = False
    """Whether an assistant's message says if it is a ``commentary`` or the ``final_answer``, and is closed only after
    the arguments of the calls that follow it."""


_USUAL = Model()
"""Recorded of gpt-realtime; assumed of all that are not below."""
_BY_NAME = {"gpt-realtime-2.1": Model(voice="marin", silence_duration_ms=500, has_phases=True)}
"""By how the name begins. Recorded of gpt-realtime-2.1, and assumed of gpt-realtime-2.1-mini."""


def model_of(name: str) -> Model:
    """What is known of a model."""
    return next((model for beginning, model in _BY_NAME.items() if name.startswith(beginning)), _USUAL)


def is_known_model(name: str) -> bool:
    """Whether the service would serve a model of this name in a conversation."""
    if is_transcriber(name) or is_translator(name):
        return False
    return any(name == family or name.startswith(f"{family}-") for family in _FAMILIES)

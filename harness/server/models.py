"""What a session's defaults depend on: its model."""

SILENCE_MS = {"gpt-realtime-2.1-mini": 500}
"""Models that are taken to have another ``silence_duration_ms`` than the usual 200 (assumed: no capture shows it)."""
USUAL_SILENCE_MS = 200
"""Captured of gpt-realtime in every log, and in the specification's own example; the prose says 500."""
FAMILIES = ("gpt-realtime", "gpt-4o-realtime", "gpt-4o-mini-realtime")
"""A model is one of these or begins with one and a dash (documented names and dated snapshots)."""


def silence_duration_ms(model: str) -> int:
    """The default of a new session."""
    return next((ms for name, ms in SILENCE_MS.items() if model.startswith(name)), USUAL_SILENCE_MS)


def is_known(model: str) -> bool:
    """Whether the service would serve it, as far as its name tells."""
    return any(model == name or model.startswith(f"{name}-") for name in FAMILIES)

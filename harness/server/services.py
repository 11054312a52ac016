"""Whose service is imitated: OpenAI's, or that of Azure, which differs from it in switches of the policy.

How each difference is known stands in :data:`harness.server.policy.KNOWN`. They are those of the recordings of
``/openai/v1/realtime``; the older preview of Azure speaks the beta, and is not imitated.
"""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Literal

from .policy import ServerPolicy

Service = Literal["openai", "azure"]

_DIFFERS: Mapping[Service, Mapping[str, str]] = MappingProxyType(
    {
        "openai": MappingProxyType({}),
        "azure": MappingProxyType({"content_part": "twice", "turn_edges": "azure", "rate_limits": "never"}),
    }
)


def policy_of(service: Service, chosen: ServerPolicy | None = None) -> ServerPolicy:
    """The switches of a service; what ``chosen`` sets otherwise than the default stays."""
    default, chosen = ServerPolicy(), chosen or ServerPolicy()
    names = {field.name for field in fields(chosen) if getattr(chosen, field.name) == getattr(default, field.name)}
    return chosen.changed(**{name: variant for name, variant in _DIFFERS[service].items() if name in names})

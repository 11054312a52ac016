"""How a client of the zoo is marked: its mistake's harm and cause, and a conversation that shows it."""

import re
from collections.abc import Callable

from harness.causes import Cause
from harness.search.zoo import SeededScenario, Specimen

__all__ = ["SILENCE", "SeededScenario", "Specimen", "harms"]

SILENCE = "never_silent_forever"
"""The harm that has a cause."""


def harms(
    harm: str, cause: Cause | None = None, *, in_: SeededScenario, also: tuple[Cause, ...] = ()
) -> Callable[[type], type]:
    """Mark a class as a specimen; its docstring says what it does wrong."""

    def mark(client: type) -> type:
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", client.__name__).lower()
        because = (client.__doc__ or "").strip()
        twin = next(base for base in client.__mro__[1:] if "specimen" not in vars(base))
        client.specimen = Specimen(name, _path(client), harm, cause, in_, because, _path(twin), also)  # type: ignore[attr-defined]
        return client

    return mark


def _path(client: type) -> str:
    return f"{client.__module__}:{client.__name__}"

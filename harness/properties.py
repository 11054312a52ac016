"""The properties that a run is judged by, and what can follow if one is broken, by the names that users write.

What each one asks is in ``harness/verdict/properties/``, one file each. The names stand here, so that a scenario can be
checked when it is loaded.
"""

from collections.abc import Mapping
from typing import Literal, get_args

from .errors import SettingError, did_you_mean

PROPERTY_NAMES = (
    "never_silent_forever", "keeps_answering", "words_lost", "answers_late", "settings_kept", "history_kept",
    "one_capture", "fresh_audio", "one_answer", "output_level", "stops_for_the_user", "truncates_right",
    "tool_answered", "dials_calmly",
)  # fmt: skip
"""Silence first, then harm to the conversation, then to its sound; then what else the client owes."""

Choice = Literal["off", "warn", "fail"]
"""What follows if a property is broken: nothing, a warning, or a failed run."""
CHOICES: tuple[Choice, ...] = get_args(Choice)


def check_choices(choices: Mapping[str, object]) -> None:
    """Raise :exc:`SettingError` for an unknown property or an unknown choice."""
    for name, choice in choices.items():
        if name not in PROPERTY_NAMES:
            raise SettingError(f"no property is called {name!r}; {did_you_mean(name, PROPERTY_NAMES)}")
        if choice not in CHOICES:
            known = f"{', '.join(CHOICES[:-1])} or {CHOICES[-1]}"
            raise SettingError(f"the property {name} is set to {choice!r}; use {known}")

"""What is known of the models that transcribe and translate: which stream, what they take, how they are billed.

The names are documented. That ``gpt-4o-transcribe`` and its kin send all words at once after the commit is captured
and reported; that ``gpt-realtime-whisper`` begins while the user speaks is captured. So is that ``whisper-1`` sends
them in one piece, late.
"""

from ..units import MS

_TRANSCRIBERS = (
    "gpt-4o-transcribe",
    "gpt-4o-mini-transcribe",
    "gpt-transcribe",
    "gpt-live-transcribe",
    "gpt-realtime-whisper",
    "whisper-1",
)
_TRANSLATORS = ("gpt-realtime-translate",)
_STREAMING = ("gpt-realtime-whisper", "gpt-live-transcribe")
_WHOLE = ("whisper-1",)
_SEVERAL_LANGUAGES = ("gpt-live-transcribe",)
_BY_DURATION = (*_STREAMING, *_WHOLE)
_DELAYS_US = {
    "minimal": 150 * MS,
    "low": 300 * MS,
    "medium": 600 * MS,
    "high": 1200 * MS,
    "xhigh": 2400 * MS,
}
"""How long a model that streams listens before its first words (the setting is documented, the times are assumed)."""
_USUAL_DELAY_US = 1200 * MS
"""If nobody set the delay (captured three times)."""


def is_transcriber(model: str) -> bool:
    """Whether it is a model that transcribes, or a dated snapshot of one."""
    return _is_one_of(model, _TRANSCRIBERS)


def is_translator(model: str) -> bool:
    """Whether it is a model that translates, or a dated snapshot of one."""
    return _is_one_of(model, _TRANSLATORS)


def streams(model: str | None) -> bool:
    """Whether it writes words down while they are spoken; such a model takes no turn detection of its own session."""
    return model is not None and _is_one_of(model, _STREAMING)


def is_whole(model: str | None) -> bool:
    """Whether it sends all words in one delta, right before the end and late."""
    return model is not None and _is_one_of(model, _WHOLE)


def shows_languages(model: str | None) -> bool:
    """Whether a session shows its ``languages``, too, if none are given."""
    return model is not None and _is_one_of(model, _SEVERAL_LANGUAGES)


def by_duration(model: str | None) -> bool:
    """Whether its usage is in seconds of audio; that of the others is in tokens."""
    return model is not None and _is_one_of(model, _BY_DURATION)


def listens_us(delay: str | None) -> int:
    """How long it listens before its first words; ``delay`` as the client set it."""
    return _USUAL_DELAY_US if delay is None else _DELAYS_US[delay]


def _is_one_of(model: str, families: tuple[str, ...]) -> bool:
    return any(model == name or model.startswith(f"{name}-") for name in families)

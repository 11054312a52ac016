"""What can be chosen by name about apps and programs, for lists of options that are made before any is played."""

from ..errors import SettingError, did_you_mean

HOSTS = ("api.openai.com",)
"""The host that apps dial by default."""
DEVICES = {
    "tcp": "one TCP connection: read it as microphone, write to it as speaker; to dial it anew is to reopen both",
    "stdio": "the microphone on standard input, the speaker on standard output",
    "pulse": "a private PulseAudio server: a program with a sound card works as it is",
    "none": "the tcp microphone, and no speaker: what arrives at the program counts as heard",
}
"""The kinds of devices."""
PAGE_DEVICES = {
    "pulse": "a private PulseAudio server: a live microphone, and what the page really plays",
    "none": "a silent microphone: nobody speaks, and what arrives at the page counts as heard",
}
"""The kinds of devices of a page."""
SPEAKERS = ("device", "inferred")
"""Whether what the program plays is listened to, or what arrives at it is taken to be played."""


def check_device(device: str, speaker: str) -> None:
    """Raise :exc:`SettingError` for an unknown kind of device or speaker."""
    check_choice("--device", device, tuple(DEVICES))
    check_choice("--speaker", speaker, SPEAKERS)


def check_choice(option: str, value: str, known: tuple[str, ...]) -> None:
    """Raise :exc:`SettingError` for a value that is not known."""
    if value not in known:
        raise SettingError(f"{option} {value!r} is unknown; {did_you_mean(value, known)}")

"""Whether this installation can hold a call: aiortc is an extra, and imported at the first call."""

from importlib.util import find_spec

NEEDS_AIORTC = "WebRTC needs aiortc, which is not installed; run: pip install 'stillthere[webrtc]'"
"""What everyone is answered who asks for a call without the extra."""


def lacks_extra() -> bool:
    """Whether aiortc is missing."""
    return find_spec("aiortc") is None

"""stillthere: a Realtime server that can hear, a clock you own, and a proof that your voice client never goes deaf."""

__version__ = "0.1.0"

"""A fake Realtime server that really hears, a virtual clock, and tests that your voice client never goes deaf."""

__version__ = "0.1.0"

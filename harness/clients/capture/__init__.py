"""Captured audio: whether a voice is in it, what the room sounds like, and whether the capture still works."""

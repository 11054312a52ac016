"""Logs of sessions that others recorded: read, diagnosed, and made into scenarios."""

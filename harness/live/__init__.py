"""The live stage: the same sessions behind real WebSockets, on the wall clock. See :mod:`harness.live.server`."""

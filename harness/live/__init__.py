"""The live stage: the same sessions as in virtual time, behind real WebSockets. See :mod:`harness.live.server`."""

"""The fake Realtime service: a sans-I/O session and its parts. See :class:`harness.server.session.Session`."""

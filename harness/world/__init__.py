"""The world around a client and a server, in virtual time. See :func:`harness.world.play.play`."""

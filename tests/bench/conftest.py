"""The fixtures of the live tests: a server, and a check that no test leaves a task or an error behind."""

from tests.live.conftest import deaf_server, leaves_no_trace, server

__all__ = ["deaf_server", "leaves_no_trace", "server"]

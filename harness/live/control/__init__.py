"""The control API: its routes, who may use it, what it answers, and its page; see :mod:`harness.live.control.api`."""

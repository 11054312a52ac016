"""Any program on the wall clock: its server, its devices, and a world whose time is the real one.

:mod:`harness.apps.real_time.stage` is one run of it, :mod:`harness.apps.real_time.play` begins it.
"""

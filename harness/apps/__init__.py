"""A real client under a scenario: an app or a program that dials, captures and plays by itself.

:mod:`harness.apps.tested_app` is the part under test for the world; :mod:`harness.apps.front` and
:mod:`harness.apps.app_socket` are the server that it dials. ``virtual/`` plays an asyncio app in virtual time,
``real_time/`` any program on the wall clock.
"""

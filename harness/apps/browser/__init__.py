"""A web page in a real Chromium, as the part under test: ``stillthere run SCENARIO --page URL``.

The page's own ``getUserMedia``, ``AudioWorklet`` and ``WebSocket`` run for real. Chromium is driven by its DevTools
protocol over a pipe, without a library between, because one that emulates focus or visibility would hide what an app
switch does.
"""

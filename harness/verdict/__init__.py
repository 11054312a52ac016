"""Judges: they read a journal and nothing else. :func:`harness.verdict.judge.judge` asks them all."""

"""Judges: they read only a journal and its scenario. :func:`harness.verdict.judge.judge` calls them all."""

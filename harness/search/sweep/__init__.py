"""Sweeps: one scenario played with many settings, and what the settings do to it."""

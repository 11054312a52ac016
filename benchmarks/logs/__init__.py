"""Logs that recorders write, made and measured."""

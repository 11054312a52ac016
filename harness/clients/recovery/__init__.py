"""Detects a frozen conversation and recovers it: symptoms, detectors, strategies, ladder, remedies, supervisor."""

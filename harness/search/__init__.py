"""Searches and measurements over many runs: fault schedules by seed, campaigns, coverage, and the matrices."""

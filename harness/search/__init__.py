"""Searches and measurements over many runs: fault schedules by seed, campaigns over them, and the matrices."""

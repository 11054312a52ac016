"""The picture of a run: its lanes, spans and marks, their words, and how a page draws them."""

"""Text in lines that fit a width, counted in cells: characters of some scripts take two."""

from collections.abc import Iterator

from rich.cells import cell_len


def fitted(text: str, cells: int) -> list[str]:
    """The words of a text in lines of at most ``cells``; a word that is longer is broken. No words: no lines."""
    lines: list[str] = []
    for piece in (piece for word in text.split() for piece in _pieces(word, max(2, cells))):
        if lines and cell_len(lines[-1]) + 1 + cell_len(piece) <= cells:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return lines


def _pieces(word: str, cells: int) -> Iterator[str]:
    begin = taken = 0
    for index, character in enumerate(word):
        width = cell_len(character)
        if taken + width > cells:
            yield word[begin:index]
            begin, taken = index, 0
        taken += width
    yield word[begin:]

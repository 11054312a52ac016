"""What an app prints is noted line by line, and goes on to where it can be read."""

import io

from harness.apps.virtual.printed import LONGEST_LINE, Printed


def noted(*pieces: str) -> tuple[list[str], str]:
    """The lines that are noted, and all that went on."""
    onward, lines = io.StringIO(), []
    printed = Printed(onward)
    printed.note = lines.append
    for piece in pieces:
        assert printed.write(piece) == len(piece)
    printed.flush()
    return lines, onward.getvalue()


def test_a_line_is_noted_when_it_ends():
    assert noted("closed with ", "1001", "\nnot yet ended") == (["closed with 1001"], "closed with 1001\nnot yet ended")


def test_empty_lines_are_not_noted():
    lines, onward = noted("one\n\n  \ntwo  \n")
    assert lines == ["one", "two"]
    assert onward == "one\n\n  \ntwo  \n"


def test_of_a_long_line_the_beginning_is_noted():
    (line,), onward = noted("x" * 2_000 + "\n")
    assert line == "x" * LONGEST_LINE
    assert len(onward) == 2_001


def test_print_writes_to_it():
    onward, lines = io.StringIO(), []
    printed = Printed(onward)
    print("before anybody listens", file=printed)
    printed.note = lines.append
    print("event error:", 3, file=printed)
    assert lines == ["event error: 3"]

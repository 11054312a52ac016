"""``stillthere fidelity``: how each modelled behaviour of the server is known."""

from harness.report.fidelity import render


def fidelity() -> None:
    """Print the fidelity page, in Markdown: each behaviour, how it is known, its policy switch, its tests."""
    print(render(), end="")

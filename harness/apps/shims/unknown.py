"""What the two modules say of a name that they do not have."""

from .card import CARD


def missing(module: str, name: str) -> AttributeError:
    """The error for a name that a module does not have here; it is noted in the journal."""
    what = f"{module}.{name} is not simulated"
    if not name.startswith("__"):  # Python itself looks for such names
        CARD.fence(what)
    return AttributeError(f"{what}; play the app in real time with `stillthere run SCENARIO -- COMMAND`")

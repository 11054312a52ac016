"""Writes scenarios as YAML. What writes them is imported when the first one is written."""

from .model import Scenario


def dump(scenario: Scenario) -> str:
    """YAML that :func:`loads` reads back to an equal scenario, except for ``path``, ``notes`` and each ``line``.

    Blanks around texts are not kept. The scenario must be one that a file can express: with a name, at least one step,
    and steps that follow the rules of the language.
    """
    from .yaml_text import yaml_text

    return yaml_text(scenario)

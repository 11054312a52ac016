"""The folders of the recordings and scenarios that come with stillthere.

An installed wheel carries them inside the package; a checkout has them at its top level.
"""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def _folder(relative: str) -> Path:
    inside_package = _PACKAGE / "_shipped" / relative
    return inside_package if inside_package.is_dir() else _PACKAGE.parent / relative


def fixtures_audio() -> Path:
    """The folder of the shipped recordings and their ``MANIFEST.json``."""
    return _folder("fixtures/audio")


def scenarios() -> Path:
    """The folder of the shipped scenario files."""
    return _folder("scenarios")

"""The fixture of the tests of apps."""

from pathlib import Path

import pytest

from .testing import Apps


@pytest.fixture
def apps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Apps:
    """Apps that are written in the test."""
    return Apps(tmp_path, monkeypatch)

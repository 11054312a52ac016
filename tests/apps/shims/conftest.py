import pytest

from .testing import Bench


@pytest.fixture
def bench() -> Bench:
    """A sound card in this process."""
    return Bench()

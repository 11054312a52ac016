"""What a session of an hour keeps."""

import pytest

from harness.bench.memory_growth import memory_growth
from harness.units import SECOND

pytestmark = pytest.mark.slow


def test_what_grows_is_the_conversation():
    """An hour more than ten minutes adds what its items take up; half the time adds about half."""
    short, long = (memory_growth("energy", from_us=60 * SECOND, until_us=60 * SECOND * n) for n in (6, 11))
    assert (short.responses, long.responses) == (15, 30)
    assert 0 < long.kib < 60
    assert long.kib < 2.5 * short.kib + 5

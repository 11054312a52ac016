"""Real client packages, unmodified, in conversation with the live server."""

import pytest

pytest.register_assert_rewrite("tests.clients.real.scene", "tests.clients.real.environments")

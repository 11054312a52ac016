"""Hypothesis strategies for property tests of a client. Hypothesis comes with ``pip install 'stillthere[pytest]'``.

docs/testing-with-pytest.md shows how to use them.
"""

from ._lazy import check_not_shadowed

check_not_shadowed()

try:
    import hypothesis as _needed  # noqa: F401
except ImportError:
    raise ImportError(
        "stillthere.strategies needs Hypothesis, which is not installed; run: pip install 'stillthere[pytest]'"
    ) from None

from harness.search.strategies import ConversationMachine, fault_schedules, scenarios

__all__ = ["ConversationMachine", "fault_schedules", "scenarios"]

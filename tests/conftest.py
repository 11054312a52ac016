"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# No time is asserted in a test: a busy machine must not fail one.
settings.register_profile("stillthere", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("stillthere")


def pytest_addoption(parser):
    parser.addoption(
        "--all-clients",
        action="store_true",
        help="run every real client in its own environment, which `make test-clients` makes",
    )

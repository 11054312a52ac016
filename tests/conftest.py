"""Settings and options of all tests."""

from hypothesis import HealthCheck, settings

# No test asserts how long something takes: a busy machine must not fail one.
settings.register_profile("stillthere", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("stillthere")


def pytest_addoption(parser):
    parser.addoption("--browser", action="store_true", help="test the page in Chromium, as `make test-browser` does")
    parser.addoption(
        "--all-clients",
        action="store_true",
        help="run every real client in its own environment, which `make test-clients` makes",
    )
    parser.addoption(
        "--all-designs",
        action="store_true",
        help="play each scenario of the pack with each correct client of the zoo, and not with one of them in turn",
    )


def pytest_ignore_collect(collection_path, config):
    """Without the option, tests that need a browser are not collected, so that no skip is listed."""
    return True if collection_path.name.endswith("_in_browser.py") and not config.getoption("browser") else None

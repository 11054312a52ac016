"""Settings and options of all tests."""

from hypothesis import HealthCheck, settings

# No test asserts how long something takes: a busy machine must not fail one.
settings.register_profile("stillthere", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("stillthere")


def pytest_addoption(parser):
    parser.addoption("--browser", action="store_true", help="test the page in Chromium, as `make test-browser` does")
    parser.addoption("--pulse", action="store_true", help="test the private PulseAudio, as `make test-pulse` does")
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
    """Without the option, tests that need something more of the system are not collected: no skip is listed."""
    needs = {"_in_browser.py": "browser", "_of_all_clients.py": "all_clients", "_in_pulse.py": "pulse"}
    missing = (not config.getoption(option) for end, option in needs.items() if collection_path.name.endswith(end))
    return True if any(missing) else None

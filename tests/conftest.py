"""Settings and options of all tests."""

import shutil

from hypothesis import HealthCheck, settings

# No test asserts how long something takes: a busy machine must not fail one.
settings.register_profile("stillthere", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("stillthere")


def pytest_addoption(parser):
    parser.addoption("--browser", action="store_true", help="test the page in Chromium, as `make test-browser` does")
    parser.addoption("--webrtc", action="store_true", help="hold calls with aiortc, as `make test-webrtc` does")
    parser.addoption("--pulse", action="store_true", help="test the private PulseAudio, as `make test-pulse` does")
    parser.addoption(
        "--node", metavar="PATH", help="play the whole pack through the JavaScript kit in this Node, as `make test-js`"
    )
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
    needs = {
        "_in_browser.py": "browser",
        "_in_pulse.py": "pulse",
        "_of_all_clients.py": "all_clients",
        "_with_aiortc.py": "webrtc",
    }
    missing = (not config.getoption(option) for end, option in needs.items() if collection_path.name.endswith(end))
    if collection_path.name.endswith("_in_node.py"):
        return None if config.getoption("node") or shutil.which("node") else True
    return True if any(missing) else None

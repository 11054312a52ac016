import pytest

from harness.clients.settings import ClientSettings, check_settings, setting_names
from harness.errors import SettingError


def test_changed_replaces_and_leaves_the_rest():
    before = ClientSettings(gate_mode="zeros", gate_threshold=0.03)
    after = before.changed(gate_threshold=0.05, watchdog_ms=None)
    assert (after.gate_mode, after.gate_threshold, after.watchdog_ms) == ("zeros", 0.05, None)
    assert before.gate_threshold == 0.03


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"gate_treshold": 0.1}, "did you mean 'gate_threshold'"),
        ({"gate_threshold": "0.1"}, "gate_threshold is '0.1'; give a number"),
        ({"gate_threshold": True}, "gate_threshold is True; give a number"),
        ({"gate_threshold": 1.01}, "gate_threshold is 1.01"),
        ({"gate_threshold": float("nan")}, "gate_threshold is nan"),
        ({"gate_mode": "open"}, "use zeros, skip or off"),
        ({"greets": "always"}, "greets is 'always'; use never or once"),
        ({"watchdog_ms": 1.5}, "watchdog_ms is 1.5; give a whole number"),
        ({"watchdog_ms": 0}, "watchdog_ms is 0"),
        ({"chunk_ms": 0}, "chunk_ms is 0"),
        ({"chunk_ms": None}, "chunk_ms is None"),
        ({"recovery": True}, "recovery is True; use one of: off, none, clear"),
        ({"recovery": "lader"}, "recovery is 'lader'; use one of: off, none, clear"),
        ({"detectors": 1}, "detectors is 1; give a name"),
        ({"detectors": "ping, gaet"}, "detectors names 'gaet'; did you mean 'gate'"),
    ],
)
def test_a_bad_setting_is_refused_with_its_value(changes, words):
    with pytest.raises(SettingError) as raised:
        ClientSettings().changed(**changes)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_whole_numbers_will_do_for_thresholds():
    assert ClientSettings().changed(gate_threshold=1).gate_threshold == 1


def test_a_good_set_of_changes_is_accepted():
    check_settings({"gate_mode": "skip", "gate_hold_ms": 200, "watchdog_ms": None, "threshold": 0.6})


def test_the_names_that_sweeps_use_are_there():
    promised = {
        "gate_threshold", "gate_mode", "gate_hold_ms", "interruption_threshold", "watchdog_ms", "chunk_ms",
        "threshold", "prefix_padding_ms", "silence_duration_ms",
    }  # fmt: skip
    assert promised <= set(setting_names())

"""The devices that the two modules list: one microphone and one speaker."""

from typing import Any

from .card import CARD, CHANNELS, DEFAULT_RATE_HZ, HIGH_LATENCY_S, LOW_LATENCY_S

INPUT, OUTPUT = 0, 1
"""Their numbers."""
HOST_API = "stillthere"
DEVICE_LIST = "stillthere microphone", "stillthere speaker"


def facts(index: int) -> dict[str, Any]:
    """What is said of a device, by the names of ``sounddevice``."""
    ins, outs = (CHANNELS, 0) if index == INPUT else (0, CHANNELS)
    return {
        "name": DEVICE_LIST[index],
        "index": index,
        "hostapi": 0,
        "max_input_channels": ins,
        "max_output_channels": outs,
        "default_low_input_latency": LOW_LATENCY_S if ins else 0.0,
        "default_low_output_latency": LOW_LATENCY_S if outs else 0.0,
        "default_high_input_latency": HIGH_LATENCY_S if ins else 0.0,
        "default_high_output_latency": HIGH_LATENCY_S if outs else 0.0,
        "default_samplerate": float(DEFAULT_RATE_HZ),
    }


def chosen(device: Any, own: int) -> int:
    """The device for one direction: whatever is asked for, the only one is taken, and that is noted."""
    known = device is None or device in (own, -1) or (isinstance(device, str) and device.lower() in DEVICE_LIST[own])
    if not known:
        CARD.fence(f"the device {device!r} was taken for the only one, {DEVICE_LIST[own]!r}")
    return own

"""Stands in for the module ``sounddevice`` (its interface is that of version 0.5)."""

from typing import Any

from .devices import DEVICE_LIST, HOST_API, INPUT, OUTPUT, facts
from .sd_arrays import get_status, get_stream, play, playrec, rec, stop, wait
from .sd_settings import AsioSettings, CoreAudioSettings, WasapiSettings, default
from .sd_streams import (
    CallbackAbort,
    CallbackFlags,
    CallbackStop,
    InputStream,
    OutputStream,
    PortAudioError,
    RawInputStream,
    RawOutputStream,
    RawStream,
    Stream,
    check_input_settings,
    check_output_settings,
    sleep,
)
from .unknown import missing

__version__ = "0.5.3"
__all__ = [
    "AsioSettings", "CallbackAbort", "CallbackFlags", "CallbackStop", "CoreAudioSettings", "DeviceList", "InputStream",
    "OutputStream", "PortAudioError", "RawInputStream", "RawOutputStream", "RawStream", "Stream", "WasapiSettings",
    "check_input_settings", "check_output_settings", "default", "get_portaudio_version", "get_status", "get_stream",
    "play", "playrec", "query_devices", "query_hostapis", "rec", "sleep", "stop", "wait",
]  # fmt: skip


class DeviceList(tuple[dict[str, Any], ...]):
    """All devices; as text, a table of them."""

    __slots__ = ()

    def __repr__(self) -> str:
        marks = {INPUT: ">", OUTPUT: "<"}
        return "\n".join(
            f"{marks[each['index']]} {each['index']} {each['name']}, {HOST_API} "
            f"({each['max_input_channels']} in, {each['max_output_channels']} out)"
            for each in self
        )


def query_devices(device: int | str | None = None, kind: str | None = None) -> Any:
    """All devices, or what is said of one."""
    if kind not in ("input", "output", None):
        raise ValueError(f"Invalid kind: {kind!r}")
    if device is None and kind is None:
        return DeviceList(facts(each) for each in range(len(DEVICE_LIST)))
    if device is None:
        return facts(INPUT if kind == "input" else OUTPUT)
    if isinstance(device, str):
        alike = [index for index, name in enumerate(DEVICE_LIST) if device.lower() in name]
        alike = [each for each in alike if kind is None or each == (INPUT if kind == "input" else OUTPUT)]
        if len(alike) != 1:
            how = "Multiple" if alike else "No"
            raise ValueError(f"{how} {kind or 'input/output'} device{'s' if alike else ''} found for {device!r}")
        return facts(alike[0])
    if not 0 <= device < len(DEVICE_LIST):
        raise PortAudioError(f"Error querying device {device}")
    found = facts(device)
    if kind is not None and not found[f"max_{kind}_channels"]:
        raise ValueError(f"Not an {kind} device: {found['name']!r}")
    return found


def query_hostapis(index: int | None = None) -> Any:
    """The only host API there is."""
    only = {
        "name": HOST_API,
        "devices": [INPUT, OUTPUT],
        "default_input_device": INPUT,
        "default_output_device": OUTPUT,
    }
    if index is None:
        return (only,)
    if index != 0:
        raise PortAudioError(f"Error querying host API {index}")
    return only


def get_portaudio_version() -> tuple[int, str]:
    """As of the PortAudio whose ways these are."""
    return 1246976, "PortAudio V19.7.0, as stillthere simulates it"


def _initialize() -> None:
    """Some apps list the devices anew with these two."""


def _terminate() -> None:
    """As :func:`_initialize`."""


def __getattr__(name: str) -> Any:
    raise missing("sounddevice", name)

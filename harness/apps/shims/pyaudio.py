"""Stands in for the module ``pyaudio`` (its interface is that of version 0.2.14)."""

from typing import Any

from .callback import AfterCall, Callback, Flags, Times
from .card import CARD, DEFAULT_RATE_HZ, HIGH_LATENCY_S, LOW_LATENCY_S, DeviceError
from .devices import DEVICE_LIST, HOST_API, INPUT, OUTPUT, chosen, facts
from .samples import SAMPLE_BYTES
from .stream import DeviceStream, WantedStream
from .unknown import missing

__version__ = "0.2.14"

paFloat32, paInt32, paInt24, paInt16, paInt8, paUInt8, paCustomFormat = 1, 2, 4, 8, 16, 32, 65536
paContinue, paComplete, paAbort = 0, 1, 2
paFramesPerBufferUnspecified = 0
paInputUnderflow, paInputOverflow, paOutputUnderflow, paOutputOverflow, paPrimingOutput = 1, 2, 4, 8, 16
paNoError, paNotInitialized, paUnanticipatedHostError, paInvalidChannelCount = 0, -10000, -9999, -9998
paInvalidSampleRate, paInvalidDevice, paInvalidFlag, paSampleFormatNotSupported = -9997, -9996, -9995, -9994
paBadIODeviceCombination, paInsufficientMemory, paBufferTooBig, paBufferTooSmall = -9993, -9992, -9991, -9990
paNullCallback, paBadStreamPtr, paTimedOut, paInternalError, paDeviceUnavailable = -9989, -9988, -9987, -9986, -9985
paIncompatibleHostApiSpecificStreamInfo, paStreamIsStopped, paStreamIsNotStopped = -9984, -9983, -9982
paInputOverflowed, paOutputUnderflowed, paHostApiNotFound, paInvalidHostApi = -9981, -9980, -9979, -9978
paCanNotReadFromACallbackStream, paCanNotWriteToACallbackStream = -9977, -9976
paCanNotReadFromAnOutputOnlyStream, paCanNotWriteToAnInputOnlyStream = -9975, -9974
paIncompatibleStreamHostApi = -9973
paInDevelopment, paDirectSound, paMME, paASIO, paSoundManager, paCoreAudio, paOSS, paALSA = 0, 1, 2, 3, 4, 5, 7, 8
paAL, paBeOS, paWDMKS, paJACK, paWASAPI, paNoDevice = 9, 10, 11, 12, 13, -1

_FORMATS = {
    paFloat32: "float32", paInt32: "int32", paInt24: "int24", paInt16: "int16", paInt8: "int8", paUInt8: "uint8",
}  # fmt: skip


def _raised(error: DeviceError) -> OSError:
    return OSError(error.code, error.text)


class _Stream:
    """A stream; :meth:`PyAudio.open` makes it."""

    def __init__(
        self,
        PA_manager: "PyAudio",
        rate: int,
        channels: int,
        format: int,
        input: bool = False,
        output: bool = False,
        input_device_index: int | None = None,
        output_device_index: int | None = None,
        frames_per_buffer: int = paFramesPerBufferUnspecified,
        start: bool = True,
        input_host_api_specific_stream_info: Any = None,
        output_host_api_specific_stream_info: Any = None,
        stream_callback: Any = None,
    ) -> None:
        del input_host_api_specific_stream_info, output_host_api_specific_stream_info
        if not (input or output):
            raise ValueError("Must specify an input or output stream.")
        for wanted, index, own in ((input, input_device_index, INPUT), (output, output_device_index, OUTPUT)):
            if wanted:
                chosen(index, own)
        self._parent, self._rate, self._channels, self._format = PA_manager, rate, channels, format
        self._frames_per_buffer = frames_per_buffer
        side = channels, _FORMATS.get(format, f"format {format}")
        try:
            self._stream = DeviceStream(
                CARD,
                WantedStream(
                    int(rate), side if input else None, side if output else None, frames_per_buffer, LOW_LATENCY_S,
                    None if stream_callback is None else self._adapted(stream_callback, output), None,
                    "pyaudio.Stream",
                ),
            )  # fmt: skip
            if start:
                self._stream.start()
        except DeviceError as error:
            raise _raised(error) from None
        PA_manager._streams.append(self)

    def _adapted(self, callback: Any, plays: bool) -> Callback:
        def call(captured: bytes, frames: int, times: Times, flags: Flags) -> tuple[bytes, AfterCall]:
            when = {
                "input_buffer_adc_time": times.captured_s,
                "current_time": times.now_s,
                "output_buffer_dac_time": times.heard_s,
            }
            given, how = callback(captured or None, frames, when, int(flags))
            if not plays:
                return b"", AfterCall(how)
            data, layout = bytes(given or b""), self._stream.playback.layout  # type: ignore[union-attr]
            missing_frames = frames - len(data) // layout.frame_bytes
            if missing_frames > 0:  # PortAudio plays what there is, and ends the stream
                return data + layout.silence(missing_frames), AfterCall(how or paComplete)
            return data[: frames * layout.frame_bytes], AfterCall(how)

        return call

    def _call(self, call: Any, *arguments: Any) -> Any:
        try:
            return call(*arguments)
        except DeviceError as error:
            raise _raised(error) from None

    def start_stream(self) -> None:
        """Capture and play from now on."""
        if self._stream.is_stopped:
            self._call(self._stream.start)

    def stop_stream(self) -> None:
        """Stop when all that was given has been played."""
        if not self._stream.is_stopped:
            self._call(self._stream.stop)

    def close(self) -> None:
        """Release the devices; what is not played yet is dropped."""
        if not self._stream.is_closed:
            self._call(self._stream.close)
            if self in self._parent._streams:
                self._parent._streams.remove(self)

    def is_active(self) -> bool:
        """Whether it captures or plays."""
        self._call(self._stream.check_open)
        return self._stream.is_active

    def is_stopped(self) -> bool:
        """Whether it was stopped."""
        self._call(self._stream.check_open)
        return self._stream.is_stopped

    def get_input_latency(self) -> float:
        """In seconds."""
        return self._stream.latencies_s[0]

    def get_output_latency(self) -> float:
        """In seconds."""
        return self._stream.latencies_s[1]

    def get_time(self) -> float:
        """The time of its clock, in seconds."""
        return self._stream.time_s

    def get_cpu_load(self) -> float:
        """Nothing."""
        return 0.0

    def read(self, num_frames: int, exception_on_overflow: bool = True) -> bytes:
        """Wait for frames."""
        captured, overflowed = self._call(self._stream.read, num_frames)
        if overflowed and exception_on_overflow:
            raise OSError(paInputOverflowed, "Input overflowed")
        return bytes(captured)

    def write(self, frames: Any, num_frames: int | None = None, exception_on_underflow: bool = False) -> None:
        """Wait until all is in the device's buffer."""
        data = bytes(frames)
        if self._stream.playback is not None:
            size = self._stream.playback.layout.frame_bytes
            data = data[: (len(data) // size if num_frames is None else num_frames) * size]
        underflowed = self._call(self._stream.write, data)
        if underflowed and exception_on_underflow:
            raise OSError(paOutputUnderflowed, "Output underflowed")

    def get_read_available(self) -> int:
        """How many frames can be read without waiting."""
        self._call(self._stream.check_open)
        return 0 if self._stream.capture is None else self._stream.capture.available

    def get_write_available(self) -> int:
        """How many frames can be written without waiting."""
        self._call(self._stream.check_open)
        return 0 if self._stream.written is None else self._stream.written.available


class PyAudio:
    """The library, as an object."""

    Stream = _Stream

    def __init__(self) -> None:
        self._streams: list[_Stream] = []

    def open(self, *args: Any, **kwargs: Any) -> _Stream:
        """A stream."""
        return _Stream(self, *args, **kwargs)

    def close(self, stream: _Stream) -> None:
        """Close one."""
        stream.close()

    def terminate(self) -> None:
        """Close all."""
        for stream in list(self._streams):
            stream.close()

    def get_sample_size(self, format: int) -> int:
        """Of a sample, in bytes."""
        return get_sample_size(format)

    def get_format_from_width(self, width: int, unsigned: bool = True) -> int:
        """The format whose samples have so many bytes."""
        return get_format_from_width(width, unsigned)

    def is_format_supported(
        self, rate: float, input_device: int | None = None, input_channels: int | None = None,
        input_format: int | None = None, output_device: int | None = None, output_channels: int | None = None,
        output_format: int | None = None,
    ) -> bool:  # fmt: skip
        """True; raises :exc:`ValueError` if it is not."""
        sides: list[tuple[int, str] | None] = [
            None if device is None else (channels or 0, _FORMATS.get(number or 0, f"format {number}"))
            for device, channels, number in (
                (input_device, input_channels, input_format), (output_device, output_channels, output_format),
            )
        ]  # fmt: skip
        try:
            DeviceStream(CARD, WantedStream(int(rate), sides[0], sides[1], 0, LOW_LATENCY_S))
        except DeviceError as error:
            raise ValueError(error.text, error.code) from None
        return True

    def get_host_api_count(self) -> int:
        """One."""
        return 1

    def get_default_host_api_info(self) -> dict[str, Any]:
        """The only host API."""
        return {
            "index": 0, "structVersion": 1, "type": paInDevelopment, "name": HOST_API, "deviceCount": len(DEVICE_LIST),
            "defaultInputDevice": INPUT, "defaultOutputDevice": OUTPUT,
        }  # fmt: skip

    def get_host_api_info_by_index(self, host_api_index: int) -> dict[str, Any]:
        """The only host API."""
        if host_api_index:
            raise OSError(paInvalidHostApi, "Invalid host API")
        return self.get_default_host_api_info()

    def get_host_api_info_by_type(self, host_api_type: int) -> dict[str, Any]:
        """There is none of a real type."""
        if host_api_type != paInDevelopment:
            raise OSError(paHostApiNotFound, "Host API not found")
        return self.get_default_host_api_info()

    def get_device_count(self) -> int:
        """Two: a microphone and a speaker."""
        return len(DEVICE_LIST)

    def get_device_info_by_index(self, device_index: int) -> dict[str, Any]:
        """What is said of one."""
        if not 0 <= device_index < len(DEVICE_LIST):
            raise OSError(paInvalidDevice, "Invalid device")
        return _info(device_index)

    def get_device_info_by_host_api_device_index(self, host_api_index: int, host_api_device_index: int) -> Any:
        """What is said of one."""
        self.get_host_api_info_by_index(host_api_index)
        return self.get_device_info_by_index(host_api_device_index)

    def get_default_input_device_info(self) -> dict[str, Any]:
        """The microphone."""
        return _info(INPUT)

    def get_default_output_device_info(self) -> dict[str, Any]:
        """The speaker."""
        return _info(OUTPUT)


def _info(index: int) -> dict[str, Any]:
    known = facts(index)
    return {
        "index": index, "structVersion": 2, "name": known["name"], "hostApi": 0,
        "maxInputChannels": known["max_input_channels"], "maxOutputChannels": known["max_output_channels"],
        "defaultLowInputLatency": LOW_LATENCY_S, "defaultLowOutputLatency": LOW_LATENCY_S,
        "defaultHighInputLatency": HIGH_LATENCY_S, "defaultHighOutputLatency": HIGH_LATENCY_S,
        "defaultSampleRate": float(DEFAULT_RATE_HZ),
    }  # fmt: skip


def get_sample_size(format: int) -> int:
    """Of a sample, in bytes."""
    if format not in _FORMATS:
        raise ValueError(f"Invalid format: {format}")
    return SAMPLE_BYTES[_FORMATS[format]]


def get_format_from_width(width: int, unsigned: bool = True) -> int:
    """The format whose samples have so many bytes."""
    formats = {1: paUInt8 if unsigned else paInt8, 2: paInt16, 3: paInt24, 4: paFloat32}
    if width not in formats:
        raise ValueError(f"Invalid width: {width}")
    return formats[width]


def get_portaudio_version() -> int:
    """As of the PortAudio whose ways these are."""
    return 1246976


def get_portaudio_version_text() -> str:
    """As :func:`get_portaudio_version`."""
    return "PortAudio V19.7.0, as stillthere simulates it"


def __getattr__(name: str) -> Any:
    if name == "Stream":  # as older versions name it
        return _Stream
    raise missing("pyaudio", name)

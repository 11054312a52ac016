"""permessage-deflate (RFC 7692) in which a message is inflated when it is complete, slice by slice, not as it arrives.

websockets inflates each frame within its parser, up to the largest message: forty frames of a few KiB take 40 MiB
each, at once. Here the parser passes compressed frames on as :class:`CompressedFrame`, and :class:`Inflater` inflates
the joined message as slowly as its caller asks.
"""

import zlib
from collections.abc import Iterator, Sequence

from websockets.exceptions import NegotiationError
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import CTRL_OPCODES, Frame, Opcode
from websockets.typing import ExtensionParameter

from .limits import LARGE_BYTES

_TAIL = b"\x00\x00\xff\xff"
"""What the sender takes off a message (RFC 7692, section 7.2.1)."""
_AFTER_LAST_BLOCK = len(_TAIL) + 1
"""A message may end with a block that is marked as the last one, and an empty one (section 7.2.3.4)."""
_READ_BYTES = 16 * 1024
"""zlib is given so much at a time, because it returns a copy of what it has not used."""


class CompressedFrame(Frame):
    """A data frame of a compressed message, as it was received."""


class LateDeflate(PerMessageDeflate):
    """Passes compressed frames on as they are, and sends large messages uncompressed, which takes less time."""

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        """The frame, marked if it belongs to a compressed message."""
        if frame.opcode in CTRL_OPCODES:
            return frame
        compressed = self.decode_cont_data if frame.opcode is Opcode.CONT else frame.rsv1
        self.decode_cont_data = compressed and not frame.fin
        if not compressed:
            return frame
        return CompressedFrame(frame.opcode, frame.data, frame.fin, False, frame.rsv2, frame.rsv3)

    def encode(self, frame: Frame) -> Frame:
        """The frame as it is sent; the server sends no fragments."""
        return frame if len(frame.data) > LARGE_BYTES else super().encode(frame)


class Inflater:
    """Inflates the messages of one client, in their order."""

    def __init__(self, agreed: PerMessageDeflate) -> None:
        self._forgets = agreed.remote_no_context_takeover
        self._window_bits = agreed.remote_max_window_bits
        self._decoder = self._new()

    def inflate(self, packed: bytes | bytearray | memoryview, most_bytes: int) -> Iterator[bytes]:
        """The text of a message, at most so much at a time, or nothing. It must be read to its end, unless the
        connection ends.

        Raises :exc:`zlib.error` for what is not compressed, and for what follows a last block.
        """
        if self._forgets or self._decoder.eof:
            self._decoder = self._new()
        decoder = self._decoder
        view = memoryview(packed)
        for start in range(0, max(1, len(view)), _READ_BYTES):
            given = bytes(view[start : start + _READ_BYTES])
            if start + _READ_BYTES >= len(view):
                given += _TAIL
            while True:
                text = decoder.decompress(given, most_bytes)
                yield text
                given = decoder.unconsumed_tail
                if decoder.eof or (not given and len(text) < most_bytes):
                    break  # zlib leaves the unconsumed tail as it was when it sees the end
            if len(decoder.unused_data) > _AFTER_LAST_BLOCK:
                raise zlib.error("more follows the last block")

    def _new(self) -> "zlib._Decompress":
        return zlib.decompressobj(wbits=-self._window_bits)


class CompactDeflate(ServerPerMessageDeflateFactory):
    """permessage-deflate with the small windows of websockets' own server: some 60 KiB a connection instead of 300.

    An offer that asks the server for a window of 256 bytes is declined: RFC 7692 allows it, zlib does not have it.
    """

    def __init__(self) -> None:
        super().__init__(server_max_window_bits=12, client_max_window_bits=12, compress_settings={"memLevel": 5})

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        """The agreed parameters. Raises :exc:`NegotiationError` for an offer that is declined."""
        if ("server_max_window_bits", "8") in params:
            raise NegotiationError("zlib compresses with a window of at least 512 bytes")
        answer, agreed = super().process_request_params(params, accepted_extensions)
        late = LateDeflate(
            agreed.remote_no_context_takeover,
            agreed.local_no_context_takeover,
            agreed.remote_max_window_bits,
            agreed.local_max_window_bits,
            agreed.compress_settings,
        )
        return answer, late

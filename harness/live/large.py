"""Large messages of a client, taken in short steps: most are long audio, the rest is refused or counted.

An append is decoded from its JSON text in slices. What else is large is kept by its session, as items or settings, so
the memory that all connections share must have room for it. JSON that is mostly structure, not text, is refused:
decoded it takes up to thirty times its size.
"""

import binascii
from collections.abc import Iterator

import msgspec

from ..errors import ProtocolError
from ..protocol.codec import MAX_APPEND_BYTES, oversize_append

_SLICE_BYTES = 64 * 1024
_LOOK_BYTES = 4 * 1024 * 1024
MOST_VALUES = 500_000
MOST_SETTINGS_BYTES = 1024 * 1024
"""Instructions and tools have at most 16,384 tokens (documented), some 100 KiB."""

MOST_OTHER_BYTES = 20 * 1024 * 1024
"""Of any message but an append: an item with 15 MiB of audio. Ours; what the service allows is unknown."""

MOST_ID_CHARACTERS = 512
"""Of an event's id, which an error echoes. Ours, in large messages only; what the service allows is unknown."""


class Head(msgspec.Struct):
    """The fields of a large message that must be known before it is decoded."""

    type: str = ""
    event_id: str | None = None
    audio: msgspec.Raw = msgspec.Raw(b"")


_heads = msgspec.json.Decoder(Head)


def check_values(data: bytes | bytearray) -> Iterator[None]:
    """Raises :exc:`ProtocolError`, in steps, for a message of more values or blanks than a client needs."""
    if data[:_SLICE_BYTES].isspace() or data[-_SLICE_BYTES:].isspace():  # msgspec skips them slowly, in one step
        message = f"Invalid event: failed to parse JSON value. {_SLICE_BYTES} blanks begin or end it; leave them out."
        raise ProtocolError("invalid_json", message)
    values = 0
    for start in range(0, len(data), _LOOK_BYTES):
        for mark in (b",", b"\\"):
            values += data.count(mark, start, start + _LOOK_BYTES)
            yield
        if values > MOST_VALUES:
            message = f"Invalid event: more than {MOST_VALUES} values or escapes in one message. Send several messages."
            raise ProtocolError("invalid_event", message)


def head_of(data: bytes | bytearray) -> Head:
    """What is known of a message before it is decoded. Raises :exc:`ProtocolError` if it is not JSON."""
    try:
        return _heads.decode(data)
    except msgspec.ValidationError:
        return Head()
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ProtocolError("invalid_json", f"Invalid event: failed to parse JSON value. {error}") from None


def event_id_in(head: Head) -> str | None:
    """What an answer echoes. Raises :exc:`ProtocolError` for one that is longer than documented."""
    if head.event_id is not None and len(head.event_id) > MOST_ID_CHARACTERS:
        message = f"Invalid 'event_id': {len(head.event_id)} characters; send at most {MOST_ID_CHARACTERS}."
        raise ProtocolError("invalid_value", message, param="event_id")
    return head.event_id


def check_size(head: Head, size_bytes: int) -> None:
    """Raises :exc:`ProtocolError` for settings, or anything that is no append, that are too large."""
    if head.type == "session.update" and size_bytes > MOST_SETTINGS_BYTES:
        message = f"Invalid 'session': an update of {size_bytes} bytes; send at most {MOST_SETTINGS_BYTES} bytes."
        raise ProtocolError("invalid_value", message, param="session")
    if head.type != "input_audio_buffer.append" and size_bytes > MOST_OTHER_BYTES:
        message = f"Invalid event: {size_bytes} bytes; send at most {MOST_OTHER_BYTES} bytes (20 MiB) in one message."
        raise ProtocolError("invalid_value", message, param=None)


def decoded_audio(raw: msgspec.Raw) -> Iterator[bytes | None]:
    """The audio of an append, in slices; each is followed by None, as the end of a step.

    ``raw`` is its base64 as JSON. Raises :exc:`ProtocolError` if it is too much, :exc:`binascii.Error` if it must be
    decoded as a whole: it is not base64, or not written plainly.
    """
    text = memoryview(raw)[1:-1]
    if bytes(memoryview(raw)[:1]) != b'"' or not text:
        raise binascii.Error("no text")
    size_bytes = 3 * len(text) // 4 - bytes(text[-2:]).count(b"=")
    if size_bytes > MAX_APPEND_BYTES:
        raise oversize_append(size_bytes)
    step = _SLICE_BYTES // 3 * 4
    for start in range(0, len(text), step):
        piece = text[start : start + step]
        if len(piece) % 4 or (start + step < len(text) and piece[-1] == ord("=")):
            raise binascii.Error("not whole")
        yield binascii.a2b_base64(piece, strict_mode=True)
        yield None

"""Messages of several frames, and binary ones: they are joined, so that even empty frames cannot pile up."""

from websockets.frames import Frame, Opcode


class Fragments:
    """The message that is unfinished, if there is one."""

    def __init__(self) -> None:
        self._message: bytearray | None = None
        self._opcode = Opcode.TEXT

    @property
    def size_bytes(self) -> int:
        """What it takes."""
        return 0 if self._message is None else len(self._message)

    def add(self, frame: Frame) -> Frame | None:
        """The whole message, if this is its last frame."""
        if frame.opcode is not Opcode.CONT:
            self._message, self._opcode = bytearray(), frame.opcode
        if self._message is None:  # its beginning was dropped
            return None
        self._message += frame.data
        if not frame.fin:
            return None
        whole, self._message = bytes(self._message), None
        return Frame(self._opcode, whole)

    def drop(self) -> None:
        """Forget it."""
        self._message = None

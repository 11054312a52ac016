"""A call of an app before its session is there, without a peer."""

from types import SimpleNamespace

from harness.apps.app_call import AppCall
from harness.live.socket.limits import MAX_MESSAGE_BYTES


class Link:
    def __init__(self):
        self.ended = False

    def hang_up(self):
        self.ended = True


def test_a_call_that_says_too_much_before_its_session_is_there_is_ended():
    link = Link()
    call = AppCall(SimpleNamespace(is_over=False), link, None, None, lambda: None)
    piece = bytes(MAX_MESSAGE_BYTES // 4)
    for _ in range(4):
        call.text(piece)
    assert not link.ended
    for _ in range(3):
        call.text(piece)
    assert link.ended
    assert sum(map(len, call.waiting)) <= MAX_MESSAGE_BYTES

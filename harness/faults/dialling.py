"""When TCP asks again for a connection that nobody answers: its SYN is sent again and again, each time later.

The first time-out is 1 s and each further one is twice as long (RFC 6298, sections 2 and 5.5, and Linux until 6.4).
Since 6.5 the first five time-outs of Linux are 1 s each (``tcp_syn_linear_timeouts``): a dial connects no later there.
"""

from ..units import SECOND

_FIRST_TIMEOUT_US = SECOND


def syn_from(waited_us: int) -> int:
    """When the first SYN is sent that is sent no earlier than ``waited_us`` after the first one: 0, 1, 3, 7, 15 s …"""
    sent_us, timeout_us = 0, _FIRST_TIMEOUT_US
    while sent_us < waited_us:
        sent_us += timeout_us
        timeout_us *= 2
    return sent_us

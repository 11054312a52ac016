"""Compressed bombs against a server in its own process: what they cost its memory."""

import zlib

import pytest

from harness.bench.bombs import KINDS, bomb, measure_bombs
from harness.bench.server_process import ServerProcess
from harness.cli.bench import bomb_figures
from harness.errors import InputError


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "sent", "fragments"),
    [("long-append", "whole", False), ("item", "whole", False), ("append", "half", False), ("letters", "half", True)],
)
async def test_memory_stays_in_bounds_and_is_given_back(kind, sent, fragments):
    """Issue 13: grown by less than 300 MiB at the peak, by less than 30 MiB when they are gone."""
    async with ServerProcess("energy", None) as server:
        if server.rss_kib is None:
            pytest.skip("this system has neither /proc nor ps")
        outcome = await measure_bombs(server, kind, sent=sent, fragments=fragments)
    grown, left, _ = bomb_figures(outcome)
    assert grown.value < grown.floor == 300
    assert left.value < left.floor == 30


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_bomb_is_small_and_becomes_large(kind):
    """Its payload, read with zlib alone: one frame with a length of 16 bits or 64, a mask, and the text behind."""
    data = bomb(kind)
    assert len(data) < 200_000
    head = 8 if data[1] & 0x7F == 126 else 14
    mask, packed = data[head - 4 : head], data[head:]
    keys = (mask * (len(packed) // 4 + 1))[: len(packed)]
    plain = (int.from_bytes(packed) ^ int.from_bytes(keys)).to_bytes(len(packed))
    assert len(zlib.decompressobj(wbits=-12).decompress(plain + b"\x00\x00\xff\xff")) > 20_000_000


def test_an_unknown_kind_is_named():
    with pytest.raises(InputError, match="no bomb is called 'leters'; did you mean 'letters'"):
        bomb("leters")

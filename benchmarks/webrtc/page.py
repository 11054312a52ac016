"""docs/webrtc-calibration.md, from what was kept."""

import statistics

from .results import Edges, Results, Verdicts

FRAME_MS = 32
"""A frame of turn detection; the two means may differ by no more."""

_HEAD = """# Virtual WebRTC beside aiortc

Made by `make webrtc-tables`. Both columns play the same scenario with the same draws: which packets are lost, and how
late each is. In the one a packet is PCM, forward error correction is a copy of the packet before, and what is lost is
concealed by arithmetic. In the other two real peers of aiortc talk over loopback: Opus, its FEC and its concealment,
SRTP, ICE, DTLS, SCTP, in a loop whose clock jumps. What a browser shows of a lost path, and when, is the model measured
in Chromium in both.

## Verdicts

| conversation | client | in virtual time | over aiortc |
|---|---|---|---|
"""
_EDGES = """
## Where turns begin and end

{trials} trials at each loss: eight speakers in a quiet room, Silero, 500 ms of silence end a turn. The differences
are of aiortc from virtual time, mean ± standard deviation, in milliseconds; a frame of turn detection has {frame} ms.
The turns are to be the same, and the means at most a frame apart. These are the second trials: in the first, with
200 ms of silence and shorter clips, one of 24 without loss had a turn more over aiortc (31 beside 30), and they were
not played to the end.

| packets lost | turns, virtual | turns, aiortc | begin | end | holds |
|---|---|---|---|---|---|
"""


def holds(edges: Edges) -> bool:
    """Whether the turns are the same, and the means at most a frame apart."""
    means = statistics.mean(edges.starts), statistics.mean(edges.ends)
    return not edges.different and all(abs(mean) <= FRAME_MS for mean in means)


def page(results: Results) -> str:
    """The page."""
    verdicts = "".join(map(_verdicts, results.verdicts))
    head = _EDGES.format(trials=results.edges[0].trials, frame=FRAME_MS)
    return f"{_HEAD}{verdicts}{head}{''.join(map(_edges, results.edges))}"


def _verdicts(row: Verdicts) -> str:
    real = "the same" if row.virtual == row.aiortc else row.aiortc
    return f"| {row.name.replace('_', ' ')} | `{row.client}` | {row.virtual} | {real} |\n"


def _edges(row: Edges) -> str:
    starts, ends, same = _spread(row.starts), _spread(row.ends), "yes" if holds(row) else "no"
    return f"| {row.percent} % | {row.turns_virtual} | {row.turns_aiortc} | {starts} | {ends} | {same} |\n"


def _spread(differences: tuple[int, ...]) -> str:
    mean, deviation = statistics.mean(differences), statistics.pstdev(differences)
    return f"{mean:+.0f} ± {deviation:.0f}".replace("-", "−")

"""How much a sweep of 10 000 gate settings costs in each shipped scenario::

    python benchmarks/sweep_pack.py [--detector energy] [SCENARIO…]

For each it prints the CPU seconds, how many cells were played, and that as a multiple of one play. A recording that
cannot vouch for more than the bytes that were sent is named, with the reason.
"""

import sys
import time
from collections import Counter

import numpy as np

from harness.scenario import load, shipped_scenarios
from harness.search.sweep.cases import Case, How
from harness.search.sweep.exact.engine import outcomes
from harness.search.sweep.exact.recording import Recording
from harness.search.sweep.rows import measure

CELLS = [
    {"gate_threshold": round(float(threshold), 6), "gate_hold_ms": round(float(hold_ms))}
    for threshold in np.linspace(0.001, 0.1, 100)
    for hold_ms in np.linspace(0, 1000, 100)
]
CLIENT = "reported"


def main(arguments: list[str]) -> None:
    """Sweep the scenarios that are named, or all."""
    detector = "energy"
    if arguments[:1] == ["--detector"]:
        detector, arguments = arguments[1], arguments[2:]
    names = arguments or [path.stem for path in shipped_scenarios()]
    for name in names:
        scenario = load(name).settled()
        begun = time.process_time()
        doubts = Recording(scenario, CLIENT, {}, detector=detector, seed=0).doubts
        one_s = time.process_time() - begun
        begun = time.process_time()
        ways = Counter(each.how for each in outcomes(Case(scenario, CLIENT, detector), CELLS, measure))
        cpu_s = time.process_time() - begun
        why = f"; by bytes: {', '.join(sorted(doubts))}" if doubts else ""
        print(f"{name}: {cpu_s:.1f} s, {ways[How.PLAYED]} played, {cpu_s / one_s:.0f} recorded plays{why}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

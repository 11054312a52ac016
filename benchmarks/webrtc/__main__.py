"""``python -m benchmarks.webrtc play`` plays all and keeps it, ``page`` writes the page to standard output."""

import sys

from .page import page
from .results import Results, read, write


def _play() -> None:
    from .calibration import LOSSES, calibrate
    from .cases import CASES
    from .compared import compare
    from .jumping import run

    verdicts = []
    for case in CASES:
        verdicts.append(compare(case))
        print(verdicts[-1], file=sys.stderr, flush=True)
    write(Results(tuple(verdicts), tuple(run(calibrate(percent)) for percent in LOSSES)))


if __name__ == "__main__":
    if sys.argv[1:] == ["play"]:
        _play()
    else:
        print(page(read()), end="")

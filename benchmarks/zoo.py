"""docs/zoo.md: how long a campaign takes to find each client of the zoo, and which test notices each server.

``python benchmarks/zoo.py`` plays the pack and five campaigns against each client of ``tests/zoo``, shrinks what is
found, and runs the tests of their rooms against each server; it writes the page and exits with 1 if anything is missed.
``--servers`` runs the tests alone, with ``--whole-suite`` all of them.
"""

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from harness.processes import Lost, outcomes
from harness.report.zoo_hunt import hunt_page, hunt_text
from harness.search.zoo import USUAL_ZOO, load_zoo
from harness.search.zoo_hunt import (
    BUDGET_S,
    RIGHT_CAUSES,
    Hunt,
    Measured,
    SmallStory,
    measure,
    missed,
    share_of_right_causes,
)
from tests.zoo.servers import SERVERS, ServerMutant

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "zoo.md"
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


_Parts = tuple[Hunt, tuple[Hunt, ...], SmallStory | None]
"""What was measured of a specimen, without the specimen: its conversation cannot be sent to another process."""


def measure_one(budget_s: float, index: int) -> _Parts:
    """Measure one specimen; what counts is the time that this process computes."""
    found = measure(USUAL_ZOO, index, time.process_time, budget_s)
    return found.pack, found.campaigns, found.story


def clients(names: Sequence[str], jobs: int | None, budget_s: float) -> list[Measured]:
    """All specimens of these names, by default all, in the order of the zoo."""
    specimens = load_zoo(USUAL_ZOO).specimens
    wanted = [index for index, each in enumerate(specimens) if not names or each.name in names]
    found: dict[int, Measured] = {}
    for index, result in outcomes(partial(measure_one, budget_s), wanted, jobs):
        if isinstance(result, Lost):
            raise SystemExit(f"{specimens[index].name} was not measured: {result.reason}")
        found[index] = Measured(specimens[index], *result)
        print(f"{len(found)} of {len(wanted)}: {specimens[index].name}", file=sys.stderr, flush=True)
    return [found[index] for index in wanted]


def servers(whole_suite: bool) -> Iterator[tuple[ServerMutant, str]]:
    """Each server, and the first test that fails with it; empty if all pass."""
    for mutant in SERVERS:
        tests = ["tests"] if whole_suite else list(mutant.tests)
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "tests.zoo.mutated"]
        ran = subprocess.run(
            [*command, "--mutant", mutant.name, *tests], cwd=ROOT, capture_output=True, text=True, check=False
        )
        found = _FAILED.search(ran.stdout)
        if found is None and ran.returncode:
            raise SystemExit(f"the tests did not run against {mutant.name}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
        yield mutant, found.group(1) if found is not None else ""


def noticed(whole_suite: bool) -> list[tuple[str, str, str]]:
    """Name, mistake and the test that notices it, of each server; told as it is known."""
    rows = []
    for mutant, by in servers(whole_suite):
        print(f"{mutant.name}: {by or 'no test notices it'}", flush=True)
        rows.append((mutant.name, mutant.because, by))
    return rows


def main() -> int:
    """Measure, write the page, and say whether nothing was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "names", nargs="*", help="clients to measure, without writing the page; by default all, with it"
    )
    parser.add_argument("--jobs", type=int, help="processes; by default one for each core")
    parser.add_argument("--budget", type=float, default=BUDGET_S, help="seconds of one core for a campaign")
    parser.add_argument("--servers", action="store_true", help="only run the tests against the servers")
    parser.add_argument("--whole-suite", action="store_true", help="run all tests against each server")
    args = parser.parse_args()
    if args.servers:
        return int(not all(by for _, _, by in noticed(args.whole_suite)))
    measured = clients(args.names, args.jobs, args.budget)
    print(hunt_text(measured), end="")
    bad = bool(missed(measured)) or share_of_right_causes(measured) < RIGHT_CAUSES
    if not args.names:
        rows = noticed(whole_suite=False)
        PAGE.write_text(hunt_page(measured, rows), encoding="utf-8")
        bad = bad or not all(by for _, _, by in rows)
    return int(bad)


if __name__ == "__main__":
    raise SystemExit(main())

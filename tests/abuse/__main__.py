"""A million broken messages, in processes and over sockets: ``python -m tests.abuse [--messages N] [--seed N]``.

Exit code 1 if a session crashed, hung, left an answer out or said what cannot be; each such session is shown as the
shortest sequence that was found, which is written to ``out/abuse``.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from pathlib import Path

from harness.processes import spread
from tests.abuse.campaign import MUTATED_A_SESSION, Tally, abuse, program
from tests.abuse.sockets import SocketTally, abuse_sockets

SESSIONS_A_TASK = 40
SOCKETS_SHARE = 0.03
"""Of the messages, in addition, over sockets."""
SHOWN = 10
FOUND = Path("out/abuse")


def main() -> int:
    """Run it; the exit code."""
    parser = argparse.ArgumentParser(prog="make abuse", description="Broken client messages against the session.")
    parser.add_argument("--messages", type=int, default=1_000_000, help="broken messages (default 1000000)")
    parser.add_argument("--seed", type=int, default=0, help="the first session's seed (default 0)")
    parser.add_argument("--sessions", type=int, help="so many sessions in place of a number of messages")
    parser.add_argument("--jobs", type=int, help="processes (default: one a core)")
    chosen = parser.parse_args()
    sessions = chosen.sessions or -(-chosen.messages // MUTATED_A_SESSION)
    seeds = range(chosen.seed, chosen.seed + sessions)
    tasks = [seeds[start : start + SESSIONS_A_TASK] for start in range(0, sessions, SESSIONS_A_TASK)]
    began = time.monotonic()
    tally = Tally()
    for done, part in enumerate(spread(abuse, tasks, chosen.jobs), start=1):
        tally.add(part)
        if done % 25 == 0:
            print(f"{tally.sessions} of {sessions} sessions, {len(tally.found)} broken", file=sys.stderr, flush=True)
    elapsed = time.monotonic() - began
    over = asyncio.run(abuse_sockets(round(sessions * MUTATED_A_SESSION * SOCKETS_SHARE), chosen.seed))
    print(summary(tally, over, elapsed))
    for found in tally.found[:SHOWN]:
        FOUND.mkdir(parents=True, exist_ok=True)
        path = FOUND / f"{found.seed}.py"
        path.write_text(program(found), encoding="utf-8")
        print(f"seed {found.seed}: {found.kind}: {found.what}")
        print(f"  again: python -m tests.abuse --seed {found.seed} --sessions 1 --jobs 1; shortest: python {path}")
    return 1 if tally.found or over.crashes or over.hangs or over.missing else 0


def summary(tally: Tally, over: SocketTally, elapsed_s: float) -> str:
    """All figures."""
    broken, kinds = sum(tally.mutations.values()), Counter(found.kind for found in tally.found)
    total = broken + tally.valid
    lines = [
        f"{broken} broken messages and {tally.valid} valid ones to {tally.sessions} sessions, "
        f"each asked for a spoken turn afterwards; {total / max(elapsed_s, 1e-9):.0f} messages a second",
        *(f"  {count:>9}  {kind}" for kind, count in tally.mutations.most_common()),
        "answers to the broken ones, by the code of the error",
        *(f"  {count:>9}  {code}" for code, count in tally.refused.most_common() if count),
        f"over sockets: {over.messages} messages, {over.errors} errors, {over.binary} binary frames, "
        f"{over.closed_for_text} connections closed for text that is not UTF-8",
        f"crashes {kinds['crash'] + over.crashes}, hangs {kinds['hang'] + over.hangs}, "
        f"answers missing {kinds['missing'] + over.missing}, answers wrong {kinds['wrong']}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

"""What ten minutes of conversation with an app cost: 20 turns, each with an interruption, in virtual time.

    .clients/ENVIRONMENT/bin/python -m benchmarks.sdk_matrix.cost ENVIRONMENT [--profile]

With ``--profile`` it says in whose code the time is spent; the profiler itself makes all of it slower.
"""

import collections
import cProfile
import os
import pstats
import resource
import sys

from harness.apps.target import find_app
from harness.apps.virtual.child import AppTask, play_task
from harness.apps.virtual.stage import Setting
from harness.scenario import loads

from .configurations import PYTHON

_SCENARIO = """
scenario: Ten minutes
server: {detector: energy, reply: {clip: speech_en_f_tts_hibari, lasts: 8s}}
timeline:
  - at: 2s
    say: speech_en_f_arctic_a0009
    repeat: 20
    every: 29s
  - at: 8s
    say: speech_en_m_arctic_a0007
    repeat: 20
    every: 29s
lasts: 600s
"""


def main(environment: str, *options: str) -> None:
    """Play it and print the figures."""
    os.environ.setdefault("OPENAI_API_KEY", "sk-stillthere")
    configuration = next(each for each in PYTHON if each.environment == environment)
    task = AppTask(loads(_SCENARIO), find_app(configuration.target), Setting())
    profile = cProfile.Profile() if "--profile" in options else None
    began = _cpu_s()
    result = profile.runcall(play_task, task) if profile else play_task(task)
    used_s = _cpu_s() - began
    assert result.journal is not None, result.error
    virtual_s = result.journal.end / 1_000_000
    print(
        f"{configuration.name}: {virtual_s:.0f} s in {used_s:.1f} CPU s with its imports, "
        f"{virtual_s / used_s:.0f} times real time; SHA-256 {result.journal.sha256()[:12]}"
    )
    if profile:
        _shares(pstats.Stats(profile))


def _cpu_s() -> float:
    """Of this process: the stage leaves this clock alone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _shares(stats: pstats.Stats) -> None:
    """Print whose code the time was spent in, and the functions of ours that took most."""
    shares: collections.Counter[str] = collections.Counter()
    ours: collections.Counter[str] = collections.Counter()
    for (file, line, function), (_, _, own_s, _, _) in stats.stats.items():  # type: ignore[attr-defined]
        owner = _owner(file)
        shares[owner] += own_s
        if owner == "harness":
            ours[f"{file.rpartition('harness/')[2]}:{line} {function}"] += own_s
    total = sum(shares.values())
    print("  ", ", ".join(f"{owner} {share / total:.0%}" for owner, share in shares.most_common(10)))
    for place, own_s in ours.most_common(12):
        print(f"   {own_s / total:6.1%}  {place}")


def _owner(file: str) -> str:
    for mark in ("site-packages/", "/lib/python"):
        if mark in file:
            return file.partition(mark)[2].split("/")[0] if mark == "site-packages/" else "Python's library"
    return "harness" if "/harness/" in file else "built in"


if __name__ == "__main__":
    main(*sys.argv[1:])

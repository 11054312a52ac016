"""How fast a conversation is played: virtual seconds per second of one core, the best of several runs.

    python benchmarks/conversation.py [--json]

The benchmark conversation lasts about 60 s: six turns of recorded speech, answers of 4 s, chunks of 20 ms, the reported
client. `fresh`: each run has a new session and a new client, and only the recordings are kept in memory.
"""

import argparse
import json
import time

from harness.scenario.model import At, Reply, Say, Scenario, ServerSetup, Step
from harness.units import SECOND
from harness.world.play import play

RUNS = 7
FLOORS = {"energy": 2_000, "silero": 300, "silero_v4": 200}
GOALS = {"energy": 25_000, "silero": 1_200, "silero_v4": 680}


def conversation() -> Scenario:
    """Six turns in 60 s."""
    turns = Step(At(1 * SECOND), Say("speech_en_f_arctic_a0009"), repeat=6, every_us=9_500_000)
    return Scenario("benchmark", (turns,), server=ServerSetup(reply=Reply(lasts_us=4 * SECOND)), lasts_us=58 * SECOND)


def measure(detector: str) -> float:
    """Virtual seconds per second, the best of :data:`RUNS`."""
    scenario = conversation()
    best = 0.0
    for _ in range(RUNS):
        began = time.process_time()
        run = play(scenario, "reported", detector=detector)
        best = max(best, run.virtual_us / SECOND / (time.process_time() - began))
    return best


def main() -> None:
    """Measure all detectors and print a table or the JSON document."""
    parser = argparse.ArgumentParser(description="How fast a conversation is played.")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    as_json = parser.parse_args().json
    results = [
        {
            "name": f"conversation, {detector}, fresh",
            "value": round(measure(detector)),
            "unit": "x real time",
            "floor": FLOORS[detector],
            "goal": GOALS[detector],
        }
        for detector in FLOORS
    ]
    if as_json:
        print(json.dumps({"results": results}, indent=2))
        return
    for result in results:
        print("{name:32} x{value:<7} floor x{floor:<6} goal x{goal}".format(**result))


if __name__ == "__main__":
    main()

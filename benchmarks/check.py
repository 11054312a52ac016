"""How long `check` takes over a long scenario: processor seconds for 100 000 steps, and that for a tenth of them.

python benchmarks/check.py
"""

import time

from harness.scenario import loads

STEPS = 100_000
LIMIT_S = 5
FORMS = {
    "one line": "  - {{at: {at:.3f}s, say: babble, lasts: 1s, level: -20 dBFS}}\n",
    "a line a key": "  - at: {at:.3f}s\n    say: babble\n    lasts: 1s\n    level: -20 dBFS\n",
}


def measure(form: str, steps: int) -> float:
    """Processor seconds to load a scenario of so many steps."""
    text = "scenario: many\ntimeline:\n" + "".join(form.format(at=number / 50) for number in range(steps))
    began = time.process_time()
    loads(text)
    return time.process_time() - began


def main() -> None:
    """Measure both ways to write a step and print them."""
    for name, form in FORMS.items():
        tenth, whole = measure(form, STEPS // 10), measure(form, STEPS)
        print(
            f"{STEPS} steps, {name:12}: {whole:5.2f} s (limit {LIMIT_S} s), {whole / tenth:.1f} times a tenth of them"
        )


if __name__ == "__main__":
    main()

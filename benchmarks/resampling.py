"""What filters of the resampler do before the detector, 24 to 16 kHz: the table of docs/resampling.md.

    python benchmarks/resampling.py

It needs what the tests need, since soxr (HQ) is the independent resampler. All but the cost is the same everywhere.
"""

import time

import numpy as np
import numpy.typing as npt
import soxr

from harness.audio import clip_names, load_clip
from harness.audio.resampling import FILTER, FilterDesign, Resampler
from harness.units import FULL_SCALE
from harness.vad import silero

DESIGNS = (
    FilterDesign(16, 6.0, 1.0),
    FilterDesign(16, 8.0, 0.85),
    FilterDesign(32, 8.0, 0.9),
    FilterDesign(48, 10.0, 0.95),
    FilterDesign(64, 14.0, 0.95),
)
"""The first is the one until 2026-11."""
SOURCE_HZ, TARGET_HZ = 24_000, 16_000
TICKS_HZ = 48_000
"""The rate at which a filter between these two is sampled."""
CHUNK = 480
ALIKE = 0.05
"""Two probabilities that differ by no more than this are counted as alike."""


def response_db(design: FilterDesign) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Frequencies in Hz, and the filter's gain at each in dB."""
    period = TICKS_HZ // TARGET_HZ
    ticks = np.arange(-design.zero_crossings * period, design.zero_crossings * period + 1)
    impulse = design.at(ticks / period)
    gains = np.abs(np.fft.rfft(impulse / impulse.sum(), 2**18))
    return np.fft.rfftfreq(2**18, 1 / TICKS_HZ), np.asarray(20 * np.log10(gains + 1e-12), np.float64)


def look_ahead_ms(design: FilterDesign, source_hz: int) -> float:
    """How much audio beyond the end of a frame of 32 ms is needed for its last sample."""
    frame = 32 * source_hz // 1000
    return (Resampler(source_hz, TARGET_HZ, design).needed(512) - frame) * 1000 / source_hz


def cost_us(design: FilterDesign) -> float:
    """Processor time for a chunk of 20 ms, the best of several runs."""
    chunk, best = np.ones(CHUNK, np.int16), float("inf")
    for _ in range(7):
        resampler = Resampler(SOURCE_HZ, TARGET_HZ, design)
        began = time.process_time()
        for _ in range(2_000):
            resampler.push(chunk)
        best = min(best, (time.process_time() - began) / 2_000)
    return best * 1e6


def differences(design: FilterDesign) -> npt.NDArray[np.float64]:
    """By how much the detector's probabilities differ from those after soxr, for each frame of each recording."""
    result = []
    for name in clip_names():
        samples = np.concatenate([load_clip(name).samples, np.zeros(SOURCE_HZ // 2, np.int16)])
        resampler = Resampler(SOURCE_HZ, TARGET_HZ, design)
        ours = np.concatenate([resampler.push(samples), resampler.flush()])
        theirs = soxr.resample(samples.astype(np.float32) / FULL_SCALE, SOURCE_HZ, TARGET_HZ, "HQ")
        result.append(np.abs(silero.probabilities(ours) - silero.probabilities(theirs)))
    return np.concatenate(result)


def row(design: FilterDesign) -> str:
    """The row of the table for a filter."""
    frequencies, gains = response_db(design)
    apart = differences(design)
    cells = (
        f"{design.zero_crossings}, {design.beta:g}, {design.cutoff:g}",
        *(f"{frequencies[np.argmax(gains < limit)]:.0f} Hz" for limit in (-0.1, -6, -60)),
        f"{gains[frequencies >= 9_000].max():.0f} dB",
        f"{look_ahead_ms(design, 24_000):.1f} ms",
        f"{look_ahead_ms(design, 8_000):.1f} ms",
        f"{cost_us(design):.0f} µs",
        f"{100 * np.mean(apart <= ALIKE):.1f} %",
        f"{apart.max():.3f}",
    )
    cells = tuple(f"**{cell}**" for cell in cells) if design == FILTER else cells
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table; the filter in use is bold."""
    heads = (
        "zero crossings, β, cutoff", "flat to (−0.1 dB)", "−6 dB", "−60 dB from", "above 9 kHz at most",
        "look-ahead", "of 8 kHz", "cost of 20 ms", f"frames within {ALIKE} of soxr HQ", "largest difference",
    )  # fmt: skip
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for design in DESIGNS:
        print(row(design))


if __name__ == "__main__":
    main()

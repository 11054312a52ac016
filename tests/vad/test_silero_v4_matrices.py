import numpy as np

from harness.vad.silero_v4_matrices import BINS, TIMES, matrices


def test_the_level_is_a_mean_when_nothing_changes_over_time():
    """The smoothing filter adds up to about 1, so a constant spectrum is its own level."""
    assert abs(matrices().level.sum() - 1) < 1e-3
    assert matrices().level.shape == (TIMES * BINS,)


def test_the_dense_form_of_a_block_is_the_block():
    """Block 2 by its definition, channel by channel and time by time, against its three dense matrices."""
    block, (depthwise, mixing, strided) = matrices().blocks[1], matrices().later[0]
    values = np.random.default_rng(1).uniform(0, 1, (4, 16)).astype(np.float32)
    padded = np.vstack([np.zeros((2, 16)), values, np.zeros((2, 16))])
    expected = []
    for time in (0, 2):
        z = np.maximum((padded[time : time + 5] * block.depthwise).sum(axis=0) + block.depthwise_bias, 0)
        mixed = np.maximum(np.concatenate([z, values[time], [1]]) @ block.mixing, 0)
        expected.append(np.maximum(np.concatenate([mixed, [1]]) @ block.strided, 0))
    flat = np.concatenate([values.ravel(), [1]])
    z = np.maximum(flat @ depthwise, 0)
    mixed = np.maximum(np.concatenate([z, flat]) @ mixing, 0)
    result = np.maximum(np.concatenate([mixed, [1]]) @ strided, 0)
    np.testing.assert_allclose(result, np.concatenate(expected), atol=1e-5)

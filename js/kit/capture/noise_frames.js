/**
 * Measures the background, what is captured while nobody speaks, in frames of half a second.
 *
 * A constant offset of the samples is not sound, so it is subtracted first.
 */

import { SAMPLE_RATE_HZ, SECOND } from "../units.js";

export const NOISE_FRAME_US = SECOND / 2;
const FRAME_SAMPLES = SAMPLE_RATE_HZ / 2;
/** Shorter chunks are joined: the level of a few samples jumps by itself. */
const LEAST_PIECE_SAMPLES = SAMPLE_RATE_HZ / 100;
/** Neighbours whose powers differ by this factor, 1.5 dB, jump. Of near-silence 60 % do, of white noise 1 in 1000. */
const JUMP = 1.41;

/** Takes chunks; returns a frame at the end of each half second. */
export class NoiseFrameMeter {
  /** The mean of the samples of the last frame. */
  #offset = 0;
  #sums = newSums();

  /** Drop the frame so far: the next chunk does not follow the last one. */
  restart() {
    this.#sums = newSums();
  }

  /**
   * A chunk of background was captured; returns the frame that it completes, or null.
   *
   * A frame has `power` (mean square in LSB²), `jumping` (the share of neighbouring pieces whose levels jump) and
   * `crest` (the square of the peak over the power; 0 for digital zeros).
   */
  chunk(captured) {
    const sums = this.#sums;
    const { size, total } = captured;
    sums.energy += captured.energy;
    sums.total += total;
    sums.samples += size;
    sums.peak = Math.max(sums.peak, captured.peak);
    sums.pieceEnergy += captured.energy - this.#offset * (2 * total - this.#offset * size);
    sums.pieceSamples += size;
    if (sums.pieceSamples >= LEAST_PIECE_SAMPLES) endPiece(sums);
    if (sums.samples < FRAME_SAMPLES) return null;
    this.#offset = sums.total / sums.samples;
    this.#sums = newSums();
    const power = Math.max(0, sums.energy / sums.samples - this.#offset * this.#offset);
    const peak = sums.peak - Math.abs(this.#offset);
    return { power, jumping: sums.jumps / Math.max(1, sums.pieces), crest: power ? (peak * peak) / power : 0 };
  }
}

/** Over the frame so far, and over its latest piece. */
function newSums() {
  return {
    energy: 0, total: 0, samples: 0, peak: 0, pieces: 0, jumps: 0, pieceEnergy: 0, pieceSamples: 0, lastPower: 0,
  };
}

function endPiece(sums) {
  const power = sums.pieceEnergy / sums.pieceSamples;
  sums.pieces += 1;
  if (sums.pieces > 1 && Math.max(power, sums.lastPower) > JUMP * Math.min(power, sums.lastPower)) sums.jumps += 1;
  sums.lastPower = power;
  sums.pieceEnergy = sums.pieceSamples = 0;
}

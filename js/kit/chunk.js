import { FULL_SCALE } from "./units.js";

/** A chunk of captured audio with its level: int16, mono, 24 kHz. */
export class Chunk {
  /** @param {Int16Array} samples are kept, not copied */
  constructor(samples) {
    let energy = 0;
    let total = 0;
    let peak = 0;
    for (const sample of samples) {
      energy += sample * sample;
      total += sample;
      const magnitude = sample < 0 ? -sample : sample;
      if (magnitude > peak) peak = magnitude;
    }
    this.samples = samples;
    /** The exact sum of the squares, in LSB². */
    this.energy = energy;
    /** The sum of the samples. */
    this.total = total;
    /** The largest magnitude, 0 to 32768. */
    this.peak = peak;
  }

  /** The number of samples. */
  get size() {
    return this.samples.length;
  }

  /** The same samples as bytes; little-endian on every machine that has a browser. */
  get pcm() {
    return new Uint8Array(this.samples.buffer, this.samples.byteOffset, this.samples.byteLength);
  }

  /** Root mean square relative to full scale; 0 for no samples. */
  get rms() {
    return this.size ? Math.sqrt(this.energy / this.size) / FULL_SCALE : 0;
  }
}

/** The energy of part of the samples, in LSB². */
export function energyOf(samples) {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return energy;
}

/** A chunk of samples as an AudioWorklet has them, from -1 to 1: rounded, and clipped to full scale. */
export function chunkOfFloats(values) {
  const samples = new Int16Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = Math.round(values[index] * FULL_SCALE);
    samples[index] = value < -FULL_SCALE ? -FULL_SCALE : value >= FULL_SCALE ? FULL_SCALE - 1 : value;
  }
  return new Chunk(samples);
}

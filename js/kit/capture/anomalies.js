/** Captures that no microphone delivers: looped samples, chunks at a wrong rate, clipping, drowning noise. */

import { amplitude, FULL_SCALE, MS, SAMPLE_RATE_HZ, SECOND } from "../units.js";

/** Longer loops are not detected. */
const LOOP_PERIOD_US = 2 * SECOND;
/** Samples that repeat for this long are a loop. */
const LOOP_AFTER_US = 4 * SECOND;
const LOOK_UP_EVERY_US = 500 * MS;
/** 16 samples: the noise of any room makes them unlike all others. */
const SIGNATURE_BYTES = 32;
const KEPT_BYTES = Math.floor((2 * SAMPLE_RATE_HZ * LOOP_PERIOD_US) / SECOND);

const RATE_WINDOW_US = 4 * SECOND;
/** One may be a gap that ends, or the burst of chunks after it. */
const BAD_WINDOWS = 2;
const RATE_TOLERANCE = 0.2;

/** The square of the peak over the power: 2 for a pure tone; less only for clipped samples, at any level. */
const FLAT_TOP = 1.9;
/** Clipped audio, less a quarter of the audio that is not clipped: the capture is overdriven, or has an offset. */
const CLIPPED_US = 2 * SECOND;

/** A factor of power: a floor 30 dB above the quiet room drowns every voice (wrong bytes, a wrong format, a hum). */
const DROWNED = 1000;
/** A floor of this mean square drowns every voice in any room: no steady noise of a room is as loud as a voice. */
const DROWNED_ANYWHERE = (FULL_SCALE * amplitude(-18)) ** 2;
const DROWNED_US = 10 * SECOND;

/**
 * Whether the same samples are delivered again and again: a buffer that is looped.
 *
 * No microphone delivers the same sound twice: a few samples in a row hardly ever repeat.
 */
export class LoopDetector {
  #recent = new Uint8Array(3 * KEPT_BYTES);
  #length = 0;
  #untilLookUpUs = LOOK_UP_EVERY_US;
  #repeatedUs = 0;

  /** A chunk was captured. One value repeated, such as zeros, is not a loop. */
  chunk(pcm, durationUs) {
    this.#untilLookUpUs -= durationUs;
    if (this.#untilLookUpUs <= 0) {
      this.#untilLookUpUs += LOOK_UP_EVERY_US;
      const signature = pcm.subarray(0, SIGNATURE_BYTES);
      const isRepeated = !isOneValue(signature) && this.#holds(signature);
      this.#repeatedUs = isRepeated ? this.#repeatedUs + LOOK_UP_EVERY_US : 0;
    }
    if (this.#length + pcm.length > this.#recent.length) this.#keepLatest(KEPT_BYTES);
    this.#recent.set(pcm, this.#length);
    this.#length += pcm.length;
  }

  /** The capture was opened again. */
  reset() {
    this.#length = 0;
    this.#repeatedUs = 0;
  }

  /** Whether the latest audio is a loop. */
  get isLoop() {
    return this.#repeatedUs >= LOOP_AFTER_US;
  }

  #keepLatest(count) {
    const from = Math.max(0, this.#length - count);
    this.#recent.copyWithin(0, from, this.#length);
    this.#length -= from;
  }

  #holds(signature) {
    const recent = this.#recent;
    const first = signature[0];
    const last = this.#length - signature.length;
    let at = Math.max(0, this.#length - KEPT_BYTES) - 1;
    while ((at = recent.indexOf(first, at + 1)) >= 0 && at <= last) {
      let same = 1;
      while (same < signature.length && recent[at + same] === signature[same]) same += 1;
      if (same >= signature.length) return true;
    }
    return false;
  }
}

function isOneValue(signature) {
  for (let at = 2; at < signature.length; at++) if (signature[at] !== signature[at % 2]) return false;
  return true;
}

/** Whether as much audio is delivered as time passes: if not, the rate or format is wrong, or chunks are missing. */
export class CaptureRate {
  #begin = null;
  #audioUs = 0;
  #bad = 0;

  /** A chunk was captured. */
  chunk(durationUs, now) {
    if (this.#begin === null) {
      this.#begin = now;
      return;
    }
    this.#audioUs += durationUs;
    const passedUs = now - this.#begin;
    if (passedUs >= RATE_WINDOW_US) {
      const isBad = Math.abs(this.#audioUs - passedUs) > RATE_TOLERANCE * passedUs;
      this.#bad = isBad ? this.#bad + 1 : 0;
      this.#begin = now;
      this.#audioUs = 0;
    }
  }

  /** The capture was opened again. */
  reset() {
    this.#begin = null;
    this.#audioUs = this.#bad = 0;
  }

  /** Whether it was too low or too high for two windows of 4 s. */
  get isWrong() {
    return this.#bad >= BAD_WINDOWS;
  }
}

/** Whether the capture is clipped, or drowned in a steady noise. */
export class Overload {
  #deadPower;
  #clippedUs = 0;
  #drownedUs = 0;

  constructor(deadPower) {
    this.#deadPower = deadPower;
  }

  /** A chunk was captured. */
  chunk(captured, durationUs) {
    const { energy, size, peak } = captured;
    const isFlat = peak * peak * size < FLAT_TOP * energy && energy >= this.#deadPower * size;
    const isClipped = isFlat || peak >= FULL_SCALE - 1;
    this.#clippedUs = Math.max(0, this.#clippedUs + (isClipped ? durationUs : Math.floor(-durationUs / 4)));
  }

  /** For so long the noise floor was `noise` and the quiet room `room`, as mean squares; 0: not known. */
  floor(noise, room, durationUs) {
    const isOverRoom = noise > Math.max(DROWNED * room, this.#deadPower) && room > 0;
    const isDrowned = isOverRoom || noise > DROWNED_ANYWHERE;
    this.#drownedUs = isDrowned ? this.#drownedUs + durationUs : 0;
  }

  /** The capture was opened again. */
  reset() {
    this.#clippedUs = this.#drownedUs = 0;
  }

  /** Whether too much of the latest audio is clipped. */
  get isClipped() {
    return this.#clippedUs >= CLIPPED_US;
  }

  /** Whether the noise has drowned every voice for 10 s. */
  get isDrowned() {
    return this.#drownedUs >= DROWNED_US;
  }
}

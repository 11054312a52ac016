/**
 * Whether what is captured is a voice.
 *
 * A voice differs from typing by its evenness: most chunks of speech are nearly as loud as its loudest, few of typing
 * are. It differs from breath, wind and keys by its pitch: it resembles itself 2.5 to 14 ms earlier (70 to 400 Hz). It
 * is brighter than its pitch alone, because throat and mouth add overtones; a desk that rings from a key press is not.
 * The sums of the pitch are exact integers, so the result is the same on every machine, and the same as in Python.
 */

import { amplitude, FULL_SCALE, MS, pushLatest, SAMPLE_RATE_HZ } from "../units.js";

/** The evenness of voices was measured over pieces of this length. */
export const PIECE_MS = 20;
const WINDOW_MS = 800;
/** A factor of power over the noise floor, 6 dB: as quiet as that, a piece is not loud. */
const OVER_FLOOR = 4;
/** A factor of power, 12 dB: a piece within it is nearly as loud as the loudest. */
const UNDER_LOUDEST = 16;
/** Nothing below this mean square is a voice. */
const VOICE_MINIMUM = (FULL_SCALE * amplitude(-66)) ** 2;
/** The least share of loud pieces in a voice. */
const VOICED_SHARE = 0.525;
/** If more than this share of the loud pieces are within 3 dB of the loudest, it is a hum that was switched on. */
const STEADY_SHARE = 0.65;
/** So many of the loudest pieces do not count for that: there may be a click over the hum. */
const OUTLIERS = 3;
/** The noise floor is the least power of so many half seconds: an utterance has gaps in them, steady noise has none. */
const FLOOR_BUCKET_US = 500 * MS;
const FLOOR_BUCKETS = 6;

/** The pitch is computed at every third piece that may be a voice, because it costs time. */
const PITCH_EVERY = 3;
const PITCHES = 8;
/** The least share of the latest results that are yes in a voice; for breath none are. */
const PITCHED_SHARE = 0.25;
/** To 8 kHz: higher frequencies say nothing about a pitch. */
const DECIMATE = 3;
const RATE_HZ = SAMPLE_RATE_HZ / DECIMATE;
/** Periods in samples at 8 kHz. */
const SHORTEST = Math.floor(RATE_HZ / 400);
const LONGEST = Math.floor(RATE_HZ / 70);
/** 25 ms are compared with what was before them. */
const COMPARED = Math.floor(RATE_HZ / 40);
/** The least normalised correlation of a sound that has a pitch. */
const LIKENESS = 0.5;
/** The least energy of the differences between neighbouring samples, relative to the sound's own. */
const BRIGHTNESS = 0.075;

/** Takes pieces of some 20 ms; `voice` says whether the last 800 ms were a voice. */
export class VoiceDetector {
  #minima = [];
  #bucketUs = 0;
  #powers;
  /** The same in ascending order. */
  #ordered;
  #voicedPieces;
  #pitch = new PitchDetector();
  #pitched = [];
  #untilPitch = 0;
  voice = false;
  /** The mean square in LSB² of the steady noise; 0 if it is not known. */
  noise = 0;

  constructor(pieceMs) {
    const window = Math.max(4, Math.floor(WINDOW_MS / pieceMs));
    this.#powers = new Array(window).fill(0);
    this.#ordered = new Array(window).fill(0);
    this.#voicedPieces = VOICED_SHARE * window;
  }

  /** The mean square of the loudest piece of the last 800 ms. */
  get loudest() {
    return this.#ordered.at(-1);
  }

  /** The capture was opened again. */
  forgetNoise() {
    this.#minima = [];
    this.noise = 0;
  }

  /** Take a piece with this mean square; returns whether it is part of a voice. */
  piece(samples, power, durationUs) {
    this.#pitch.samples(samples);
    this.#learnNoise(power, durationUs);
    const ordered = this.#ordered;
    this.#powers.push(power);
    ordered.splice(countBelow(ordered, this.#powers.shift()), 1);
    ordered.splice(countUpTo(ordered, power), 0, power);
    const limit = Math.max(ordered.at(-1) / UNDER_LOUDEST, OVER_FLOOR * this.noise, VOICE_MINIMUM);
    const loud = ordered.length - countUpTo(ordered, limit);
    const isEven = loud >= this.#voicedPieces && !isSteady(ordered, loud);
    this.voice = isEven && this.#hasPitch(this.noise);
    if (!isEven) {
      this.#pitched = [];
      this.#untilPitch = 0;
    }
    return this.voice && power > limit;
  }

  /** Whether enough of the latest pieces had a pitch. */
  #hasPitch(floor) {
    if (this.#untilPitch === 0) {
      pushLatest(this.#pitched, this.#pitch.isPitched(floor), PITCHES);
      this.#untilPitch = PITCH_EVERY;
    }
    this.#untilPitch -= 1;
    const pitched = this.#pitched.filter((each) => each).length;
    return pitched >= Math.max(1, PITCHED_SHARE * this.#pitched.length);
  }

  /** Its level is the least power of the last seconds. Digital zeros are no noise of a room and do not count. */
  #learnNoise(power, durationUs) {
    if (power <= 0) return;
    const minima = this.#minima;
    if (!minima.length || this.#bucketUs >= FLOOR_BUCKET_US) {
      pushLatest(minima, power, FLOOR_BUCKETS);
      this.#bucketUs = 0;
      this.noise = Math.min(...minima);
    } else if (power < minima.at(-1)) {
      minima[minima.length - 1] = power;
      this.noise = Math.min(this.noise, power);
    }
    this.#bucketUs += durationUs;
  }
}

/** How many values of an ascending list are less than this one. */
function countBelow(ordered, value) {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ordered[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many values of an ascending list are not more than this one. */
function countUpTo(ordered, value) {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value < ordered[middle]) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Whether most of the loud pieces are equally loud; all pieces in ascending order. */
function isSteady(ordered, loud) {
  const top = ordered[ordered.length - 1 - OUTLIERS];
  return ordered.length - countUpTo(ordered, top / 2) > STEADY_SHARE * loud;
}

/** Takes all captured samples, at almost no cost; `isPitched` costs some 30 µs. */
export class PitchDetector {
  #recent = [];
  #count = 0;

  /** Samples were captured: int16, mono, 24 kHz. */
  samples(samples) {
    this.#recent.push(samples);
    this.#count += samples.length;
    while (this.#count - this.#recent[0].length >= DECIMATE * (COMPARED + LONGEST)) {
      this.#count -= this.#recent.shift().length;
    }
  }

  /** Whether the last 40 ms have the pitch of a voice, over white noise of mean square `floor`. */
  isPitched(floor) {
    if (this.#count < DECIMATE * (COMPARED + LONGEST)) return false;
    const wave = this.#wave();
    const noise = DECIMATE * floor * wave.length;
    let steps = 0;
    for (let at = 1; at < wave.length; at++) steps += (wave[at] - wave[at - 1]) ** 2;
    const bright = steps - 2 * noise >= BRIGHTNESS * (squares(wave, 0, wave.length) - noise);
    return bright && likeness(wave) >= LIKENESS;
  }

  /** The latest samples at 8 kHz, without their mean. */
  #wave() {
    const size = COMPARED + LONGEST;
    const wave = new Float64Array(size);
    let skipped = this.#count - DECIMATE * size;
    let at = 0;
    for (const samples of this.#recent) {
      for (const sample of samples) {
        if (skipped > 0) skipped -= 1;
        else wave[Math.floor(at++ / DECIMATE)] += sample;
      }
    }
    const mean = Math.floor(wave.reduce((sum, value) => sum + value, 0) / size);
    return wave.map((value) => value - mean);
  }
}

/** The greatest normalised correlation of the end of `wave` with an earlier part of it, from 0 to 1. */
function likeness(wave) {
  const own = squares(wave, LONGEST, LONGEST + COMPARED);
  if (own === 0) return 0;
  let greatest = -Infinity;
  for (let shift = 0; shift <= LONGEST - SHORTEST; shift++) {
    let product = 0;
    let earlier = 0;
    for (let at = 0; at < COMPARED; at++) {
      const value = wave[shift + at];
      product += value * wave[LONGEST + at];
      earlier += value * value;
    }
    greatest = Math.max(greatest, product / Math.sqrt(own * Math.max(earlier, 1)));
  }
  return greatest;
}

function squares(wave, begin, end) {
  let sum = 0;
  for (let at = begin; at < end; at++) sum += wave[at] * wave[at];
  return sum;
}

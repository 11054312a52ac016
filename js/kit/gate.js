/**
 * The voice gate: a chunk quieter than the threshold is not sent as it is.
 *
 * While the assistant is believed to speak, the interruption threshold applies instead if it is higher, so that the
 * assistant's own echo does not interrupt it. The founding report has both (gate 0.03, interruption 0.1).
 */

import { meanSquare, MS, SAMPLE_RATE_HZ } from "./units.js";

/** A gate that is raised over a noise passes what is this much louder: a factor of power, 6 dB. */
const OVER_NOISE = 4;
/** The noise is gone when the steady noise is this factor of power, 12 dB, below it. */
const NOISE_GONE = 16;
const FIRST_AUDIBLE_LSB = 100;

/** Decides for each chunk; `open` disables it permanently. */
export class Gate {
  #fromSettings;
  #listening;
  #speaking;
  #holdUs;
  #heldUntil = -1;
  #noise = 0;
  /** Whether its threshold is raised over a noise. */
  raised = false;

  constructor(settings) {
    this.skips = settings.gate_mode === "skip";
    const listening = settings.gate_mode === "off" ? 0 : settings.gate_threshold;
    const speaking = Math.max(listening, settings.interruption_threshold);
    this.#fromSettings = [meanSquare(listening), meanSquare(speaking)];
    [this.#listening, this.#speaking] = this.#fromSettings;
    this.#holdUs = settings.gate_hold_ms * MS;
  }

  /** The mean squares that a chunk must reach to pass: while the assistant listens, and while it speaks. */
  get limits() {
    return [this.#listening, this.#speaking];
  }

  /** How long the gate stays open after the last chunk above the threshold. */
  get holdUs() {
    return this.#holdUs;
  }

  /** Whether nothing is ever gated. */
  get isOpen() {
    return this.#speaking === 0;
  }

  /** Let everything pass from now on. */
  open() {
    this.raised = false;
    this.#listening = this.#speaking = 0;
  }

  /** Remove a noise of this mean square in LSB² from now on, and let pass what is 6 dB louder. */
  raiseOver(noise) {
    this.raised = true;
    this.#noise = noise;
    this.#listening = Math.max(this.#listening, OVER_NOISE * noise);
    this.#speaking = Math.max(this.#speaking, this.#listening);
  }

  /** The steady noise now has this mean square; lower the gate again if the noise it was raised over is gone. */
  settle(noise) {
    if (this.raised && 0 < NOISE_GONE * noise && NOISE_GONE * noise < this.#noise) {
      this.raised = false;
      [this.#listening, this.#speaking] = this.#fromSettings;
    }
  }

  /** Whether a chunk is sent as it is; `energy`: the sum of the squares of its samples. */
  passes(energy, samples, assistantSpeaking, now) {
    if (energy >= (assistantSpeaking ? this.#speaking : this.#listening) * samples) {
      this.#heldUntil = now + this.#holdUs;
      return true;
    }
    return now <= this.#heldUntil;
  }
}

/**
 * The log line of the founding report: `First audio chunk is silent (max: 41)`.
 *
 * It is logged when listening begins, once a second, until a chunk has a peak of 100 LSB.
 */
export class FirstChunkLog {
  #untilNext = 0;
  /** Whether no audible chunk was captured since listening began. */
  waiting = true;

  /** Listening begins again. */
  listen() {
    this.waiting = true;
    this.#untilNext = 0;
  }

  /** The line to log for this chunk, or null. */
  chunk(peak, samples) {
    if (!this.waiting) return null;
    if (peak >= FIRST_AUDIBLE_LSB) {
      this.waiting = false;
      return null;
    }
    const due = this.#untilNext <= 0;
    this.#untilNext += due ? SAMPLE_RATE_HZ - samples : -samples;
    return due ? `First audio chunk is silent (max: ${peak})` : null;
  }
}

/** Monitors the captured audio, before the gate: is there a voice, and does the capture still work? */

import { energyOf } from "../chunk.js";
import { amplitude, FULL_SCALE, MS, SAMPLE_RATE_HZ, SECOND } from "../units.js";
import { CaptureRate, LoopDetector, Overload } from "./anomalies.js";
import { NoiseProfile } from "./noise_profile.js";
import { PIECE_MS, VoiceDetector } from "./voice.js";

/** A factor of power over the noise floor, 12 dB, that proves that the capture works: a door, a key, a voice. */
const STANDS_OUT = 16;
/** After the assistant spoke, a voice may be its echo for this long: the window of the voice detector and 200 ms. */
const ECHO_US = SECOND;
const PIECE_SAMPLES = (SAMPLE_RATE_HZ * PIECE_MS) / 1000;

/** Takes every chunk before the gate. */
export class CaptureMonitor {
  #gapUs;
  #deadPower;
  #voice;
  #profile;
  #loop = new LoopDetector();
  #rate = new CaptureRate();
  #overload;
  #lastChunk = null;
  #echoUntil = 0;
  /** Whether a chunk was above the dead level since the capture was opened. */
  proven = false;
  /** Whether the last chunk was above the dead level. */
  loud = false;

  constructor(settings) {
    this.#gapUs = settings.capture_gap_ms * MS;
    this.#deadPower = (FULL_SCALE * amplitude(settings.capture_dead_dbfs)) ** 2;
    this.#voice = new VoiceDetector(Math.min(settings.chunk_ms, PIECE_MS));
    this.#profile = new NoiseProfile(settings);
    this.#overload = new Overload(this.#deadPower);
  }

  /**
   * A chunk was captured; returns whether it is part of a voice.
   *
   * While the assistant speaks nobody is expected to speak, so that quiet does not count as background.
   */
  chunk(captured, durationUs, assistantSpeaking, now) {
    this.#lastChunk = now;
    if (assistantSpeaking) this.#echoUntil = now + ECHO_US;
    this.#rate.chunk(durationUs, now);
    this.#loop.chunk(captured.pcm, durationUs);
    this.#overload.chunk(captured, durationUs);
    const pieces = piecesOf(captured);
    let voiced = 0;
    let standsOut = false;
    for (const { samples, energy } of pieces) {
      const power = energy / samples.length;
      const pieceUs = Math.floor((samples.length * SECOND) / SAMPLE_RATE_HZ);
      if (this.#voice.piece(samples, power, pieceUs)) voiced += 1;
      const noise = this.#voice.noise;
      this.#overload.floor(noise, this.#profile.floor, pieceUs);
      standsOut = standsOut || power >= Math.max(this.#deadPower, STANDS_OUT * noise);
    }
    if (this.voice) {
      this.#profile.voice(this.#voice.loudest, durationUs, now < this.#echoUntil);
    } else if (standsOut) {
      this.#profile.stoodOut(Math.max(...pieces.map(({ samples, energy }) => energy / samples.length)));
    } else if (!assistantSpeaking) {
      this.#profile.background(captured);
    }
    this.loud = pieces.some(({ samples, energy }) => energy >= this.#deadPower * samples.length);
    this.proven = this.proven || this.loud;
    return 2 * voiced >= pieces.length;
  }

  /** The session begins: chunks are expected from now on, if none was captured yet. */
  expect(now) {
    this.#lastChunk ??= now;
  }

  /** The app returned from the background. */
  returned() {
    this.#profile.returned();
  }

  /** The capture was opened again: forget what was wrong with it, and give it time. */
  reopened(now) {
    this.#lastChunk = now;
    this.proven = false;
    this.#profile.reopened();
    this.#loop.reset();
    this.#rate.reset();
    this.#overload.reset();
    this.#voice.forgetNoise();
  }

  // --- what is known ---

  /** Whether the last 800 ms were a voice. */
  get voice() {
    return this.#voice.voice;
  }

  /** The mean square in LSB² of the steady noise; 0 if it is not known. */
  get noise() {
    return this.#voice.noise;
  }

  /** Whether no chunk was captured for too long. */
  stopped(now) {
    return this.#lastChunk !== null && now - this.#lastChunk >= this.#gapUs;
  }

  /** Whether the background does not match a real room for too long: the capture is dead. */
  get silent() {
    return this.#profile.mismatch;
  }

  /** Whether the capture is looped, at a wrong rate, clipped, or drowned in noise. */
  get garbled() {
    return this.#loop.isLoop || this.#rate.isWrong || this.#overload.isClipped || this.#overload.isDrowned;
  }
}

/** The chunk in pieces of 20 ms with their energies; voices are recognised by pieces of this length. */
function piecesOf(captured) {
  const { samples } = captured;
  if (samples.length < 2 * PIECE_SAMPLES) return [{ samples, energy: captured.energy }];
  const pieces = [];
  for (let start = 0; start < samples.length; start += PIECE_SAMPLES) {
    const piece = samples.subarray(start, start + PIECE_SAMPLES);
    pieces.push({ samples: piece, energy: energyOf(piece) });
  }
  return pieces;
}
